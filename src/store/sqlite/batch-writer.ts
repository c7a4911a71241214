/** Writes what was decided: entries with their outcomes, and all that they and timers change. */
import type { Decision } from "../../pipeline/decide.ts";
import { placeOf, type Changes } from "../../pipeline/flow.ts";
import type { CommitBatch } from "../../pipeline/runner.ts";
import { stateChanged } from "../../pipeline/view.ts";
import type { Database } from "../../sqlite/database.ts";
import { AlertWriter } from "./alerts.ts";
import { writeCase } from "./cases.ts";
import { writeCell } from "./cells.ts";
import { insertDelivery } from "./deliveries.ts";
import { findKey, hasEvent, insertEvent } from "./events.ts";
import { moveDelivery } from "./held.ts";
import { advance } from "./meta.ts";
import { insertNotice } from "./notices.ts";
import type { RecentAlerts } from "./recent-alerts.ts";

export class BatchWriter {
  readonly #database: Database;
  readonly #recent: RecentAlerts;
  readonly #alerts: AlertWriter;

  constructor(database: Database, recent: RecentAlerts) {
    this.#database = database;
    this.#recent = recent;
    this.#alerts = new AlertWriter(database);
  }

  /** Forgets what a rolled back transaction may have taken back. */
  forget(): void {
    this.#alerts.forget();
    this.#recent.clear();
  }

  /** Part of a transaction. Throws STATE_CHANGED when the state is of another version by now. */
  write({ version, decisions, timers }: CommitBatch, now: number): void {
    const last = decisions.at(-1)?.entry.position ?? 0;
    if (!advance(this.#database, version, last)) throw stateChanged();
    this.#recent.begin(version);
    for (const { cell, changes } of timers) this.#writeChanges(changes, cell.due_at, now);
    for (const decision of decisions) this.#writeDecision(decision, now);
    this.#recent.advance(version + 1);
  }

  #writeDecision(decision: Decision, now: number): void {
    if (!insertEvent(this.#database, decision)) return this.#writeKnown(decision);
    this.#writeAlert(decision, now);
    this.#writeChanges(decision.changes, decision.entry.received_at, now);
  }

  #writeAlert(decision: Decision, now: number): void {
    const { entry, outcome, alert, routing, trace } = decision;
    if (!alert || !routing) return;
    const { received_at: received } = entry;
    const at = placeOf(decision);
    if (outcome.kind === "alert") this.#alerts.insert(at, received, alert, routing, trace);
    else this.#alerts.update(at, alert, routing, trace, received);
    this.#recent.set(at, alert);
    for (const planned of decision.deliveries) {
      insertDelivery(this.#database, at, planned, { now, received });
    }
  }

  /**
   * Its position is there: the batch was committed before. Or its key is: somebody else decided it
   * meanwhile, and the index, not the reader, has the last word. Either way it changes nothing else.
   */
  #writeKnown(decision: Decision): void {
    if (hasEvent(this.#database, decision.entry.position)) return;
    const of = findKey(this.#database, decision.entry.key) ?? decision.entry.position;
    insertEvent(this.#database, {
      ...decision,
      outcome: { kind: "duplicate", reason: "key_known", of },
    });
  }

  /** `at` is the log's time. */
  #writeChanges({ cells, cases, moves, notices }: Changes, at: number, now: number): void {
    for (const write of cells) writeCell(this.#database, write);
    for (const write of cases) writeCase(this.#database, write);
    for (const move of moves) moveDelivery(this.#database, move, at, now);
    for (const notice of notices) insertNotice(this.#database, notice, at);
  }
}
