import { afterEach, beforeEach, expect, test } from "vitest";
import { anEntry, NOON } from "../ledger/testing/folder.ts";
import { openDataBench, type DataBench } from "./testing/data.ts";

let bench: DataBench;
beforeEach(async () => {
  bench = await openDataBench(NOON);
  await bench.data.deliver("chat", "rejected");
  await bench.data.deliver("desk", "rejected");
});
afterEach(() => bench.close());

interface Delivery {
  readonly id: number;
  readonly destination: string;
  readonly alert: { readonly number: string };
}

const dead = async (...argv: string[]): Promise<Delivery[]> =>
  (await bench.json("dead", "list", ...argv)).items;

test("dead letters are listed, all or of one destination", async () => {
  expect(await dead()).toHaveLength(3);
  expect((await dead("--destination", "desk")).map(({ destination }) => destination)).toEqual([
    "desk",
  ]);
  expect((await bench.run("dead")).out).toContain("no such channel");
});

test("one is replayed by its number, and only that", async () => {
  const [first] = await dead("--destination", "desk");
  expect(await bench.json("dead", "replay", String(first?.id))).toEqual({ replayed: 1 });
  expect(await dead()).toHaveLength(2);
  expect(await bench.data.deliver("desk", "delivered")).toBe(1);
});

test("those of an alert are replayed by its number", async () => {
  expect((await bench.run("dead", "replay", "ALR-000001")).out).toBe("put back 2 deliveries\n");
  expect((await dead()).map(({ alert }) => alert.number)).toEqual(["ALR-000002"]);
});

test("those of a destination are replayed in bulk", async () => {
  expect(await bench.json("dead", "replay", "--destination", "chat")).toEqual({ replayed: 2 });
  expect((await dead()).map(({ destination }) => destination)).toEqual(["desk"]);
});

test("all are replayed, and a second time there are none", async () => {
  expect(await bench.json("dead", "replay", "--all")).toEqual({ replayed: 3 });
  expect(await bench.run("dead", "replay", "--all")).toMatchObject({
    code: 0,
    out: "put back 0 deliveries\n",
  });
});

test("what was delivered is not sent again by mistake", async () => {
  await bench.data.receive([anEntry("k:9")]);
  await bench.data.decide();
  await bench.data.deliver("chat", "delivered");
  const [delivered] = (await bench.json("deliveries", "--state", "delivered")).items as Delivery[];
  const [letter] = await dead();
  const ids = [String(letter?.id), String(delivered?.id)];
  const { code, err } = await bench.run("dead", "replay", ...ids);
  expect(code).toBe(1);
  expect(err).toContain(`${delivered?.id} is no dead letter`);
  expect(await dead()).toHaveLength(3);
});

test.each([
  [["replay"], 64, "nothing is named"],
  [["replay", "1", "--all"], 64, "ids stand beside --all"],
  [["replay", "999"], 1, "there is no delivery 999"],
])("dead %j fails with %i and a hint", async (argv, expected, message) => {
  const { code, err } = await bench.run("dead", ...argv);
  expect(code).toBe(expected);
  expect(err).toContain(message);
  expect(err).toMatch(/\n {2}hint: \S/);
});
