/**
 * Finds the deliveries of one destination that may be tried now: due, its turn, and not out.
 *
 * With a long backlog most of what is due may wait for something else of its thread, and to read past that
 * for each message would take longer than to send it. So a search goes on where the last one ended. *Read*
 * is what fell due before a time: all of it is out, or waits for its turn. From there on everything is
 * looked at each time. What was read can get its turn
 *
 * - when what it waits for is recorded: the next of that thread and of that alert are looked up by name;
 * - by whatever else happens to the outbox: then what was read is forgotten, and read again.
 *
 * Deliveries become due a little later than their time says, by what it takes to commit them, and other
 * processes change the file without a word. So the newest seconds are never counted as read, and all is
 * forgotten from time to time.
 */
import type { Position } from "../../pipeline/entry.ts";
import type { Database } from "../../sqlite/database.ts";
import type { DeliveryId } from "../store.ts";
import {
  findDueOfAlert,
  findDueOfThread,
  listDue,
  listDueTimes,
  type DeliveryRow,
} from "./deliveries.ts";

/** How far a due time may be back when its delivery is committed. */
const LATE_MS = 5000;
/** How long what was read is believed to be as it was. */
const TRUSTED_MS = 10_000;

export class Search {
  readonly #database: Database;
  readonly #destination: string;
  /** What is out. */
  readonly #claimed = new Map<DeliveryId, DeliveryRow>();
  /** What of each was recorded since the last search. */
  readonly #threads = new Set<string>();
  readonly #alerts = new Set<Position>();
  /** What fell due before was read. */
  #read = 0;
  /** When reading began from the start. */
  #begun = 0;

  constructor(database: Database, destination: string) {
    this.#database = database;
    this.#destination = destination;
  }

  /** At most `limit` deliveries, the longest due first. They are out until released or settled. */
  take(now: number, limit: number): DeliveryRow[] {
    if (now < this.#begun || now > this.#begun + TRUSTED_MS) this.forget();
    if (this.#read === 0) this.#begun = now;
    const most = limit + 2 * this.#claimed.size;
    const rows = listDue(this.#database, this.#destination, { from: this.#read, now }, most);
    const free = this.#freeOf([...this.#listFreed(now), ...rows]);
    const left = free[limit]?.due_at ?? (rows.length === most ? rows.at(-1)?.due_at : undefined);
    this.#read = Math.max(0, Math.min(left ?? now, now - LATE_MS));
    const taken = free.slice(0, limit);
    for (const row of taken) this.#claimed.set(row.id, row);
    return taken;
  }

  release(id: DeliveryId): void {
    this.#claimed.delete(id);
    this.forget();
  }

  settle(id: DeliveryId): void {
    const row = this.#claimed.get(id);
    this.#claimed.delete(id);
    // What a digest tells of may be followed too.
    if (!row || row.digest !== null) return this.forget();
    if (row.thread !== null) this.#threads.add(row.thread);
    this.#alerts.add(row.alert);
  }

  forget(): void {
    this.#read = 0;
    this.#threads.clear();
    this.#alerts.clear();
  }

  nextDue(): number | null {
    const isRead = this.#threads.size === 0 && this.#alerts.size === 0;
    const from = isRead ? this.#read : 0;
    const most = this.#claimed.size + 1;
    const times = listDueTimes(this.#database, this.#destination, from, most);
    return times.find(({ id }) => !this.#claimed.has(id))?.due_at ?? null;
  }

  /** What may have got its turn since the last search. */
  #listFreed(now: number): DeliveryRow[] {
    const of = [this.#database, this.#destination] as const;
    const found = [
      ...[...this.#threads].map((thread) => findDueOfThread(...of, thread, now)),
      ...[...this.#alerts].map((alert) => findDueOfAlert(...of, alert, now)),
    ];
    this.#threads.clear();
    this.#alerts.clear();
    return found.filter((row) => row !== undefined);
  }

  /** What was held or replayed may be older than what is out of its thread, and still waits for it. */
  #freeOf(rows: readonly DeliveryRow[]): DeliveryRow[] {
    const busy = new Set([...this.#claimed.values()].map(({ thread }) => thread));
    const free = rows.filter(
      ({ id, thread }) => !this.#claimed.has(id) && (thread === null || !busy.has(thread)),
    );
    return [...new Map(free.map((row) => [row.id, row])).values()].toSorted(
      (a, b) => a.due_at - b.due_at || a.id - b.id,
    );
  }
}
