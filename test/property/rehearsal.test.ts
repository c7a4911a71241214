/**
 * What was sent is what a rehearsal of the same log says: the same messages at the same times to the
 * same destinations, about the same alerts in the same order. Peers always deliver here.
 */
import { describe, expect, it } from "vitest";
import { readActs, sideOf } from "../../src/cli/backtest-sides.ts";
import { openHistory } from "../../src/ledger/history.ts";
import { rehearseHistory } from "../../src/rehearsal/backtest.ts";
import type { SentMessage } from "../../src/rehearsal/message.ts";
import { START, type ReceivedMessage } from "../timeline/scene.ts";
import { randomConfiguration } from "./configuration.ts";
import { dice, seeds } from "./dice.ts";
import { randomHappenings } from "./events.ts";
import { happen, pathsOf, play, type Play } from "./play.ts";

const EVENTS = 60;
/** Long enough for every timer: a weekend, and the next window of every silence. */
const AFTERMATH_MS = 12 * 86_400_000;

interface Told {
  readonly at: number;
  readonly to: string;
  readonly kind: string;
  readonly titles: readonly string[];
}

function lines(told: readonly Told[]): string[] {
  return told
    .map(({ at, to, kind, titles }) => {
      return `${new Date(at).toISOString()} ${to} ${kind} ${titles.length}: ${titles.join(" + ")}`;
    })
    .toSorted();
}

/** What is left when each of `others` took one of `all` away. */
function without(all: readonly Told[], others: readonly Told[]): Told[] {
  const taken = lines(others);
  return all.filter((one) => {
    const found = taken.indexOf(lines([one]).join());
    if (found >= 0) taken.splice(found, 1);
    return found < 0;
  });
}

/**
 * Who changes a status does so beside the server, which looks once a second: what that tells comes
 * within it.
 */
const NOTICED_MS = 1000;

/** What is left of `all` when each of `changes` took one away that came soon after it. */
function withoutSoon(all: readonly Told[], changes: readonly Told[]): Told[] {
  const left = [...all];
  for (const change of changes) {
    const found = left.findIndex((one) => isSoonAfter(one, change));
    expect(found, `${lines([change]).join()} among ${lines(left).join(", ")}`).not.toBe(-1);
    left.splice(found, 1);
  }
  return left;
}

function isSoonAfter(one: Told, change: Told): boolean {
  const after = one.at - change.at;
  const [first, second] = lines([
    { ...one, at: 0 },
    { ...change, at: 0 },
  ]);
  return first === second && after >= 0 && after <= NOTICED_MS;
}

function toldLive({ at, to, kind, told }: ReceivedMessage): Told {
  return { at, to, kind, titles: told.map(({ title }) => title) };
}

function toldRehearsed({ at, destination, kind, alerts }: SentMessage): Told {
  return { at, to: destination, kind, titles: alerts.map(({ title }) => title) };
}

interface Rehearsed {
  readonly messages: readonly SentMessage[];
  /** When people changed something; nothing else happens at such a time. */
  readonly changes: ReadonlySet<number>;
}

async function rehearsed({ scene, configuration }: Play, until: number): Promise<Rehearsed> {
  const paths = { folder: scene.folder, ...pathsOf(scene) };
  const history = openHistory(paths, { since: START, until });
  const messages: SentMessage[] = [];
  try {
    const window = { since: START, until };
    const listeners = { onMessage: (message: SentMessage) => void messages.push(message) };
    const side = sideOf(paths, configuration);
    const acts = readActs(paths, START);
    await rehearseHistory(history, window, side, acts, listeners);
    return { messages, changes: new Set(acts.map(({ at }) => at)) };
  } finally {
    await history.close();
  }
}

/** Reasons of messages: with them all that holds messages back, and all that sends them. */
const REASONS = [
  "first_notification",
  "update_of_message",
  "reminder_due",
  "status_changed",
  "group_digest",
  "limit_digest",
  "hours_digest",
  "silence_digest",
  "reminder_digest",
];

describe("a rehearsal of the log", () => {
  const all = seeds(40);
  const reasons = new Set<string>();
  let written = 0;
  let shown = 0;

  it.each(all)("tells what was sent (seed %i)", async (seed) => {
    const chance = dice(seed);
    const yaml = randomConfiguration(chance);
    await play(`seed ${seed}`, yaml, async (on) => {
      const { scene } = on;
      for (const happening of randomHappenings(chance, EVENTS, { coincide: false })) {
        await scene.runUntil(happening.at);
        await happen(on, happening);
        await scene.settle();
      }
      const until = scene.clock.now() + AFTERMATH_MS;
      await scene.runUntil(until);
      // What is written back tells nobody of anything, and is not rehearsed.
      const messages = scene.received.filter(({ kind }) => kind !== "status");
      written += scene.received.length - messages.length;
      const live = messages.map(toldLive);
      const rehearsal = await rehearsed(on, until);
      for (const { reason } of rehearsal.messages) reasons.add(reason);
      const isByHand = ({ reason, at }: SentMessage) =>
        reason === "status_changed" && rehearsal.changes.has(at);
      const byHand = rehearsal.messages.filter(isByHand).map(toldRehearsed);
      shown += byHand.length;
      const again = rehearsal.messages.filter((one) => !isByHand(one)).map(toldRehearsed);
      expect({
        onlyLive: lines(withoutSoon(without(live, again), byHand)),
        onlyRehearsed: lines(without(again, live)),
      }).toEqual({ onlyLive: [], onlyRehearsed: [] });
    });
  });

  // Other seeds may not meet what is rare.
  it.runIf(all[0] === 1 && all.length >= 40)("was about messages of every kind", () => {
    expect([...reasons].toSorted()).toEqual(REASONS.toSorted());
    expect(written).toBeGreaterThan(0);
    expect(shown).toBeGreaterThan(0);
  });
});
