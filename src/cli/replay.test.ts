import { afterEach, beforeEach, expect, test } from "vitest";
import { NOON } from "../ledger/testing/folder.ts";
import { openDataBench, type DataBench } from "./testing/data.ts";

let bench: DataBench;
beforeEach(async () => {
  bench = await openDataBench(NOON);
  await bench.data.deliver("chat", "delivered");
  await bench.data.deliver("desk", "rejected");
});
afterEach(() => bench.close());

test("what was delivered and what died is put back; what a shadow route held back is not", async () => {
  expect(await bench.json("replay", "--since", "1h")).toEqual({
    dry_run: false,
    alerts: 2,
    deliveries: 3,
    replayed: 3,
    destinations: { chat: 2, desk: 1 },
  });
  expect(await bench.data.deliver("chat", "delivered")).toBe(2);
  expect(await bench.data.deliver("desk", "delivered")).toBe(1);
});

test("a dry run says how many and puts nothing back", async () => {
  const { code, out } = await bench.run("replay", "--since", "1h", "--dry-run");
  expect(code).toBe(0);
  expect(out).toMatch(/^would put back 3 deliveries of 2 alerts\nDESTINATION +DELIVERIES\n/);
  expect(await bench.data.deliver("chat", "delivered")).toBe(0);
});

test.each([
  [["--destination", "desk"], 1],
  [["--query", "severity: medium"], 1],
  [["--query", "severity: medium", "--destination", "desk"], 0],
  [["--until", "30m"], 0],
  [["--until", "2026-05-04T12:00:01Z"], 3],
])("replay --since 1h %j", async (argv, expected) => {
  expect(await bench.json("replay", "--since", "1h", ...argv)).toMatchObject({
    replayed: expected,
  });
});

test("the tries so far stay on record", async () => {
  await bench.run("replay", "--since", "1h");
  await bench.data.deliver("desk", "delivered");
  const [{ id }] = (await bench.json("deliveries", "--destination", "desk", "--state", "delivered"))
    .items;
  expect((await bench.json("deliveries", "show", String(id))).attempts).toHaveLength(2);
});

test.each([
  [[], 64, "required option '--since <time>' not specified"],
  [["--since", "1h", "--until", "2h"], 64, "--until is not behind --since"],
  [["--since", "soon"], 64, "argument 'soon' is invalid"],
  [["--since", "1h", "--query", "a: ("], 2, ""],
])("replay %j fails with %i and a hint", async (argv, expected, message) => {
  const { code, err } = await bench.run("replay", ...argv);
  expect(code).toBe(expected);
  expect(err).toContain(message);
  expect(err).toMatch(/\n {2}hint: \S/);
});
