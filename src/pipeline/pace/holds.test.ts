import { describe, expect, it } from "vitest";
import type { CompiledSilence } from "../../silence/compile.ts";
import type { CompiledRoute } from "../policies.ts";
import { aLimit, aRoute, aSilence, DAY, HOUR, MINUTE, OFFICE, SECOND } from "./testing/builders.ts";
import { PaceLog, type ToldMessage } from "./testing/log.ts";

/** A generator of numbers from 0 to below 1 that always gives the same for a seed (mulberry32). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Dice = () => number;
const one = <Item>(roll: Dice, items: readonly Item[]): Item => {
  const item = items[Math.floor(roll() * items.length)];
  if (item === undefined) throw new RangeError("nothing to choose from");
  return item;
};
const span = (roll: Dice, most: number) => Math.floor(roll() * most);

const TITLES = ["a", "b", "c"];
const STEPS = 80;

function randomRoute(name: string, roll: Dice): CompiledRoute {
  return aRoute(name, {
    to: one(roll, [["slack"], ["mail"], ["slack", "mail"]]),
    continue: roll() < 0.7,
    group_by: one(roll, [null, ["title"], ["tags", "severity"]]),
    group_wait: one(roll, [0, 30 * SECOND]),
    repeats: one(roll, ["none", "update", "remind"]),
    repeat_every: one(roll, [0, 10 * MINUTE, 4 * HOUR]),
    limit: one(roll, [null, aLimit(1), aLimit(3, { per: 5 * MINUTE })]),
    hours: one(roll, [null, null, { calendar: OFFICE, outside: "hold" }]),
  });
}

function randomSilence(id: string, roll: Dice): CompiledSilence {
  const from = span(roll, 8 * HOUR);
  const until = from + one(roll, [MINUTE, HOUR, Number.POSITIVE_INFINITY]);
  const match = one(roll, ["*", "title: a", "title: b"]);
  return aSilence(id, { from, until }, { match, at_end: one(roll, ["digest", "nothing"]) });
}

function randomLog(roll: Dice): PaceLog {
  const routes = ["one", "two", "three"].map((name) => randomRoute(name, roll));
  const silences = ["S-1", "S-2"].map((id) => randomSilence(id, roll));
  return new PaceLog(routes, silences);
}

/** Something happens; a time later, or at the same time. */
function step(log: PaceLog, position: number, at: number, roll: Dice): void {
  const content = { title: one(roll, TITLES), tags: [one(roll, TITLES)] };
  const known = 1 + span(roll, position);
  if (roll() < 0.4 || !log.tables.alerts.has(known as never)) log.alert(position, at, content);
  else if (roll() < 0.6) log.repeat(known, at, content);
  else if (roll() < 0.5)
    log.update(known, at, { ...content, status: one(roll, ["new", "closed"]) });
  else log.setStatus(known, at, one(roll, ["new", "acknowledged", "closed"]));
}

/** Runs until nothing can happen any more; `check` is called after every step. */
function play(seed: number, check: (log: PaceLog) => void = () => {}): PaceLog {
  const roll = dice(seed);
  const log = randomLog(roll);
  let at = 0;
  for (let position = 1; position <= STEPS; position += 1) {
    at += one(roll, [0, SECOND, 20 * SECOND, 3 * MINUTE, 20 * MINUTE]);
    step(log, position, at, roll);
    check(log);
  }
  log.runTo(at + DAY);
  log.endSilences(at + 10 * DAY);
  log.runTo(at + 30 * DAY);
  return log;
}

const SEEDS = Array.from({ length: 60 }, (_, index) => index + 1);

describe("whatever happens", () => {
  it("everything that waits has a timer that will come", () => {
    for (const seed of SEEDS) {
      play(seed, (log) =>
        expect({ seed, stranded: log.stranded() }).toEqual({ seed, stranded: [] }),
      );
    }
  });

  it("in the end every delivery was sent, folded into one that was, or suppressed for a reason", () => {
    for (const seed of SEEDS) {
      const { ledger } = play(seed);
      for (const line of ledger.values()) {
        expect(line).toMatchObject({ hold: null });
        expect(["sent", "folded", "suppressed"]).toContain(line.state);
        if (line.state === "suppressed") {
          expect(["silence", "closed_meanwhile"]).toContain(line.reason);
        }
        if (line.into === null) continue;
        const carrier = ledger.get(line.into);
        expect(carrier).toMatchObject({ state: "sent", destination: line.destination });
      }
    }
  });

  it("what was sent and folded is told once, and nothing else is", () => {
    for (const seed of SEEDS) {
      const { ledger, messages } = play(seed);
      const told = messages.flatMap(({ destination, alerts }) =>
        alerts.map((alert) => `${destination} ${alert}`),
      );
      const meant = [...ledger.values()].filter(({ state }) => state !== "suppressed");
      expect(told.toSorted()).toEqual(
        meant.map(({ destination, alert }) => `${destination} ${alert}`).toSorted(),
      );
    }
  });

  it("a destination hears of an alert for the first time once, and each later time has its number", () => {
    for (const seed of SEEDS) {
      const lines = [...play(seed).ledger.values()];
      const firsts = lines.filter(({ kind, state }) => kind === "alert" && state !== "suppressed");
      const heard = firsts.map((line) => `${line.alert} ${line.destination}`);
      expect(new Set(heard).size).toBe(heard.length);
      const names = lines.map((line) => `${line.alert} ${line.destination} ${line.sequence}`);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it("no route says more than its limit lets out", () => {
    let limited = 0;
    for (const seed of SEEDS) {
      const log = play(seed);
      for (const route of log.routes) {
        for (const destination of route.to) {
          limited += checkLimit(route, messagesOf(log, route, destination));
        }
      }
    }
    expect(limited).toBeGreaterThan(1000);
  });
});

/** Updates disturb nobody and take no tokens. */
function messagesOf(log: PaceLog, { name }: CompiledRoute, to: string): ToldMessage[] {
  return log.messages.filter(
    ({ route, destination, kind }) => route === name && destination === to && kind !== "update",
  );
}

/** A bucket lets out what it holds, and what flows in meanwhile. */
function checkLimit({ limit }: CompiledRoute, messages: readonly ToldMessage[]): number {
  if (!limit) return 0;
  for (const [first, { at: from }] of messages.entries()) {
    for (const [last, { at: until }] of messages.entries()) {
      if (last < first) continue;
      const most = limit.max + ((until - from) * limit.max) / limit.per;
      expect(last - first + 1).toBeLessThanOrEqual(most + 1e-6);
    }
  }
  return messages.length;
}
