/** What every driver of the stream must do. A driver's test calls this with a way to open it. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Position } from "../../pipeline/entry.ts";
import type { NewEntry, NewReceipt, StoredCursor, Stream, StreamReader } from "../stream.ts";
import { versionedKey } from "../../alert/key.ts";

/** How a suite opens the driver over data that lasts as long as one test. */
export interface StreamHarness {
  open(): Promise<Stream>;
  openReader(after: Position): Promise<StreamReader>;
  /** Ends the writer the way a crash does: no close, nothing flushed. */
  crash(stream: Stream): Promise<void>;
  clean(): Promise<void>;
}

export function anEntry(key: string, changes: Partial<NewEntry> = {}): NewEntry {
  const body = Buffer.from(JSON.stringify({ key }));
  return { stream: "rule", key, window: null, repaired: [], body, quarantine: null, ...changes };
}

export function aReceipt(
  entries: readonly NewEntry[],
  changes: Partial<NewReceipt> = {},
): NewReceipt {
  const base = { source: "s", kind: "generic", received_at: 1_000_000, via: "key:test" };
  return { ...base, entries, empty: null, original: null, ...changes };
}

export function aCursor(cursor: string): StoredCursor {
  return { cursor, readTo: 1_000_000, at: 1_000_500 };
}

/** A body that is no bytes at all stands for whatever an engine refuses. */
const BROKEN = { body: Symbol("none") as unknown as Uint8Array };
const START = 0 as Position;

export function streamConformance(name: string, makeHarness: () => Promise<StreamHarness>): void {
  describe(`${name} as a stream`, () => {
    let harness: StreamHarness;
    let stream: Stream;

    beforeEach(async () => {
      harness = await makeHarness();
      stream = await harness.open();
    });
    afterEach(async () => {
      await stream.close();
      await harness.clean();
    });

    it("gives every appended entry to a reader, in order, with its bytes", async () => {
      const bytes = Uint8Array.from([0, 1, 255, 0, 34, 92]);
      await stream.append(aReceipt([anEntry("a", { body: bytes }), anEntry("b")]));
      await stream.append(aReceipt([anEntry("c", { repaired: ["trailing_comma"] })]));
      const entries = await readAll(harness);
      expect(entries.map(({ key }) => key)).toEqual(["a", "b", "c"]);
      expect([...(entries[0]?.body ?? [])]).toEqual([...bytes]);
      expect(entries[2]?.repaired).toEqual(["trailing_comma"]);
      const positions = entries.map(({ position }) => position);
      expect(positions).toEqual([...new Set(positions)].toSorted((a, b) => a - b));
    });

    it("keeps quarantined items in the same order, with their reason", async () => {
      const quarantine = { reason: "unreadable", detail: "no JSON" };
      await stream.append(aReceipt([anEntry("good"), anEntry("bad", { quarantine })]));
      const entries = await readAll(harness);
      expect(entries.map((entry) => entry.quarantine)).toEqual([null, quarantine]);
    });

    it("answers a known key with the entry that has it, and adds none", async () => {
      const first = await stream.append(aReceipt([anEntry("a")]));
      const again = await stream.append(
        aReceipt([anEntry("a"), anEntry("b")], { received_at: 2_000_000 }),
      );
      expect(first.entries[0]?.duplicate).toBe(false);
      expect(again.entries.map(({ duplicate }) => duplicate)).toEqual([true, false]);
      expect(again.entries[0]?.position).toBe(first.entries[0]?.position);
      expect(again.entries[0]?.received_at).toBe(1_000_000);
      expect(await readAll(harness)).toHaveLength(2);
    });

    it("counts a key that comes twice in one receipt once", async () => {
      const { entries } = await stream.append(aReceipt([anEntry("a"), anEntry("a")]));
      expect(entries.map(({ duplicate }) => duplicate)).toEqual([false, true]);
    });

    it("takes a hash as a new event once its window is over, under a key of its own", async () => {
      const at = (received_at: number) =>
        stream.append(aReceipt([anEntry("hash", { window: 1000 })], { received_at }));
      const first = await at(1_000_000);
      const inside = await at(1_001_000);
      const outside = await at(1_001_001);
      expect(inside.entries[0]?.duplicate).toBe(true);
      expect(outside.entries[0]?.duplicate).toBe(false);
      expect(outside.entries[0]?.key).not.toBe(first.entries[0]?.key);
      expect(await readAll(harness)).toHaveLength(2);
    });

    it("lets a replay take the place of the entry that has its key", async () => {
      const first = await stream.append(aReceipt([anEntry("a")]));
      const replaces = first.entries[0]?.position;
      const replay = await stream.append(aReceipt([anEntry("a", { replaces })]));
      expect(replay.entries[0]).toMatchObject({ key: "a", duplicate: false });
      const third = await stream.append(aReceipt([anEntry("a")]));
      expect(third.entries[0]).toMatchObject({
        duplicate: true,
        position: replay.entries[0]?.position,
      });
    });

    it("never gives a position twice, also after it was opened again", async () => {
      const before = await stream.append(aReceipt([anEntry("a")]));
      await stream.close();
      stream = await harness.open();
      const after = await stream.append(aReceipt([anEntry("b")]));
      expect(after.entries[0]?.position).toBeGreaterThan(before.entries[0]?.position ?? 0);
      expect(stream.newest()).toBe(after.entries[0]?.position);
    });

    it("gives entries that were read and not acknowledged again", async () => {
      await stream.append(aReceipt([anEntry("a"), anEntry("b")]));
      const first = await harness.openReader(START);
      expect(await first.read(1)).toHaveLength(1);
      await first.close();
      expect((await readAll(harness)).map(({ key }) => key)).toEqual(["a", "b"]);
    });

    it("goes on where a reader was opened", async () => {
      const { entries } = await stream.append(aReceipt([anEntry("a"), anEntry("b")]));
      const reader = await harness.openReader(entries[0]?.position ?? START);
      expect((await reader.read(10)).map(({ key }) => key)).toEqual(["b"]);
      expect(await reader.read(10)).toEqual([]);
      await stream.append(aReceipt([anEntry("c")]));
      expect((await reader.read(10)).map(({ key }) => key)).toEqual(["c"]);
      await reader.close();
    });

    it("keeps what was acknowledged through a crash, and nothing else", async () => {
      const kept = await stream.append(aReceipt([anEntry("a")]));
      const lost = stream.append(aReceipt([anEntry("b")]));
      lost.catch(() => {});
      await harness.crash(stream);
      stream = await harness.open();
      const entries = await readAll(harness);
      expect(entries.map(({ position }) => position)).toEqual([kept.entries[0]?.position]);
    });

    it("takes many receipts at once and answers each with its own", async () => {
      const keys = Array.from({ length: 300 }, (_, index) => `k${index}`);
      const appended = await Promise.all(
        keys.map((key) => stream.append(aReceipt([anEntry(key)]))),
      );
      expect(appended.map(({ entries }) => entries[0]?.key)).toEqual(keys);
      expect((await readAll(harness)).map(({ key }) => key)).toEqual(keys);
    });

    it("takes a receipt of ten thousand entries as a whole", async () => {
      const entries = Array.from({ length: 10_000 }, (_, index) => anEntry(`k${index}`));
      const appended = await stream.append(aReceipt(entries));
      expect(appended.entries).toHaveLength(10_000);
      expect(await readAll(harness)).toHaveLength(10_000);
    });

    it("refuses one receipt that cannot be stored without touching its neighbours", async () => {
      const broken = anEntry("broken", BROKEN);
      const results = await Promise.allSettled([
        stream.append(aReceipt([anEntry("before")])),
        stream.append(aReceipt([anEntry("half"), broken])),
        stream.append(aReceipt([anEntry("after")])),
      ]);
      expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      expect((await readAll(harness)).map(({ key }) => key)).toEqual(["before", "after"]);
    });

    it("refuses work once it is closed", async () => {
      await stream.close();
      await expect(stream.append(aReceipt([anEntry("a")]))).rejects.toMatchObject({
        code: "STORAGE_FAILED",
      });
      await expect(stream.setCursor("s", aCursor("1"))).rejects.toMatchObject({
        code: "STORAGE_FAILED",
      });
      stream = await harness.open();
    });

    describe("with versions", () => {
      /** Appends one entry of a key in a state, and says what became of it. */
      const take = async (
        key: string,
        version?: string | null,
        changes: Partial<NewEntry> = {},
      ) => {
        const entry = anEntry(key, { ...(version === undefined ? {} : { version }), ...changes });
        const [taken] = (await stream.append(aReceipt([entry]))).entries;
        return taken ?? expect.fail("the entry was not answered");
      };
      const keysOf = async () => (await readAll(harness)).map(({ key }) => key);

      it("knows the first entry of a key by its key and by its version", async () => {
        const first = await take("a", "v1");
        expect(first).toMatchObject({ key: "a", duplicate: false });
        const again = { ...first, duplicate: true };
        expect(await take("a", "v1")).toEqual(again);
        expect(await take("a")).toEqual(again);
        expect(await take(versionedKey("a", "v1"))).toEqual(again);
        expect(await keysOf()).toEqual(["a"]);
      });

      it("takes a later state once, under a key of its own", async () => {
        await take("a", null);
        const later = await take("a", "v1");
        expect(later).toMatchObject({ key: versionedKey("a", "v1"), duplicate: false });
        expect(await take("a", "v1")).toEqual({ ...later, duplicate: true });
        expect(await take("a", "v2")).toMatchObject({ key: "a@v2", duplicate: false });
        expect(await take("a", "v1")).toEqual({ ...later, duplicate: true });
        expect(await keysOf()).toEqual(["a", "a@v1", "a@v2"]);
      });

      it("takes the state of what first came without one", async () => {
        const first = await take("a");
        expect((await take("a", "v1")).duplicate).toBe(false);
        expect((await take("a", "v1")).duplicate).toBe(true);
        expect(await take("a", null)).toEqual({ ...first, duplicate: true });
        expect(await keysOf()).toEqual(["a", "a@v1"]);
      });

      it("tells the states of one receipt apart", async () => {
        const states = ["v1", "v1", "v2", null].map((version) => anEntry("a", { version }));
        const { entries } = await stream.append(aReceipt(states));
        expect(entries.map(({ key, duplicate }) => [key, duplicate])).toEqual([
          ["a", false],
          ["a", true],
          ["a@v2", false],
          ["a", true],
        ]);
      });

      it("keeps the same state of two things apart", async () => {
        await take("a", "v1");
        expect(await take("b", "v1")).toMatchObject({ key: "b", duplicate: false });
      });

      it("bounds the key of a state, and still tells states apart", async () => {
        const key = `es:${"x".repeat(253)}`;
        await take(key, "v1");
        const [second, third] = [await take(key, "v2"), await take(key, "v3")];
        expect(second).toMatchObject({ key: versionedKey(key, "v2"), duplicate: false });
        expect(second.key).toMatch(/^es:sha256-[0-9a-f]{64}$/);
        expect(third).toMatchObject({ key: versionedKey(key, "v3"), duplicate: false });
        expect(third.key).not.toBe(second.key);
        expect((await take(key, "v1")).duplicate).toBe(true);
      });

      it("frees both keys of an entry that is pruned, and no other", async () => {
        const first = await take("a", "v1");
        const later = await take("a", "v2");
        await stream.prune({ bodies: [], entries: [first.position], receiptsBefore: 0 });
        expect([...(await stream.known(["a", "a@v1", "a@v2"]))]).toEqual(["a@v2"]);
        await stream.prune({ bodies: [], entries: [later.position], receiptsBefore: 0 });
        expect(await take("a", "v1")).toMatchObject({ key: "a", duplicate: false });
        expect(await take("a", "v2")).toMatchObject({ key: "a@v2", duplicate: false });
      });

      it("lets a replay take over both keys of the entry it takes the place of", async () => {
        const first = await take("a", "v1");
        const replay = await take("a", undefined, { replaces: first.position });
        expect(replay).toMatchObject({ key: "a", duplicate: false });
        await stream.prune({ bodies: [], entries: [first.position], receiptsBefore: 0 });
        expect(await take("a", "v1")).toEqual({ ...replay, duplicate: true });
        expect(await take("a")).toEqual({ ...replay, duplicate: true });
      });

      it("lets a replay of a later state keep its key", async () => {
        const first = await take("a");
        const later = await take("a", "v1");
        const replay = await take(later.key, undefined, { replaces: later.position });
        expect(replay).toMatchObject({ key: later.key, duplicate: false });
        expect(await take("a", "v1")).toEqual({ ...replay, duplicate: true });
        expect(await take("a")).toEqual({ ...first, duplicate: true });
      });

      it("says which keys it has, those of states too", async () => {
        await stream.append(aReceipt([anEntry("a", { version: "v1" }), anEntry("b")]));
        await take("b", "v2");
        const asked = ["a", "a@v1", "a@v2", "b", "b@v1", "b@v2", "c", "a"];
        expect(await stream.known(asked)).toEqual(new Set(["a", "a@v1", "b", "b@v2"]));
        expect(await stream.known([])).toEqual(new Set());
      });
    });

    it("answers for thousands of keys", async () => {
      const keys = Array.from({ length: 3000 }, (_, index) => `k${index}`);
      const even = keys.filter((_, index) => index % 2 === 0);
      await stream.append(aReceipt(even.map((key) => anEntry(key))));
      expect(await stream.known(keys)).toEqual(new Set(even));
    });

    it("knows no key of a receipt that is not durable", async () => {
      const refused = stream.append(aReceipt([anEntry("a"), anEntry("b", BROKEN)]));
      const asked = stream.known(["a"]);
      await expect(refused).rejects.toMatchObject({ code: "STORAGE_FAILED" });
      expect(await asked).toEqual(new Set());
    });

    it("answers a repeat with the key that its entry has", async () => {
      const at = (received_at: number) =>
        stream.append(aReceipt([anEntry("hash", { window: 1000 })], { received_at }));
      await at(1_000_000);
      const [second] = (await at(1_002_000)).entries;
      expect((await at(1_002_500)).entries).toEqual([{ ...second, duplicate: true }]);
    });

    describe("the cursor of a source", () => {
      it("is none before the first, and then the last that was stored", async () => {
        expect(await stream.cursor("s")).toBeNull();
        await stream.setCursor("s", aCursor("1"));
        await stream.setCursor("other", aCursor("x"));
        await stream.setCursor("s", { cursor: '{"v":1}', readTo: 2_000_000, at: 2_000_001 });
        expect(await stream.cursor("s")).toEqual({
          cursor: '{"v":1}',
          readTo: 2_000_000,
          at: 2_000_001,
        });
        expect(await stream.cursor("other")).toEqual(aCursor("x"));
      });

      it("is there when it is opened again", async () => {
        await stream.setCursor("s", aCursor("1"));
        await stream.close();
        stream = await harness.open();
        expect(await stream.cursor("s")).toEqual(aCursor("1"));
      });

      it("survives a crash once it was acknowledged, and not before", async () => {
        await stream.setCursor("s", aCursor("1"));
        const lost = stream.setCursor("s", aCursor("2"));
        lost.catch(() => {});
        await harness.crash(stream);
        stream = await harness.open();
        expect(await stream.cursor("s")).toEqual(aCursor("1"));
      });

      it("is durable only after what was appended before it", async () => {
        const done: string[] = [];
        const large = Array.from({ length: 2000 }, (_, index) => anEntry(`k${index}`));
        await Promise.all([
          stream.append(aReceipt(large)).then(() => done.push("first")),
          stream.append(aReceipt([anEntry("a")])).then(() => done.push("second")),
          stream.setCursor("s", aCursor("1")).then(() => done.push("cursor")),
        ]);
        expect(done).toEqual(["first", "second", "cursor"]);
      });

      it("stays where it was when what was appended before it is refused", async () => {
        await stream.setCursor("s", aCursor("1"));
        const results = await Promise.allSettled([
          stream.append(aReceipt([anEntry("a")])),
          stream.append(aReceipt([anEntry("b", BROKEN)])),
          stream.setCursor("s", aCursor("2")),
          stream.setCursor("other", aCursor("3")),
        ]);
        expect(results.map(({ status }) => status)).toEqual([
          "fulfilled",
          "rejected",
          "rejected",
          "fulfilled",
        ]);
        expect(await stream.cursor("s")).toEqual(aCursor("1"));
        expect(await stream.cursor("other")).toEqual(aCursor("3"));
        await stream.setCursor("s", aCursor("4"));
        expect(await stream.cursor("s")).toEqual(aCursor("4"));
      });
    });
  });
}

async function readAll(harness: StreamHarness) {
  const reader = await harness.openReader(START);
  const entries = [];
  for (let batch = await reader.read(500); batch.length > 0; batch = await reader.read(500)) {
    entries.push(...batch);
  }
  await reader.close();
  return entries;
}
