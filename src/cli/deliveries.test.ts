import { afterEach, beforeEach, expect, test } from "vitest";
import { FLUSHED, openBusyFolder } from "../ledger/testing/busy.ts";
import { NOON } from "../ledger/testing/folder.ts";
import { openDataBench, type DataBench } from "./testing/data.ts";
import { openBench } from "./testing/run.ts";

let bench: DataBench;
beforeEach(async () => {
  bench = await openDataBench(NOON);
  await bench.data.deliver("chat", "delivered");
  await bench.data.deliver("desk", "rejected");
});
afterEach(() => bench.close());

test("deliveries are listed with state, tries and what went wrong", async () => {
  const { code, out } = await bench.run("deliveries");
  expect(code).toBe(0);
  expect(out).toMatch(/^ID +STATE +KIND +DESTINATION +ALERT +TRIES/);
  expect(out).toMatch(/ delivered +alert +chat +ALR-000001 +1 /);
  expect(out).toMatch(/ dead +alert +desk +ALR-000001 +1 .* rejected_by_peer +no such channel/);
  expect(out).toMatch(/ suppressed +alert +desk +ALR-000002 +0 .* shadow_route/);
  expect(out).not.toContain("\u001b");
});

test.each([
  [["--state", "dead"], ["ALR-000001"]],
  [
    ["--destination", "desk"],
    ["ALR-000002", "ALR-000001"],
  ],
  [
    ["--alert", "ALR-000002"],
    ["ALR-000002", "ALR-000002"],
  ],
  [["--state", "delivered", "--alert", "ALR-000002"], ["ALR-000002"]],
  [["--limit", "1"], [expect.any(String)]],
])("deliveries %j", async (argv, alerts) => {
  const { items } = await bench.json("deliveries", "list", ...argv);
  const found = items.map(({ alert }: { alert: { number: string } }) => alert.number);
  expect(found).toEqual(alerts);
});

test("a delivery is shown with its attempts", async () => {
  const [{ id }] = (await bench.json("deliveries", "--state", "dead")).items;
  const { code, out } = await bench.run("deliveries", "show", String(id));
  expect(code).toBe(0);
  expect(out).toMatch(/^dead #\d+ ALR-000001 → desk \(rejected_by_peer\)\n {2}route urgent\n/);
  expect(out).toMatch(
    / {2}try 1 {2}2026-05-04 12:00:01Z {2}reject {2}rejected {2}400 {2}12ms {2}no such/,
  );
  expect(await bench.json("deliveries", "show", String(id))).toMatchObject({
    id,
    attempts: [{ number: 1, verdict: "reject", status: 400 }],
  });
});

test("a delivery that waits says when it is tried next", async () => {
  await bench.run("dead", "replay", "--all");
  await bench.data.deliver("desk", "delivered");
  await bench.run("replay", "--since", "1h", "--destination", "chat");
  await bench.data.deliver("chat", "failed");
  const [{ id }] = (await bench.json("deliveries", "--state", "pending")).items;
  const { out } = await bench.run("deliveries", "show", String(id));
  expect(out).toMatch(/^pending #\d+ .* \(failed, tried next 2026-05-04 12:00:06Z\)\n/);
});

test("what waits, a digest and what is folded into it are shown as they are", async () => {
  const data = await openBusyFolder();
  const busy = openBench({ env: { TOCSIN_DATA: data.path }, now: () => FLUSHED });
  const list = (await busy.run("deliveries")).out;
  expect(list).toMatch(/ delivered +digest of 2 +chat +ALR-000001 /);
  expect(list).toMatch(
    / pending +reminder +chat +ALR-000001 .* 2026-05-04 16:00:30Z +repeat_wait /,
  );
  expect((await busy.run("deliveries", "show", "1")).out).toContain(
    "\n  digest of 2 alerts (group_digest grouped): ALR-000001, ALR-000002\n",
  );
  expect((await busy.run("deliveries", "show", "2")).out).toMatch(
    /^folded #2 ALR-000002 → chat \(in_digest\)\n.*\n {2}told by #1 of ALR-000001, delivered 2026-05-04 12:00:01Z\n$/,
  );
  expect((await busy.run("deliveries", "show", "3")).out).toMatch(
    /^pending #3 ALR-000001 → chat, reminder \(repeat_wait, held until 2026-05-04 16:00:30Z\)\n/,
  );
  busy.dispose();
  await data.remove();
});

test.each([
  [["show", "999"], 1, "there is no delivery 999"],
  [["show", "x"], 64, "'x' is invalid"],
  [["--state", "lost"], 64, "argument 'lost' is invalid"],
  [["--alert", "ALR-x"], 1, "there is no ALR-x"],
])("deliveries %j fails with %i and a hint", async (argv, expected, message) => {
  const { code, err } = await bench.run("deliveries", ...argv);
  expect(code).toBe(expected);
  expect(err).toContain(message);
  expect(err).toMatch(/\n {2}hint: \S/);
});
