/** A small data folder made with the real drivers, for tests of what reads it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emptyContent } from "../../alert/content.ts";
import type { AlertContent } from "../../alert/schema.ts";
import type { Position } from "../../pipeline/entry.ts";
import { aRoute } from "../../pipeline/pace/testing/builders.ts";
import type { CompiledRoute, PipelineConfiguration } from "../../pipeline/policies.ts";
import { runBatch, runTimers, type RunnerParts } from "../../pipeline/runner.ts";
import { aConfiguration, aSet } from "../../pipeline/testing/stages.ts";
import { Database } from "../../sqlite/database.ts";
import { openSqliteStore } from "../../store/sqlite/store.ts";
import type { Claim, DeliveryResult, Store } from "../../store/store.ts";
import { openSqliteReader } from "../../stream/sqlite/reader.ts";
import { openSqliteStream } from "../../stream/sqlite/stream.ts";
import type { Appended, NewEntry, NewReceipt, Stream, StreamReader } from "../../stream/stream.ts";

export const NOON = Date.parse("2026-05-04T12:00:00Z");

/** A document of these tests: what of it is alert content stands in `alert`. */
export interface TestDocument {
  readonly alert?: Partial<AlertContent>;
  readonly subject?: string;
  readonly updates?: string;
  readonly [field: string]: unknown;
}

/** High goes to two destinations, medium to one and in shadow to another, `tolerated` to none. */
const ROUTES: readonly CompiledRoute[] = [
  aRoute("urgent", { match: "severity: high", to: ["chat", "desk"] }),
  aRoute("trial", { match: "severity: medium", to: ["desk"], shadow: true, continue: true }),
  aRoute("usual", { match: "severity: medium", to: ["chat"] }),
  aRoute("tolerated", { match: "severity: low", to: [] }),
];

/** A configuration with these routes, by default `ROUTES`, and what else is given. */
export function aLedgerConfiguration(
  given: Partial<PipelineConfiguration> = {},
  routes: readonly CompiledRoute[] = ROUTES,
): PipelineConfiguration {
  return aConfiguration({
    normalise: ({ source, kind }, document) => {
      const { alert, subject = null, updates = null } = document as TestDocument;
      if (document["broken"] === true) throw new RangeError("a field that the source cannot read");
      const origin = { name: source, kind, vendor: "Acme", product: "Sensor", space: null };
      const content = { ...emptyContent(origin), title: "Odd login", severity: "high", ...alert };
      return { content: content as AlertContent, subject, updates, parts: [] };
    },
    routes: aSet(...routes),
    route: (name) => routes.find((route) => route.name === name),
    ...given,
  });
}

export function anEntry(key: string, document: TestDocument = {}): NewEntry {
  const body = Buffer.from(JSON.stringify(document));
  return { stream: "rule", key, window: null, repaired: [], body, quarantine: null };
}

export function aRejectedEntry(key: string, text: string): NewEntry {
  const quarantine = { reason: "unreadable", detail: "not JSON" };
  return { ...anEntry(key), stream: "", body: Buffer.from(text), quarantine };
}

export class TestFolder {
  readonly path = mkdtempSync(join(tmpdir(), "tocsin-ledger-"));
  readonly paths = { stream: join(this.path, "stream.db"), store: join(this.path, "store.db") };
  readonly stream: Stream = openSqliteStream(this.paths.stream);
  readonly store: Store = openSqliteStore(this.paths.store);
  readonly #configuration: PipelineConfiguration;

  constructor(configuration = aLedgerConfiguration()) {
    this.#configuration = configuration;
  }

  async remove(): Promise<void> {
    await this.stream.close();
    await this.store.close();
    rmSync(this.path, { recursive: true });
  }

  /** Appends a receipt, by default of the source `sensor` at noon. */
  receive(entries: readonly NewEntry[], more: Partial<NewReceipt> = {}): Promise<Appended> {
    return this.stream.append({
      source: "sensor",
      kind: "generic",
      received_at: NOON,
      via: "none",
      entries,
      empty: entries.length === 0 ? "no_hits" : null,
      original: null,
      ...more,
    });
  }

  /** Lets the pipeline decide what is there, or the first `most` entries of it. */
  async decide(most = 1_000_000): Promise<void> {
    const reader = openSqliteReader(this.paths.stream, await this.store.cursor());
    const entries = await reader.read(most);
    await runBatch(entries, this.#partsWith(reader), NOON);
    await reader.close();
  }

  /** Lets the timers fire that are due at or before a time. */
  async fireTimers(before: number): Promise<void> {
    const reader = openSqliteReader(this.paths.stream, await this.store.cursor());
    await runTimers(before, this.#partsWith(reader), before);
    await reader.close();
  }

  #partsWith(reader: StreamReader): RunnerParts {
    const { store } = this;
    const documents = reader.documents.bind(reader);
    return { store, configuration: this.#configuration, documents };
  }

  /** Tries what is due at a destination, with this result for each. */
  async deliver(
    destination: string,
    result: "delivered" | "rejected" | "failed",
    now = NOON,
  ): Promise<number> {
    const claims = await this.store.claimDeliveries(destination, now, 100);
    const results = claims.map((claim) => resultOf(claim, result));
    if (results.length > 0) await this.store.recordResults(results, []);
    return claims.length;
  }

  /** Changes a file behind the program's back. */
  tamper(file: "stream" | "store", sql: string): void {
    const database = new Database(this.paths[file]);
    database.exec(sql);
    database.close();
  }

  async cursor(): Promise<Position> {
    return this.store.cursor();
  }
}

function resultOf(claim: Claim, result: "delivered" | "rejected" | "failed"): DeliveryResult {
  const at = NOON + 1000;
  const base = { claim, at };
  const attempt = { reason: result, status: 200, duration: 12, error: null };
  switch (result) {
    case "delivered":
      return {
        ...base,
        attempt: { ...attempt, verdict: "delivered" },
        next: "delivered",
        remember: null,
        reference: null,
      };
    case "rejected":
      return {
        ...base,
        attempt: { ...attempt, verdict: "reject", status: 400, error: "no such channel" },
        next: "dead",
        reason: "rejected_by_peer",
      };
    case "failed":
      return {
        ...base,
        attempt: { ...attempt, verdict: "retry", status: 503, error: "down for repairs" },
        next: "pending",
        due_at: at + 5000,
      };
  }
}
