import { afterEach, beforeEach, expect, test } from "vitest";
import { FLUSHED, onHost, openBusyFolder } from "../ledger/testing/busy.ts";
import { anEntry, NOON } from "../ledger/testing/folder.ts";
import { openDataBench, type DataBench } from "./testing/data.ts";
import { fakeSignals, openBench } from "./testing/run.ts";

let bench: DataBench;
beforeEach(async () => void (bench = await openDataBench(NOON)));
afterEach(() => bench.close());

/** Follows; before each look the next of `steps` happens, and behind the last comes Ctrl-C. */
async function follow(argv: string[], ...steps: (() => Promise<unknown>)[]) {
  const signals = fakeSignals();
  const left = [...steps];
  const wait = async () => {
    const step = left.shift();
    if (step) await step();
    else signals.send("SIGINT");
  };
  const result = await bench.runWith({ wait, onStop: signals.onStop }, "tail", ...argv);
  expect(signals.listening).toBe(false);
  return { ...result, lines: result.out.trimEnd().split("\n") };
}

const columns = (lines: readonly string[]) =>
  lines.map((line) => line.split(/ {2,}/).slice(1, 4).join(" | "));

test("--no-follow prints the newest alerts in the order they came, and ends", async () => {
  const { code, out } = await bench.run("tail", "--no-follow", "-n", "2");
  expect(code).toBe(0);
  expect(out).toMatch(/^2026-05-04 12:00:00Z +medium +ALR-000002 +sensor +Medium \[2Jcleared\n/);
  expect(out).toMatch(/\n.* critical +ALR-000003 +sensor +Nobody's +\(unrouted\)\n$/);
  expect(out).not.toContain("ALR-000001");
  // oxlint-disable-next-line no-control-regex -- that is what is looked for
  expect(out).not.toMatch(/[\u0007\u001b\u202e]/);
});

test("--since begins with everything from then on", async () => {
  const recent = await bench.run("tail", "--no-follow", "--since", "10m");
  expect(recent.out.match(/ALR-\d+ +sensor/g)).toHaveLength(3);
  const later = await bench.run("tail", "--no-follow", "--since", "2026-05-04T12:00:01Z");
  expect(later.out).toBe("");
});

test("new alerts and every try of their deliveries are printed as they come, once", async () => {
  const { code, lines } = await follow(
    ["-n", "1"],
    async () => {
      await bench.data.receive([anEntry("k:9", { alert: { severity: "medium" } })]);
      await bench.data.decide();
    },
    () => bench.data.deliver("desk", "rejected"),
    () => bench.data.deliver("chat", "delivered"),
    async () => {},
  );
  expect(code).toBe(0);
  expect(columns(lines)).toEqual([
    "critical | ALR-000003 | sensor",
    "medium | ALR-000005 | sensor",
    "suppressed | ALR-000005 | → desk",
    "dead | ALR-000001 | → desk",
    "delivered | ALR-000001 | → chat",
    "delivered | ALR-000002 | → chat",
    "delivered | ALR-000005 | → chat",
  ]);
  expect(lines[3]).toMatch(/→ desk {2}try 1, reject \(rejected\), 12ms, no such channel$/);
});

test("a try that will be repeated says when, and is told once", async () => {
  const { lines } = await follow(
    ["-n", "1"],
    () => bench.data.deliver("desk", "failed"),
    async () => {
      bench.data.tamper("store", "UPDATE deliveries SET due_at = 0 WHERE state = 'pending'");
      await bench.data.deliver("desk", "delivered");
    },
  );
  expect(lines).toHaveLength(3);
  expect(lines[1]).toMatch(
    /pending +ALR-000001 +→ desk +try 1, retry \(failed\), 12ms, down for repairs, next 2026-05-04T12:00:06/,
  );
  expect(lines[2]).toMatch(/delivered +ALR-000001 +→ desk +try 2, 200, 12ms$/);
});

test("what waits, what a digest tells and reminders are printed as they come", async () => {
  const data = await openBusyFolder();
  const busy = openBench({ env: { TOCSIN_DATA: data.path }, now: () => FLUSHED });
  const signals = fakeSignals();
  const receive = async (key: string, host: string) => {
    await data.receive([onHost(key, host)], { received_at: FLUSHED });
    await data.decide();
  };
  const reminded = FLUSHED + 5 * 3_600_000;
  const steps = [
    () => receive("x", "x"),
    () => receive("y", "y"),
    () => data.fireTimers(FLUSHED + 10 * 60_000),
    () => data.deliver("chat", "delivered", FLUSHED + 10 * 60_000),
    () => receive("z", "x"),
    () => data.fireTimers(reminded),
    () => data.deliver("chat", "delivered", reminded),
  ];
  const wait = async () => {
    const step = steps.shift();
    if (step) await step();
    else signals.send("SIGINT");
  };
  const { out } = await busy.runWith({ wait, onStop: signals.onStop }, "tail", "-n", "1");
  const lines = out
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/ {2,}/).slice(1).join(" | "));
  expect(lines).toEqual([
    "high | ALR-000002 | sensor | Odd login",
    "folded | ALR-000002 | → chat | told by the digest of ALR-000001",
    "high | ALR-000006 | sensor | Odd login",
    "pending | ALR-000006 | → chat | group_wait, until 2026-05-04T12:05:30.000Z",
    "high | ALR-000007 | sensor | Odd login",
    "pending | ALR-000007 | → chat | group_wait, until 2026-05-04T12:05:30.000Z",
    "folded | ALR-000007 | → chat | told by the digest of ALR-000006",
    "delivered | ALR-000006 | → chat | digest of 2, try 1, 200, 12ms",
    "pending | ALR-000006 | → chat | reminder, repeat_wait, until 2026-05-04T16:00:30.000Z",
    "folded | ALR-000006 | → chat | reminder, told by the digest of ALR-000001",
    "delivered | ALR-000001 | → chat | digest of 2, try 1, 200, 12ms",
  ]);
  busy.dispose();
  await data.remove();
});

test("--json prints one document a line", async () => {
  const { lines } = await follow(["-n", "1", "--json"], () =>
    bench.data.deliver("chat", "delivered"),
  );
  expect(lines.map((line) => Object.keys(JSON.parse(line)))).toEqual([
    ["alert"],
    ["delivery"],
    ["delivery"],
  ]);
});

test("it ends quietly when nobody reads any more", async () => {
  const closed = new AbortController();
  const wait = async () => closed.abort();
  const world = { wait, stdoutClosed: closed.signal };
  expect(await bench.runWith(world, "tail")).toMatchObject({ code: 0, err: "" });
});

test("without data there is nothing to follow", async () => {
  const { code, err } = await bench.run("tail", "--data", "nowhere");
  expect(code).toBe(2);
  expect(err).toMatch(/\n {2}hint: /);
});
