/**
 * What workers may try now. One process holds the data folder, so who tries what lives in memory; by which
 * rules that is found without reading a whole backlog again stands in `search.ts`.
 */
import type { Alert } from "../../alert/schema.ts";
import { caseNumber, type Case } from "../../case/case.ts";
import { fail } from "../../errors.ts";
import type { Position } from "../../pipeline/entry.ts";
import type { Database } from "../../sqlite/database.ts";
import {
  MAX_DIGEST_ALERTS,
  type Claim,
  type ClaimedDigest,
  type DeliveryId,
  type DeliveryResult,
} from "../store.ts";
import { findAlert, toAlert } from "./alerts.ts";
import { findCase } from "./cases.ts";
import type { DeliveryRow } from "./deliveries.ts";
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
import { Search } from "./search.ts";

export class Claims {
  readonly #database: Database;
  readonly #recent: RecentAlerts;
  readonly #searches = new Map<string, Search>();

  constructor(database: Database, recent: RecentAlerts) {
    this.#database = database;
    this.#recent = recent;
  }

  take(destination: string, now: number, limit: number): Claim[] {
    this.#recent.begin(readStateVersion(this.#database));
    return this.#of(destination)
      .take(now, limit)
      .map((row) => this.#toClaim(row));
  }

  /** Gives back what was not tried. */
  release(claims: readonly Claim[]): void {
    for (const claim of claims) this.#of(claim.destination).release(claim.id);
  }

  /** What was tried is recorded, and what follows it may have its turn. */
  settle(results: readonly DeliveryResult[]): void {
    for (const { claim } of results) this.#of(claim.destination).settle(claim.id);
  }

  /** Due times, or what waits for what, changed otherwise than by results. */
  forget(): void {
    for (const search of this.#searches.values()) search.forget();
  }

  nextDue(destination: string): number | null {
    return this.#of(destination).nextDue();
  }

  #of(destination: string): Search {
    const known = this.#searches.get(destination) ?? new Search(this.#database, destination);
    this.#searches.set(destination, known);
    return known;
  }

  #toClaim(row: DeliveryRow): Claim {
    const { id, destination, kind, sequence, thread, attempts, created_at } = row;
    const alert = this.#findAlert(row.alert);
    if (!alert) throw withoutAlert(id);
    const digest = this.#digestOf(row);
    const about = {
      alert,
      digest,
      case: this.#caseOf(digest?.alerts[0] ?? alert),
      memory: this.#memoryOf(row),
    };
    return { id, destination, kind, sequence, thread, attempts, created_at, ...about };
  }

  #caseOf({ case_id }: Alert): Case | null {
    const number = case_id === null ? null : caseNumber(case_id);
    return number === null ? null : (findCase(this.#database, number) ?? null);
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
