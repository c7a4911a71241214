/** What workers may try now. One process holds the data folder, so who tries what lives in memory. */
import type { Alert } from "../../alert/schema.ts";
import { fail } from "../../errors.ts";
import type { Position } from "../../pipeline/entry.ts";
import type { Database } from "../../sqlite/database.ts";
import { MAX_DIGEST_ALERTS, type Claim, type ClaimedDigest, type DeliveryId } from "../store.ts";
import { findAlert, toAlert } from "./alerts.ts";
import { listDue, listDueTimes, type DeliveryRow } from "./deliveries.ts";
import {
  countFolded,
  findDigestOf,
  findReference,
  listFolded,
  type CarrierRow,
} from "./digests.ts";
import { findMemory } from "./memories.ts";
import { readStateVersion } from "./meta.ts";
import type { RecentAlerts } from "./recent-alerts.ts";

export class Claims {
  readonly #database: Database;
  readonly #recent: RecentAlerts;
  /** By destination, what is out, and in which thread. */
  readonly #claimed = new Map<string, Map<DeliveryId, string | null>>();

  constructor(database: Database, recent: RecentAlerts) {
    this.#database = database;
    this.#recent = recent;
  }

  take(destination: string, now: number, limit: number): Claim[] {
    this.#recent.begin(readStateVersion(this.#database));
    const claimed = this.#of(destination);
    // What was held or replayed may be older than what is out of its thread, and still waits for it.
    const busy = new Set(claimed.values());
    const rows = listDue(this.#database, destination, now, limit + 2 * claimed.size)
      .filter(({ id, thread }) => !claimed.has(id) && (thread === null || !busy.has(thread)))
      .slice(0, limit);
    return rows.map((row) => {
      const claim = this.#toClaim(row);
      claimed.set(row.id, row.thread);
      return claim;
    });
  }

  release(claims: readonly Claim[]): void {
    for (const { id, destination } of claims) this.#of(destination).delete(id);
  }

  nextDue(destination: string): number | null {
    const claimed = this.#of(destination);
    const times = listDueTimes(this.#database, destination, claimed.size + 1);
    return times.find(({ id }) => !claimed.has(id))?.due_at ?? null;
  }

  #of(destination: string): Map<DeliveryId, string | null> {
    const known = this.#claimed.get(destination) ?? new Map<DeliveryId, string | null>();
    this.#claimed.set(destination, known);
    return known;
  }

  #toClaim(row: DeliveryRow): Claim {
    const { id, destination, kind, sequence, thread, attempts, created_at } = row;
    const alert = this.#findAlert(row.alert);
    if (!alert) throw withoutAlert(id);
    const digest = this.#digestOf(row);
    const memory = this.#memoryOf(row);
    return { id, destination, kind, sequence, alert, digest, thread, memory, attempts, created_at };
  }

  #memoryOf({ kind, alert, destination, thread }: DeliveryRow): string | null {
    if (kind === "update") return findReference(this.#database, alert, destination);
    return thread === null ? null : findMemory(this.#database, destination, thread);
  }

  #digestOf(row: DeliveryRow): ClaimedDigest | null {
    const carrier = this.#carrierOf(row);
    if (!carrier) return null;
    const others = countFolded(this.#database, carrier);
    // Retention may have taken all but the one that is told of.
    if (others === 0) return null;
    const folded = listFolded(this.#database, carrier, MAX_DIGEST_ALERTS - 1);
    const alerts = [carrier.alert, ...folded].map((position) => this.#findAlert(position));
    return {
      reason: carrier.digest,
      cause: carrier.cause,
      total: others + 1,
      alerts: alerts.filter((alert) => alert !== undefined),
    };
  }

  /** An update shows the message that it changes: a digest stays one. */
  #carrierOf(row: DeliveryRow): CarrierRow | undefined {
    const { digest, kind, alert, destination } = row;
    if (digest !== null) return { ...row, digest };
    return kind === "update" ? findDigestOf(this.#database, alert, destination) : undefined;
  }

  #findAlert(position: Position): Alert | undefined {
    const known = this.#recent.get(position);
    if (known) return known;
    const row = findAlert(this.#database, position);
    return row && toAlert(this.#database, row);
  }
}

function withoutAlert(id: DeliveryId): Error {
  return fail("DATA_INVALID", {
    component: "store",
    message: `delivery ${id} has no alert`,
    hint: "Run tocsin audit; it names what else is missing.",
  });
}
