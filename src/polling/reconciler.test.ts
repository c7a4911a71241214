import { afterEach, beforeEach, expect, it } from "vitest";
import { fail } from "../errors.ts";
import { Reconciler } from "./reconciler.ts";
import { Rig, START } from "./testing/rig.ts";

const MINUTE = 60_000;

let rig: Rig;
let reconciler: Reconciler;
let runs: number[];
let result: () => Promise<number>;
beforeEach(() => {
  rig = new Rig();
  runs = [];
  result = async () => 0;
});
afterEach(() => reconciler.stop());

function start(every: number): void {
  reconciler = new Reconciler({
    source: "lab",
    every,
    clock: rig.clock,
    telemetry: { emit: (event) => void rig.events.push(event) },
    async run() {
      runs.push((rig.clock.now() - START) / MINUTE);
      const missing = await result();
      const time = new Date(START).toISOString();
      const counts = { found: 9, missing_count: missing, before_start_count: 4 };
      return {
        source: "lab",
        since: time,
        until: time,
        missing: [],
        ...counts,
        backfilled: missing,
      };
    },
  });
  reconciler.start();
}

it("compares soon after the start, and then at its pace", async () => {
  start(60 * MINUTE);
  await rig.pass(130 * MINUTE);
  expect(runs).toEqual([5, 65, 125]);
});

it("compares as often as it is told where that is more often", async () => {
  start(MINUTE);
  await rig.pass(3 * MINUTE);
  expect(runs).toEqual([1, 2, 3]);
});

it("tells what the last comparison found, without what was left out on purpose", async () => {
  result = async () => 2;
  start(MINUTE);
  expect(reconciler.last).toBeNull();
  await rig.pass(MINUTE);
  expect(reconciler.last).toEqual({ missing: 2, at: START + MINUTE });
  expect(rig.emitted("reconcile_finished")).toMatchObject([
    { source: "lab", found: 9, missing: 2, backfilled: 2 },
  ]);
});

it("goes on after one that failed, and says so", async () => {
  result = async () => {
    throw fail("REQUEST_FAILED", { component: "cluster lab", message: "it is down" });
  };
  start(MINUTE);
  await rig.pass(2 * MINUTE);
  expect([runs, rig.emitted("reconcile_failed").length]).toEqual([[1, 2], 2]);
  expect(reconciler.last).toBeNull();
});

it("never runs twice at once, and a stop waits for the one under way", async () => {
  let finish = () => {};
  result = () => new Promise((resolve) => (finish = () => resolve(0)));
  start(MINUTE);
  await rig.pass(10 * MINUTE);
  expect(runs).toEqual([1]);
  let isOver = false;
  const stopped = reconciler.stop().then(() => (isOver = true));
  await rig.settle();
  expect(isOver).toBe(false);
  finish();
  await stopped;
  expect(rig.clock.alarms()).toEqual([]);
});
