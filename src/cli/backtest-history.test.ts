import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openHistoryBench, SPLIT } from "./testing/history.ts";
import { openBench, type Bench } from "./testing/run.ts";

const MINUTE = 60_000;
const EVENTS = [
  { ago: 200 * MINUTE, title: "long ago", severity: "high" },
  { ago: 90 * MINUTE, title: "A", severity: "high" },
  { ago: 30 * MINUTE, title: "B", severity: "high" },
  { ago: 20 * MINUTE, title: "C", severity: "low" },
];
/** Nobody hears of what is low, and two of the same hour come together. */
const QUIETER = `sources: { sensor: { kind: generic } }
destinations: { soc: { kind: log }, archive: { kind: log } }
routes:
  - { name: urgent, match: "severity >= high", to: [soc] }
  - { name: rest, to: [] }
`;

let bench: Bench;
beforeEach(async () => {
  bench = await openHistoryBench(SPLIT, EVENTS);
});
afterEach(() => bench.dispose());

test("says what would have been sent, by destination and by hour", async () => {
  const { report, before, comparison } = await bench.json("backtest", "--since", "2h");
  expect(report).toMatchObject({ entries: 3, messages: 3, unreached: 0, outcomes: { alert: 3 } });
  expect(report.destinations).toEqual([
    {
      name: "archive",
      messages: 1,
      alerts: 1,
      hours: [{ hour: "2026-03-01T09:00:00.000Z", messages: 1 }],
    },
    {
      name: "soc",
      messages: 2,
      alerts: 2,
      hours: [
        { hour: "2026-03-01T08:00:00.000Z", messages: 1 },
        { hour: "2026-03-01T09:00:00.000Z", messages: 1 },
      ],
    },
  ]);
  expect([before, comparison]).toEqual([null, null]);
});

test("against another configuration: more, fewer, and what would reach nobody any more", async () => {
  writeFileSync(join(bench.folder, "old.yaml"), SPLIT);
  writeFileSync(join(bench.folder, "tocsin.yaml"), QUIETER);
  const { code, out } = await bench.run("backtest", "--since", "2h", "--against", "old.yaml");
  expect(code).toBe(1);
  expect(out).toMatch(/archive +1 +0 +-1\nsoc +2 +2 +0\n/);
  expect(out).toMatch(
    /1 event reached somebody before and would reach nobody\nEVENT.*\nALR-000004 +low +C\n/,
  );
});

test("nothing is lost the other way round, and what is gained is counted", async () => {
  writeFileSync(join(bench.folder, "old.yaml"), QUIETER);
  const { comparison } = await bench.json("backtest", "--since", "2h", "--against", "old.yaml");
  expect(comparison).toMatchObject({ lost: 0, gained: 1 });
});

test("what still waits at the end, for its group or the morning, is not lost", async () => {
  writeFileSync(join(bench.folder, "old.yaml"), SPLIT);
  const grouped = SPLIT.replace("to: [soc]", "to: [soc], group_by: [severity], group_wait: 2h");
  writeFileSync(join(bench.folder, "tocsin.yaml"), grouped);
  const argv = ["backtest", "--since", "2h", "--against", "old.yaml"];
  const { report, comparison } = await bench.json(...argv);
  expect(report).toMatchObject({ messages: 1, waiting: 1, unreached: 0 });
  expect(comparison).toMatchObject({ lost: 0 });
  expect((await bench.run(...argv)).out).toContain("\n1 message that still waits at the end\n");
});

test("decides nothing in earnest: the log waits as before", async () => {
  await bench.run("backtest", "--since", "1d");
  const { decided_to, outcomes } = await bench.json("audit");
  expect([decided_to, outcomes.alert]).toEqual([0, 0]);
});

test.each([
  [["--since", "1h", "--until", "2h"], 64, "--until is not behind --since"],
  [[], 64, "required option '--since <time>'"],
  [["--since", "1h", "--against", "gone.yaml"], 2, "gone.yaml cannot be read"],
])("backtest %j fails with %i and a hint", async (argv, expected, message) => {
  const { code, err } = await bench.run("backtest", ...argv);
  expect(code).toBe(expected);
  expect(err).toContain(message);
  expect(err).toMatch(/\n {2}hint: \S/);
});

test("without data it says so", async () => {
  const empty = openBench();
  const { code, err } = await empty.run("backtest", "--since", "1h");
  expect(code).toBe(2);
  expect(err).toContain("Start Tocsin once");
  empty.dispose();
});
