import { afterEach, beforeEach, expect, test } from "vitest";
import { FLUSHED, openBusyFolder } from "../ledger/testing/busy.ts";
import { anEntry } from "../ledger/testing/folder.ts";
import { openDataBench, type DataBench } from "./testing/data.ts";
import { openBench } from "./testing/run.ts";

let bench: DataBench;
beforeEach(async () => void (bench = await openDataBench()));
afterEach(() => bench.close());

test("an alert is explained stage by stage, with its deliveries and their attempts", async () => {
  await bench.data.deliver("desk", "rejected");
  const { code, out } = await bench.run("explain", "ALR-000001");
  expect(code).toBe(0);
  expect(out).toMatch(/^event \S{26} from sensor, received 2026-05-04 12:00:00Z\n {2}key +k:1\n/);
  expect(out).toMatch(/\n {2}outcome +alert \(new_event\)\n/);
  expect(out).toMatch(
    /\n {2}normalise +read +source_understood +read as an event of source sensor .*severity high/,
  );
  expect(out).toMatch(/\n {2}identify +new +new_event +its key k:1 had not come before\n/);
  expect(out).toMatch(
    /\n {2}route +routed +route_matched +taken by urgent \(severity: high\) → chat, desk\n/,
  );
  expect(out).toMatch(/\n {2}dead #\d+ ALR-000001 → desk \(rejected_by_peer\)\n/);
  expect(out).toMatch(/\n +try 1 .*no such channel\n/);
});

test("explain --json has the steps, the deliveries and the events", async () => {
  const found = await bench.json("explain", "ALR-000001");
  expect(found).toMatchObject({
    event: { outcome: "alert" },
    alert: { number: "ALR-000001", routing: "routed" },
    deliveries: [{ attempts: [] }, { attempts: [] }],
    events: [{ outcome: "alert" }],
  });
  expect(found.steps.map(({ stage }: { stage: string }) => stage)).toEqual(
    expect.arrayContaining(["normalise", "identify", "route"]),
  );
});

test("what people did to an alert is told with who did it", async () => {
  await bench.run("alert", "ack", "ALR-000001", "--as", "ann", "--comment", "mine");
  await bench.run("alert", "close", "ALR-000001", "--as", "bob", "--verdict", "false_positive");
  const { out } = await bench.run("explain", "ALR-000001");
  expect(out).toMatch(
    /\nWhat people did:\n {2}\S+ \S+ {2}ann {2}acknowledged\n {2}\S+ \S+ {2}ann {2}mine\n {2}\S+ \S+ {2}bob {2}closed as false_positive\n/,
  );
  const { actions } = await bench.json("explain", "ALR-000001");
  expect(actions.map(({ kind }: { kind: string }) => kind)).toEqual([
    "alert.changed",
    "alert.commented",
    "alert.changed",
  ]);
});

test("an alert that no route took says so", async () => {
  expect((await bench.run("explain", "ALR-000003")).out).toContain("No delivery: it is unrouted.");
});

test("a repeat is explained with its alert: what opened it, the latest event, and what is to come", async () => {
  const data = await openBusyFolder();
  const busy = openBench({ env: { TOCSIN_DATA: data.path }, now: () => FLUSHED });
  const { events } = await busy.json("explain", "ALR-000001");
  const { out } = await busy.run("explain", events[1].id);
  expect(out).toContain("\n  outcome  repeat of ALR-000001 (fold_policy)\n");
  expect(out).toMatch(/\nALR-000001 +critical +Odd login\n {2}seen 4 times, in CASE-000001\n/);
  expect(out).toMatch(/\nHow the event that opened it was decided:\n {2}normalise /);
  expect(out).toMatch(/\nWhere later events sent it:\n {2}route .* → desk\n/);
  expect(out).toMatch(/\nHow the latest event was decided:\n {2}normalise /);
  expect(out).toMatch(
    /\nWhat is to come, or would have come:\n {2}event \S+ repeats ALR-000001, .*\n {2}reminder for chat at 2026-05-04 16:00:30Z /,
  );
  busy.dispose();
  await data.remove();
});

test("a quarantined event is explained with the way to its bytes", async () => {
  const [{ id }] = (await bench.json("quarantine")).items;
  const { code, out } = await bench.run("explain", id);
  expect(code).toBe(0);
  expect(out).toContain("outcome  quarantined (unreadable: not JSON)");
  expect(out).toContain(`tocsin quarantine show ${id}`);
  expect((await bench.json("explain", id)).alert).toBeNull();
});

test("an event that is not decided yet is in flight", async () => {
  const { entries } = await bench.data.receive([anEntry("k:9")]);
  const number = `ALR-${String(entries[0]?.position).padStart(6, "0")}`;
  expect((await bench.run("explain", number)).out).toContain("outcome  in_flight");
});

test("what it prints cannot command the terminal", async () => {
  const { out } = await bench.run("explain", "ALR-000002");
  expect(out).toContain("cleared");
  // oxlint-disable-next-line no-control-regex -- that is what is looked for
  expect(out).not.toMatch(/[\u0007\u001b\u202e]/);
});

test("what is not there is answered with exit code 1", async () => {
  const { code, err } = await bench.run("explain", "ALR-000077");
  expect(code).toBe(1);
  expect(err).toMatch(/^tocsin: ledger: there is no event ALR-000077\n {2}hint: /);
});
