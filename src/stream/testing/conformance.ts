/** What every driver of the stream must do. A driver's test calls this with a way to open it. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Position } from "../../pipeline/entry.ts";
import type { NewEntry, NewReceipt, Stream, StreamReader } from "../stream.ts";

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
      // A body that is no bytes at all stands for whatever an engine refuses.
      const broken = anEntry("broken", { body: Symbol("none") as unknown as Uint8Array });
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
      stream = await harness.open();
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
