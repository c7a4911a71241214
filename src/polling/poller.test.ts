import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fail } from "../errors.ts";
import type { Poller } from "./poller.ts";
import { anItem } from "./testing/fake-feed.ts";
import { Rig, START } from "./testing/rig.ts";

let rig: Rig;
let poller: Poller | null = null;
beforeEach(() => {
  rig = new Rig();
  rig.feed.readTo = START;
});
afterEach(async () => {
  await poller?.stop();
  poller = null;
});

function start(...settings: Parameters<Rig["poller"]>): Poller {
  poller = rig.poller(...settings);
  poller.start();
  return poller;
}

const add = (...ids: string[]) => rig.feed.items.push(...ids.map((id) => anItem(id, START)));
const namesOf = (...ids: string[]) => ids.map((id) => `es:index/${id}`);
const noRoom = (seconds?: number) =>
  fail("OVERLOADED", {
    component: "ingest",
    message: "the disk is full",
    ...(seconds !== undefined && { data: { retry_after: seconds } }),
  });
const refused = (message = "the cluster is down") =>
  fail("REQUEST_FAILED", { component: "cluster lab", message, hint: "look at it" });

/** A promise that is resolved from outside. */
function opened(): { readonly gate: Promise<void>; open(): void } {
  let open = () => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  return { gate, open: () => open() };
}

describe("a page", () => {
  it("is taken, settles, and only then has its cursor stored", async () => {
    add("a", "b", "c");
    start();
    await rig.settle();
    expect(rig.feed.log).toEqual([
      "took 2",
      "settled 0",
      "cursor 2",
      "took 1",
      "settled 2",
      "cursor 3",
      "cursor 3",
    ]);
    expect(rig.taken).toEqual(namesOf("a", "b", "c"));
  });

  it("without items is not taken, and says how far was looked", async () => {
    start();
    await rig.settle();
    expect(rig.feed.log).toEqual(["cursor 0"]);
    expect(rig.stored).toEqual({ cursor: "0", readTo: START, at: START });
  });

  it("goes on where the stored cursor is", async () => {
    add("a", "b", "c");
    rig.stored = { cursor: "2", readTo: START, at: START };
    start();
    await rig.settle();
    expect(rig.taken).toEqual(namesOf("c"));
  });
});

describe("the interval", () => {
  it("counts from the begin of a poll", async () => {
    start(1000);
    await rig.pass(2500);
    expect(rig.feed.begun).toHaveLength(3);
  });

  it("never lets two polls of a source run at once; a long one is followed at once", async () => {
    const { gate, open } = opened();
    rig.feed.before = () => gate;
    start(1000);
    await rig.pass(5000);
    expect([rig.feed.begun.length, rig.feed.open]).toEqual([1, 1]);
    rig.feed.before = async () => {};
    open();
    await rig.pass(0);
    expect([rig.feed.begun.length, rig.feed.open]).toEqual([2, 0]);
  });

  it("is not longer because the clock was set back during a poll", async () => {
    const { gate, open } = opened();
    rig.feed.before = () => gate;
    start(1000);
    await rig.settle();
    rig.clock.set(START - 3_600_000);
    open();
    await rig.pass(1000);
    expect(rig.feed.begun).toHaveLength(2);
  });

  it("stands between the last page and the next poll, not between pages", async () => {
    add(...Array.from({ length: 40 }, (_, index) => `i${index}`));
    start(60_000);
    await rig.pass(0);
    expect(rig.taken).toHaveLength(40);
    expect(rig.emitted("poll_finished")).toMatchObject([{ pages: 21, accepted: 40 }]);
  });
});

describe("back-pressure", () => {
  it("makes the page wait as long as is asked for, and loses nothing", async () => {
    add("a", "b", "c");
    rig.full = noRoom(7);
    const running = start(1000);
    await rig.pass(6999);
    expect([rig.feed.log, rig.feed.begun.length, rig.asked]).toEqual([[], 1, 1]);
    expect(running.status()).toMatchObject({
      state: "blocked",
      error: { message: "the disk is full" },
    });
    rig.full = null;
    await rig.pass(1);
    expect(rig.taken).toEqual(namesOf("a", "b", "c"));
    expect(running.status()).toMatchObject({ state: "waiting", error: null });
  });

  it("is said once for each page that waits", async () => {
    add("a");
    rig.full = noRoom();
    start(1000);
    await rig.pass(60_000);
    expect(rig.emitted("poll_blocked")).toHaveLength(1);
  });

  it("does not keep a stop waiting, and what waited is read again", async () => {
    add("a");
    rig.full = noRoom(3600);
    const running = start();
    await rig.settle();
    await running.stop();
    expect([rig.taken, rig.stored, rig.feed.open]).toEqual([[], null, 0]);
    rig.full = null;
    start();
    await rig.settle();
    expect(rig.taken).toEqual(namesOf("a"));
  });
});

describe("a failure", () => {
  it("is followed by pauses that double, up to a minute", async () => {
    const times: number[] = [];
    rig.feed.before = async () => void times.push(rig.clock.now());
    rig.feed.error = refused();
    start(1000);
    await rig.pass(200_000);
    const pauses = times.slice(1).map((time, index) => (time - (times[index] ?? 0)) / 1000);
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });

  it("is followed by the interval where that is longer than a minute", async () => {
    rig.feed.error = refused();
    start(120_000);
    await rig.pass(360_000);
    expect(rig.feed.begun).toHaveLength(4);
  });

  it("is no reason to wait longer when the index is not there yet", async () => {
    const message = "there is no such index";
    rig.feed.error = fail("NOT_FOUND", { component: "cluster lab", message });
    start(1000);
    await rig.pass(10_000);
    expect(rig.feed.begun).toHaveLength(11);
  });

  it("is forgotten with the next success", async () => {
    rig.feed.error = refused();
    const running = start(1000);
    await rig.pass(7000);
    expect(running.status()).toMatchObject({
      state: "failing",
      error: { message: "the cluster is down", hint: "look at it" },
    });
    rig.feed.error = null;
    await rig.pass(8000);
    expect(running.status()).toMatchObject({ state: "waiting", error: null });
    expect(rig.emitted("poll_finished")[0]).toMatchObject({ recovered: true });
    const before = rig.feed.begun.length;
    await rig.pass(3000);
    expect(rig.feed.begun.length - before).toBe(3);
  });

  it("is logged once a minute while it stays the same", async () => {
    rig.feed.error = refused();
    start(10_000);
    await rig.pass(59_000);
    const logged = () => rig.emitted("poll_failed").filter(({ repeated }) => !repeated).length;
    expect([logged(), rig.emitted("poll_failed").length]).toEqual([1, 3]);
    rig.feed.error = refused("something else");
    await rig.pass(60_000);
    expect(logged()).toBe(2);
    await rig.pass(120_000);
    expect(logged()).toBeGreaterThan(2);
  });

  it("in taking a page stores no cursor, and the page comes again", async () => {
    add("a", "b", "c");
    let failures = 1;
    rig.take = async (items) => {
      if (items.length === 1 && failures-- > 0) throw refused("cannot be stored");
    };
    start(1000);
    await rig.settle();
    expect([rig.taken, rig.stored?.cursor, rig.feed.open]).toEqual([namesOf("a", "b"), "2", 0]);
    await rig.pass(1000);
    expect(rig.feed.begun).toEqual([null, "2"]);
    expect(rig.taken).toEqual(namesOf("a", "b", "c"));
  });

  it("between taking a page and storing its cursor leads to reading it again", async () => {
    add("a", "b");
    rig.setCursor = async () => {
      throw refused("the disk is gone");
    };
    start(1000);
    await rig.settle();
    expect([rig.taken, rig.stored]).toEqual([namesOf("a", "b"), null]);
    rig.setCursor = async () => {};
    await rig.pass(1000);
    expect(rig.feed.begun).toEqual([null, null]);
    expect(rig.emitted("page_taken")).toMatchObject([{ accepted: 2 }, { duplicates: 2 }]);
    expect(rig.stored).toMatchObject({ cursor: "2" });
  });

  it("in settling a page keeps no later page from being taken, and stores no cursor", async () => {
    add("a", "b", "c");
    rig.feed.settle = async (from) => {
      if (from === 0) throw refused("deleting is not allowed");
    };
    const running = start(1000);
    await rig.settle();
    expect(rig.taken).toEqual(namesOf("a", "b", "c"));
    expect(rig.feed.log).toEqual(["took 2", "took 1", "settled 2"]);
    expect(running.status()).toMatchObject({
      state: "failing",
      error: { message: "deleting is not allowed" },
    });
    rig.feed.settle = async () => {};
    await rig.pass(1000);
    expect(rig.feed.begun).toEqual([null, null]);
    expect(running.status()).toMatchObject({ state: "waiting", error: null });
  });

  it("in reading the stored cursor keeps the feed from being read from its begin", async () => {
    add("a", "b");
    rig.stored = { cursor: "2", readTo: START, at: START };
    rig.cursor = async () => {
      throw refused("the disk is gone");
    };
    start(1000);
    await rig.settle();
    expect(rig.feed.begun).toEqual([]);
    rig.cursor = async () => {};
    await rig.pass(1000);
    expect(rig.feed.begun).toEqual(["2"]);
  });
});

describe("stopping", () => {
  it("lets the page that is being taken be stored, and reads no more", async () => {
    add("a", "b", "c");
    const { gate, open } = opened();
    rig.take = () => gate;
    const running = start();
    await rig.settle();
    let isOver = false;
    const stopped = running.stop().then(() => (isOver = true));
    await rig.settle();
    expect(isOver).toBe(false);
    open();
    await stopped;
    expect(rig.feed.log).toEqual(["took 2", "settled 0", "cursor 2"]);
    expect(rig.feed.open).toBe(0);
  });

  it("aborts what is being read, without calling that a failure", async () => {
    rig.feed.before = (signal) =>
      new Promise((_, reject) => signal?.addEventListener("abort", () => reject(refused())));
    const running = start();
    await rig.settle();
    await running.stop();
    expect([rig.feed.open, rig.emitted("poll_failed")]).toEqual([0, []]);
  });

  it("leaves no alarm behind", async () => {
    const running = start();
    await rig.settle();
    await running.stop();
    expect(rig.clock.alarms()).toEqual([]);
  });
});

describe("being read to the end once", () => {
  it("resolves after the first whole poll", async () => {
    add("a", "b", "c");
    const running = start();
    await running.polled();
    expect(rig.taken).toHaveLength(3);
    await running.polled();
  });

  it("rejects when that poll fails, and can be asked again", async () => {
    rig.feed.error = refused();
    const running = start(1000);
    await expect(running.polled()).rejects.toMatchObject({ code: "REQUEST_FAILED" });
    rig.feed.error = null;
    const again = running.polled();
    await rig.pass(1000);
    await again;
  });
});
