/** A destination that takes nothing for a day: what that does to others, and how it catches up. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Verdict } from "../../src/destinations/destination.ts";
import { readYaml, Scene, START, type ReceivedMessage } from "./scene.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** An alert comes every ten minutes, before the outage, all through it, and after it. */
const EVERY = 10 * MINUTE;
const DOWN = { from: START + HOUR, until: START + HOUR + DAY };
const END = START + 28 * HOUR;
const HOSTS = 5;
const RATE = { max: 10, per: 60 * SECOND };
const CONCURRENCY = 3;

const CONFIGURATION = `
sources:
  in: { kind: generic }
destinations:
  far: { kind: log, give_up_after: 3d, concurrency: ${CONCURRENCY}, rate: { max: ${RATE.max}, per: 60s } }
  threads: { kind: log, give_up_after: 3d, concurrency: ${CONCURRENCY}, thread_by: [entities.hosts] }
  near: { kind: log }
routes:
  - { name: all, to: [far, threads, near] }
  - { name: operators, to: [near] }
`;

const REFUSED: Verdict = { kind: "retry", reason: "refused", error: "connection refused" };

interface Taken extends ReceivedMessage {
  readonly taken: boolean;
}

let quiet: readonly Taken[];
let day: readonly Taken[];
beforeAll(async () => {
  quiet = await play([]);
  day = await play(["far", "threads"]);
}, 120_000);

/** Alerts of 28 hours, of which these destinations refuse a day. Answers all that was tried. */
async function play(down: readonly string[]): Promise<Taken[]> {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-day-"));
  const scene = new Scene(readYaml(CONFIGURATION, folder), folder);
  const refuses = (to: string, at: number) =>
    down.includes(to) && at >= DOWN.from && at < DOWN.until;
  for (const to of down)
    scene.answer(to, (at) => (refuses(to, at) ? REFUSED : { kind: "delivered" }));
  try {
    await scene.start();
    for (let at = START; at < END; at += EVERY) {
      await scene.runUntil(at);
      const n = (at - START) / EVERY;
      await scene.receive({ source: "in", body: { title: `A${n}`, "host.name": `h${n % HOSTS}` } });
      await scene.settle();
    }
    await scene.runUntil(END + HOUR);
    return scene.received.map((message) => {
      return { ...message, taken: !refuses(message.to, message.at) };
    });
  } finally {
    await scene.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
const sentTo = (messages: readonly Taken[], to: string) =>
  messages.filter((message) => message.to === to && message.taken);
const titles = (messages: readonly Taken[]) => messages.map(({ title }) => title);
const inOrder = Array.from({ length: (END - START) / EVERY }, (_, n) => `A${n}`);
const backlogOf = (to: string) => sentTo(day, to).filter(({ at }) => at >= DOWN.until);

describe("a destination that is down for a day", () => {
  it("is tried all day, at most once every ten minutes", () => {
    const tries = day.filter(({ to, taken }) => to === "far" && !taken).map(({ at }) => at);
    expect(tries.length).toBeGreaterThan(100);
    const late = tries.filter((at) => at > DOWN.from + 2 * HOUR);
    const gaps = late.slice(1).map((at, n) => at - (late[n] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(10 * MINUTE);
  });

  it("delays nothing for another one, by a millisecond", () => {
    const all = inOrder.map((title, n) => ({ title, at: START + n * EVERY }));
    expect(sentTo(quiet, "near")).toMatchObject(all);
    expect(sentTo(day, "near")).toEqual(sentTo(quiet, "near"));
  });

  it.each(["far", "threads"])("misses nothing and repeats nothing (%s)", (to) => {
    expect(titles(sentTo(day, to)).toSorted()).toEqual(inOrder.toSorted());
  });

  it("is sent its backlog in the order of creation, but for the message that found it well", () => {
    const [, ...others] = titles(backlogOf("far"));
    expect(others.length).toBeGreaterThan(140);
    expect(others).toEqual(inOrder.filter((title) => others.includes(title)));
  });

  it("is sent no more than its rate allows, and no less", () => {
    const times = backlogOf("far").map(({ at }) => at);
    const first = times[0] ?? 0;
    const waiting = times.filter((_, n) => n < 140);
    for (const [n, at] of waiting.entries()) {
      const allowed = first + (Math.max(0, n + 1 - RATE.max) * RATE.per) / RATE.max;
      expect(at - allowed).toBeGreaterThanOrEqual(0);
      expect(at - allowed).toBeLessThanOrEqual(SECOND);
    }
  });

  it("gets the messages of each thread in their order", () => {
    const sent = titles(sentTo(day, "threads"));
    for (let host = 0; host < HOSTS; host += 1) {
      const ofHost = (title: string) => Number(title.slice(1)) % HOSTS === host;
      expect(sent.filter(ofHost)).toEqual(inOrder.filter(ofHost));
    }
  });

  it("raises no notice, since nothing is given up", () => {
    expect(day.filter(({ title }) => title.startsWith("Deliveries to"))).toEqual([]);
  });
});
