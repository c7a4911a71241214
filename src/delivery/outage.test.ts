/** What an outlet does when its peer was down, over a real store. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { VirtualClock } from "../../test/timeline/virtual-clock.ts";
import type { Verdict } from "../destinations/destination.ts";
import { aDecision, aDelivery } from "../pipeline/testing/builders.ts";
import { openSqliteStore } from "../store/sqlite/store.ts";
import type { Store } from "../store/store.ts";
import { commitNow } from "../store/testing/builders.ts";
import { silentTelemetry } from "../telemetry/telemetry.ts";
import { Outlet, type OutletSettings } from "./outlet.ts";

const SECOND = 1000;
const DAY = 86_400 * SECOND;
const DOWN: Verdict = { kind: "retry", reason: "refused", error: "connection refused" };
const OK: Verdict = { kind: "delivered" };

let folder: string;
let store: Store;
let clock: VirtualClock;
let outlet: Outlet;
/** Numbers of the alerts that were sent, in order, with when. */
let sent: { readonly alert: number; readonly at: number }[];
let answer: (alert: number) => Verdict;
let planned: number;
let committing = 0;
/** How long a peer that works takes for a message. */
let takes: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tocsin-outage-"));
  store = counting(openSqliteStore(join(folder, "store.db")));
  clock = new VirtualClock(0);
  [sent, planned, takes, answer] = [[], 0, 0, () => OK];
  outlet = openOutlet();
});
afterEach(async () => {
  await outlet.stop(0);
  await store.close();
  rmSync(folder, { recursive: true });
});

function openOutlet(change: Partial<OutletSettings> = {}): Outlet {
  const settings = { name: "d", concurrency: 1, rate: null, giveUpAfter: 3 * DAY };
  const destination = {
    render: () => "",
    show: () => ({ type: "text/plain", text: "" }),
    close: async () => {},
    send: async (_: unknown, message: { alert: { number: string } }) => {
      const alert = Number(message.alert.number.slice("ALR-".length));
      sent.push({ alert, at: clock.now() });
      if (takes > 0) await new Promise<void>((resolve) => clock.at(clock.now() + takes, resolve));
      return answer(alert);
    },
  };
  const links = { alert: () => null, case: () => null };
  const context = { store, clock, telemetry: silentTelemetry, random: () => 0.5, links };
  return new Outlet({ ...settings, ...change, destination }, context);
}

/** So many alerts are decided now. */
async function plan(count: number): Promise<void> {
  const positions = Array.from({ length: count }, () => (planned += 1));
  const decisions = positions.map((position) => aDecision(position, [aDelivery("d")]));
  await commitNow(store, decisions, [], clock.now());
  outlet.wake(count);
  await settle();
}

/** Waits until nothing more happens at this moment: commits keep some real milliseconds between them. */
async function settle(): Promise<void> {
  for (let calm = 0; calm < 5; calm += 1) {
    await nextTurn();
    if (committing > 0) calm = await pause(1, 0);
  }
}

/** The store, whose commits under way are counted. */
function counting(inner: Store): Store {
  const count = async <T>(commit: Promise<T>): Promise<T> => {
    committing += 1;
    return commit.finally(() => (committing -= 1));
  };
  return new Proxy(inner, {
    get(target, name: keyof Store) {
      const call = target[name].bind(target) as (...args: unknown[]) => Promise<unknown>;
      return (...args: unknown[]) => count(call(...args));
    },
  });
}

async function runUntil(time: number): Promise<void> {
  while (clock.ringNext(time)) await settle();
  clock.pass(time);
}

/** What is sent from now on. */
async function sentUntil(time: number): Promise<number[]> {
  sent = [];
  await runUntil(time);
  return sent.map(({ alert }) => alert);
}

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

it("sends what waited for a peer that was down oldest first, also what was tried meanwhile", async () => {
  answer = () => DOWN;
  await plan(8);
  await runUntil(400 * SECOND);
  await plan(4);
  await runUntil(500 * SECOND);
  const tried = new Set(sent.map(({ alert }) => alert));
  expect(tried.size).toBeGreaterThan(5);
  answer = () => OK;
  const [probe, ...others] = await sentUntil(1000 * SECOND);
  expect(others).toEqual(upTo(12).filter((alert) => alert !== probe));
});

it("probes with another message each time while the peer is down", async () => {
  answer = () => DOWN;
  await plan(8);
  expect(sent.map(({ alert }) => alert)).toEqual(upTo(5));
  expect(await sentUntil(30 * SECOND)).toEqual([6]);
  expect(await sentUntil(90 * SECOND)).toEqual([7]);
});

it("does not bring a message forward again that failed while the peer worked", async () => {
  answer = (alert) => (alert <= 2 ? DOWN : OK);
  await plan(3);
  await runUntil(40 * SECOND);
  answer = () => DOWN;
  await plan(6);
  await runUntil(100 * SECOND);
  answer = (alert) => (alert <= 2 ? DOWN : OK);
  const order = await sentUntil(240 * SECOND);
  const first = order.slice(0, 6);
  expect(first.toSorted((a, b) => a - b)).toEqual([4, 5, 6, 7, 8, 9]);
});

it("waits as long as a peer asks that works, also with the first answers after the start", async () => {
  const busy: Verdict = { kind: "retry", reason: "rate_limited", error: "429", after: 60 * SECOND };
  answer = (alert) => (alert === 1 ? busy : OK);
  await plan(3);
  expect(sent.map(({ alert }) => alert)).toEqual([1, 2, 3]);
  expect(await sentUntil(59 * SECOND)).toEqual([]);
  expect(await sentUntil(60 * SECOND)).toEqual([1]);
});

it("brings forward what failed before it was started, once a message is taken", async () => {
  answer = () => DOWN;
  await plan(8);
  await runUntil(500 * SECOND);
  await outlet.stop(0);
  answer = () => OK;
  outlet = openOutlet();
  sent = [];
  await plan(1);
  const [first, ...others] = sent.map(({ alert }) => alert);
  expect(others).toEqual(upTo(9).filter((alert) => alert !== first));
});

it("is not behind by what waited for the peer", async () => {
  answer = () => DOWN;
  await plan(6);
  await plan(400);
  answer = () => OK;
  expect(outlet.behind).toBe(0);
  clock.ringNext(30 * SECOND);
  expect(outlet.behind).toBe(0);
  await settle();
  expect(sent).toHaveLength(411);
});

it("gives up all that is too old with the next probe, however much that is", async () => {
  await outlet.stop(0);
  outlet = openOutlet({ giveUpAfter: 100 * SECOND });
  answer = () => DOWN;
  await plan(300);
  // Probes at 30 s, 90 s and 210 s.
  await runUntil(211 * SECOND);
  answer = () => OK;
  expect(await sentUntil(DAY)).toEqual([]);
});

it("catches up with no more at a time than its slots, oldest first", async () => {
  await outlet.stop(0);
  outlet = openOutlet({ concurrency: 3 });
  answer = () => DOWN;
  await plan(12);
  await runUntil(100 * SECOND);
  answer = () => OK;
  takes = SECOND;
  await sentUntil(300 * SECOND);
  const [probe, ...others] = sent;
  const begun = (probe?.at ?? 0) + SECOND;
  expect(others.map(({ alert }) => alert)).toEqual(
    upTo(12).filter((alert) => alert !== probe?.alert),
  );
  expect(others.map(({ at }) => at)).toEqual(
    others.map((_, n) => begun + Math.floor(n / 3) * SECOND),
  );
});
