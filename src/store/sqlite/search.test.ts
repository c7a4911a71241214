import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Position } from "../../pipeline/entry.ts";
import { Database } from "../../sqlite/database.ts";
import { migrate } from "../../sqlite/migrate.ts";
import { listDue, updateDelivery, type DeliveryRow } from "./deliveries.ts";
import { STORE_MIGRATIONS } from "./schema.ts";
import { Search } from "./search.ts";

const NOW = 1_700_000_000_000;

let folder: string;
let database: Database;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tocsin-search-"));
  database = new Database(join(folder, "store.db"));
  migrate(database, STORE_MIGRATIONS);
  // Nothing here has to outlive the power.
  database.exec("PRAGMA synchronous = OFF");
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

interface Planned {
  readonly alert: number;
  readonly sequence?: number;
  readonly thread?: string | null;
  readonly due_at: number;
}

function plan({ alert, sequence = 0, thread = null, due_at }: Planned): void {
  database.run(
    `INSERT INTO deliveries (alert, destination, route, kind, sequence, thread, state, reason, due_at,
       attempts, created_at)
     VALUES (?, 'd', 'r', iif(?2 = 0, 'alert', 'update'), ?2, ?, 'pending', 'first_notification', ?, 0, ?4)
     ON CONFLICT DO NOTHING`,
    alert,
    sequence,
    thread,
    due_at,
  );
}

function record(search: Search, row: DeliveryRow, state: string, due_at: number | null): void {
  const next = { state, reason: "r", due_at, attempts: row.attempts + 1, done_at: null };
  updateDelivery(database, row.id, next);
  search.settle(row.id);
}

/** What reading everything from the start would find. */
function readAll(now: number, out: ReadonlyMap<number, DeliveryRow>, limit: number): number[] {
  const busy = new Set([...out.values()].map(({ thread }) => thread));
  return listDue(database, "d", { from: 0, now }, 1e6)
    .filter(({ id, thread }) => !out.has(id) && (thread === null || !busy.has(thread)))
    .slice(0, limit)
    .map(({ id }) => id);
}

/** Numbers from 0 up to `below`, the same for the same seed (mulberry32). */
function createDice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) % below;
  };
}

it.each(Array.from({ length: 20 }, (_, seed) => seed))(
  "finds what reading everything would find (history %i)",
  (seed) => {
    const roll = createDice(seed);
    const search = new Search(database, "d");
    const out = new Map<number, DeliveryRow>();
    let now = NOW;
    let alert = 0;
    let found = 0;
    for (let step = 0; step < 300; step += 1) {
      now += [0, 0, 3, 900, 4000][roll(5)] ?? 0;
      if (roll(3) > 0) {
        // Most are of a thread that has others; some follow an earlier message about their alert.
        const thread = [null, "a", "a", "a", "b", `t${roll(50)}`][roll(6)] ?? null;
        const isNew = alert === 0 || roll(3) > 0;
        const about = isNew ? (alert += 1) : 1 + roll(alert);
        plan({ alert: about, sequence: isNew ? 0 : 1 + roll(3), thread, due_at: now - roll(4000) });
      }
      const [id, row] = [...out][roll(out.size + 2)] ?? [];
      if (id !== undefined && row) {
        out.delete(id);
        const what = roll(8);
        if (what === 0) search.release(row.id);
        else if (what === 1) record(search, row, "pending", now + roll(8000));
        else record(search, row, what === 2 ? "dead" : "delivered", null);
      }
      if (roll(2) === 0) continue;
      const limit = 1 + roll(4);
      const expected = readAll(now, out, limit);
      const taken = search.take(now, limit);
      expect(taken.map((each) => each.id)).toEqual(expected);
      for (const each of taken) out.set(each.id, each);
      found += taken.length;
    }
    expect(found).toBeGreaterThan(30);
  },
);

it("does not read past a long backlog of one thread for each of its messages", () => {
  database.transaction(() => {
    for (let alert = 1; alert <= 20_000; alert += 1) {
      plan({ alert, thread: "t", due_at: NOW - 100_000 + alert });
    }
  });
  const search = new Search(database, "d");
  const messages = 300;
  const readingAll = timeOf(() => listDue(database, "d", { from: 0, now: NOW }, 8));
  const sending = timeOf(() => {
    for (let sent = 1; sent <= messages; sent += 1) {
      const [row, ...others] = search.take(NOW, 8);
      if (!row) return expect.unreachable("nothing is due");
      expect([row.alert, others.length]).toEqual([sent as Position, 0]);
      expect(search.nextDue()).toBeNull();
      record(search, row, "delivered", null);
    }
  });
  expect(sending).toBeLessThan((readingAll * messages) / 4);
});

/** In milliseconds. */
function timeOf(work: () => unknown): number {
  const begun = performance.now();
  work();
  return performance.now() - begun;
}
