import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fail } from "../errors.ts";
import type { Poller } from "./poller.ts";
import { anItem } from "./testing/fake-feed.ts";
import { Rig, START } from "./testing/rig.ts";

const MINUTE = 60_000;

let rig: Rig;
let poller: Poller;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => poller.stop());

function start(...settings: Parameters<Rig["poller"]>): void {
  poller = rig.poller(...settings);
  poller.start();
}

const down = fail("REQUEST_FAILED", {
  component: "cluster lab",
  message: "nothing answers at lab:9200",
  hint: "is it running?",
});

describe("a source that is behind", () => {
  it("is told of once, in plain words, with why reading fails", async () => {
    rig.stored = { cursor: "0", readTo: START, at: START };
    rig.feed.error = down;
    start(1000, 5 * MINUTE);
    await rig.pass(4 * MINUTE);
    expect(rig.notices).toEqual([]);
    await rig.pass(60 * MINUTE);
    expect(rig.emitted("source_behind")).toHaveLength(1);
    expect(rig.notices).toMatchObject([
      {
        source: "tocsin",
        key: "behind:lab",
        raised_at: START + 5 * MINUTE,
        body: {
          title: "Source lab is behind",
          severity: "high",
          reason: "nothing answers at lab:9200",
          description: expect.stringMatching(/2026-01-15T12:00.*max_lag is 5m.*is it running\?/),
        },
      },
    ]);
  });

  it("is told of again when it is behind again after it had caught up", async () => {
    rig.stored = { cursor: "0", readTo: START, at: START };
    rig.feed.error = down;
    start(1000, 5 * MINUTE);
    await rig.pass(10 * MINUTE);
    rig.feed.error = null;
    rig.feed.readTo = START + 10 * MINUTE;
    await rig.pass(MINUTE);
    expect(rig.emitted("source_caught_up")).toHaveLength(1);
    rig.feed.error = down;
    await rig.pass(10 * MINUTE);
    expect(rig.notices.map(({ raised_at }) => raised_at - START)).toEqual([
      5 * MINUTE,
      15 * MINUTE,
    ]);
  });

  it("counts from its start when it was never read", async () => {
    rig.feed.error = down;
    start(1000, 5 * MINUTE);
    expect(poller.status()).toMatchObject({ readTo: null, lag: 0 });
    await rig.pass(4 * MINUTE);
    expect([rig.notices.length, poller.status().lag]).toEqual([0, 4 * MINUTE]);
    await rig.pass(2 * MINUTE);
    expect(rig.notices).toHaveLength(1);
  });

  it("is not one that reads what was there before its first start", async () => {
    const yesterday = START - 24 * 60 * MINUTE;
    rig.feed.items.push(...["a", "b", "c"].map((id) => anItem(id, yesterday)));
    let pages = 0;
    rig.feed.before = async () => {
      if ((pages += 1) > 1) throw down;
    };
    start(1000, 5 * MINUTE);
    await rig.pass(4 * MINUTE);
    expect(START - (rig.stored?.readTo ?? START)).toBeGreaterThan(5 * MINUTE);
    expect(rig.notices).toEqual([]);
    await rig.pass(2 * MINUTE);
    expect(rig.notices).toHaveLength(1);
  });

  it("is seen while the intake has no room", async () => {
    rig.stored = { cursor: "0", readTo: START, at: START };
    rig.feed.items.push(anItem("a"));
    rig.full = fail("OVERLOADED", {
      component: "ingest",
      message: "the disk is full",
      data: { retry_after: 10 },
    });
    start(1000, 5 * MINUTE);
    await rig.pass(6 * MINUTE);
    expect(rig.notices).toMatchObject([{ body: { reason: "the disk is full" } }]);
  });

  it("is seen in the middle of a long poll, but not while a short one catches up", async () => {
    rig.stored = { cursor: "0", readTo: START - 60 * MINUTE, at: START };
    rig.feed.readTo = START;
    rig.feed.items.push(anItem("a", START - 50 * MINUTE), anItem("b", START - 40 * MINUTE));
    start(1000, 5 * MINUTE);
    await rig.settle();
    expect(rig.notices).toEqual([]);
    rig.feed.items.push(...Array.from({ length: 8 }, (_, index) => anItem(`c${index}`, START)));
    rig.take = () => new Promise((resolve) => rig.clock.at(rig.clock.now() + 2 * MINUTE, resolve));
    await rig.pass(7 * MINUTE);
    expect(rig.notices).toMatchObject([{ body: { reason: "slow" } }]);
    await rig.pass(2 * MINUTE);
  });

  it("is not one whose interval alone is longer than the bound", async () => {
    start(60 * MINUTE, 5 * MINUTE);
    for (let hour = 0; hour < 5; hour += 1) {
      rig.feed.readTo = rig.clock.now();
      await rig.pass(60 * MINUTE);
    }
    expect([rig.notices, rig.emitted("source_behind")]).toEqual([[], []]);
  });

  it("is told of as soon as that can be stored", async () => {
    rig.stored = { cursor: "0", readTo: START, at: START };
    rig.feed.error = down;
    rig.notify = async () => {
      throw fail("STORAGE_FAILED", { component: "stream", message: "the disk is full" });
    };
    start(1000, 5 * MINUTE);
    await rig.pass(10 * MINUTE);
    rig.notify = async () => {};
    await rig.pass(2 * MINUTE);
    expect(rig.notices).toHaveLength(1);
    expect(rig.emitted("source_behind")).toHaveLength(1);
  });

  it("raises the same notice after a restart in the middle of the episode", async () => {
    rig.stored = { cursor: "0", readTo: START, at: START };
    rig.feed.error = down;
    start(1000, 5 * MINUTE);
    await rig.pass(10 * MINUTE);
    await poller.stop();
    start(1000, 5 * MINUTE);
    await rig.pass(MINUTE);
    expect(rig.notices.map(({ key, raised_at }) => `${key}:${raised_at - START}`)).toEqual([
      "behind:lab:300000",
      "behind:lab:300000",
    ]);
  });
});
