/**
 * Watches deliveries for changes. A delivery is *watched* while something can still become of it: it is
 * pending, or suppressed by a silence whose end tells of it. Every try that was not told yet, every
 * wait and every end is news once.
 */
import type { AttemptRecord, DeliveryRecord } from "../ledger/deliveries.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { kindOf } from "./deliveries.ts";
import { itemsOf } from "./pages.ts";
import { formatDuration } from "./text.ts";

/** Deliveries that are looked at each time; beyond it the oldest are let go. */
const MOST_WATCHED = 1000;

/** Something happened to a delivery. */
export interface DeliveryNews {
  readonly delivery: DeliveryRecord;
  /** RFC 3339. */
  readonly at: string;
  readonly text: string;
}

/** What was told of a delivery. */
interface Told {
  readonly tries: number;
  readonly standing: string;
}

const NOTHING: Told = { tries: 0, standing: "" };

export class DeliveryWatch {
  readonly #ledger: Ledger;
  readonly #told = new Map<number, Told>();
  /** Up to here all deliveries were seen; behind it those of alerts that were added. */
  #seen = 0;
  readonly #ahead = new Set<number>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Watches what is pending now, without telling what went before. */
  async addPending(): Promise<void> {
    const newest = await this.#ledger.listDeliveries({ limit: 1 });
    this.#seen = newest.items[0]?.id ?? 0;
    const { items } = await this.#ledger.listDeliveries({ state: "pending", limit: 500 });
    for (const delivery of items.toReversed()) {
      this.#keep(delivery.id, { tries: delivery.attempt_count, standing: standingOf(delivery) });
    }
  }

  /** Watches the deliveries of an alert; answers what has become of them so far. */
  async addAlert(alert: string): Promise<DeliveryNews[]> {
    const { items } = await this.#ledger.listDeliveries({ alert });
    const news: DeliveryNews[] = [];
    for (const { id } of items.toReversed()) {
      if (id > this.#seen) this.#ahead.add(id);
      news.push(...(await this.#lookAt(id, NOTHING)));
    }
    return news;
  }

  /** What happened to the watched ones since they were last looked at, and to those that came since. */
  async look(): Promise<DeliveryNews[]> {
    const news: DeliveryNews[] = [];
    for (const [id, told] of this.#told) news.push(...(await this.#lookAt(id, told)));
    for (const id of await this.#newOnes()) news.push(...(await this.#lookAt(id, NOTHING)));
    return news;
  }

  /** Reminders and updates come long after their alert. */
  async #newOnes(): Promise<number[]> {
    const after = this.#seen;
    const ids: number[] = [];
    for await (const { id } of itemsOf((page) =>
      this.#ledger.listDeliveries({ ...page, after, order: "oldest" }),
    )) {
      this.#seen = id;
      if (!this.#ahead.delete(id)) ids.push(id);
    }
    return ids;
  }

  async #lookAt(id: number, told: Told): Promise<DeliveryNews[]> {
    const delivery = await this.#ledger.getDelivery(id);
    const standing = standingOf(delivery);
    if (isOpen(delivery)) this.#keep(id, { tries: delivery.attempt_count, standing });
    else this.#told.delete(id);
    const { attempts, ...record } = delivery;
    const news = newsOf(record, attempts, told.tries);
    return news.length > 0 || standing === told.standing ? news : standingNews(record);
  }

  #keep(id: number, told: Told): void {
    this.#told.set(id, told);
    const [oldest] = this.#told.keys();
    if (this.#told.size > MOST_WATCHED && oldest !== undefined) this.#told.delete(oldest);
  }
}

function isOpen({ state, hold }: DeliveryRecord): boolean {
  return state === "pending" || (state === "suppressed" && hold !== null);
}

function standingOf({ state, reason, hold }: DeliveryRecord): string {
  return [state, reason, hold].join(" ");
}

/** Tries that were not told. */
function newsOf(
  delivery: DeliveryRecord,
  attempts: readonly AttemptRecord[],
  told: number,
): DeliveryNews[] {
  const { state, due_at } = delivery;
  const tries = attempts.filter(({ number }) => number > told);
  return tries.map(({ at, number, verdict, status, duration_ms, error, reason: why }, index) => {
    const isLast = index === tries.length - 1;
    const parts = [
      ...whatOf(delivery),
      `try ${number}`,
      verdict === "delivered" ? status : `${verdict} (${why})`,
      formatDuration(duration_ms),
      error,
      isLast && state === "pending" && due_at !== null ? `next ${due_at}` : null,
    ];
    // A try before the last one left it pending, whatever it is by now.
    const then = isLast ? delivery : { ...delivery, state: "pending" as const };
    return { delivery: then, at, text: parts.filter((part) => part !== null).join(", ") };
  });
}

/** It waits, or ended without a try; what is to be sent at once is no news yet. */
function standingNews(delivery: DeliveryRecord): DeliveryNews[] {
  const { state, reason, cause, hold, held_until, carrier, created_at, done_at } = delivery;
  if (state === "pending" && hold === null) return [];
  const why = carrier ? `told by the digest of ${carrier.alert}` : reason;
  const parts = [
    ...whatOf(delivery),
    cause === null || carrier ? why : `${why} ${cause}`,
    held_until === null ? null : `until ${held_until}`,
  ];
  const text = parts.filter((part) => part !== null).join(", ");
  return [{ delivery, at: done_at ?? created_at, text }];
}

/** `reminder`, `digest of 5`; nothing for an alert by itself. */
function whatOf(delivery: DeliveryRecord): string[] {
  const kind = kindOf(delivery);
  return kind === "alert" ? [] : [kind];
}
