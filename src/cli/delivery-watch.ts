/**
 * Watches deliveries for changes. A delivery is *watched* while it is pending and no longer once
 * it ended. Every try that was not told yet, and every end, is news once.
 */
import type { DeliveryDetail, DeliveryRecord } from "../ledger/deliveries.ts";
import type { Ledger } from "../ledger/ledger.ts";
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

export class DeliveryWatch {
  readonly #ledger: Ledger;
  /** Tries that were told, by delivery. */
  readonly #told = new Map<number, number>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Watches what is pending now, without telling what went before. */
  async addPending(): Promise<void> {
    const { items } = await this.#ledger.listDeliveries({ state: "pending", limit: 500 });
    for (const { id, attempt_count } of items.toReversed()) this.#keep(id, attempt_count);
  }

  /** Watches the deliveries of an alert; answers what has become of them so far. */
  async addAlert(alert: string): Promise<DeliveryNews[]> {
    const { items } = await this.#ledger.listDeliveries({ alert });
    const news: DeliveryNews[] = [];
    for (const { id } of items.toReversed()) news.push(...(await this.#lookAt(id, 0)));
    return news;
  }

  /** What happened to the watched ones since they were last looked at. */
  async look(): Promise<DeliveryNews[]> {
    const news: DeliveryNews[] = [];
    for (const [id, told] of this.#told) {
      news.push(...(await this.#lookAt(id, told)));
    }
    return news;
  }

  async #lookAt(id: number, told: number): Promise<DeliveryNews[]> {
    const delivery = await this.#ledger.getDelivery(id);
    if (delivery.state === "pending") this.#keep(id, delivery.attempt_count);
    else this.#told.delete(id);
    return newsOf(delivery, told);
  }

  #keep(id: number, told: number): void {
    this.#told.set(id, told);
    const [oldest] = this.#told.keys();
    if (this.#told.size > MOST_WATCHED && oldest !== undefined) this.#told.delete(oldest);
  }
}

function newsOf({ attempts, ...delivery }: DeliveryDetail, told: number): DeliveryNews[] {
  const tries = attempts.filter(({ number }) => number > told);
  const { state, reason, done_at, due_at } = delivery;
  if (tries.length === 0) {
    // It ended without a try (a shadow route), or was given up.
    return state === "pending" ? [] : [{ delivery, at: done_at ?? "", text: reason }];
  }
  return tries.map(({ at, number, verdict, status, duration_ms, error, reason: why }, index) => {
    const isLast = index === tries.length - 1;
    const parts = [
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
