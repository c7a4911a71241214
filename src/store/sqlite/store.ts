/** The store in a SQLite file. One process holds the data folder, so claims live in memory. */
import type { Alert, TraceStep } from "../../alert/schema.ts";
import { fail } from "../../errors.ts";
import type { Decision } from "../../pipeline/decide.ts";
import type { Position } from "../../pipeline/entry.ts";
import type { StateReads, StateView, StoredAlert } from "../../pipeline/flow.ts";
import { Database } from "../../sqlite/database.ts";
import { GroupCommit } from "../../sqlite/group-commit.ts";
import { migrate } from "../../sqlite/migrate.ts";
import { reached } from "../../telemetry/milestones.ts";
import type { Claim, DeliveryId, DeliveryResult, Notice, RaisedNotice, Store } from "../store.ts";
import { AlertWriter, findAlert, toAlert } from "./alerts.ts";
import {
  findMemory,
  insertAttempt,
  insertDelivery,
  listDue,
  listDueTimes,
  saveMemory,
  updateDelivery,
  type DeliveryRow,
} from "./deliveries.ts";
import { findKey, hasEvent, insertEvent } from "./events.ts";
import { getCursor, setCursor } from "./meta.ts";
import {
  deleteNotice,
  hasNotice,
  insertNotice,
  listUnsettledNotices,
  settleNotice,
} from "./notices.ts";
import { RecentAlerts } from "./recent-alerts.ts";
import { STORE_MIGRATIONS } from "./schema.ts";

/** Name of the decision state that maps a subject to its alert. */
const SUBJECT = "subject";
/** The writer's own checkpoints are the bound for when the idle ones come too rarely. */
const AUTOCHECKPOINT_PAGES = 4096;

/** Opens or creates the store. */
export function openSqliteStore(path: string): Store {
  return new SqliteStore(path);
}

class SqliteStore implements Store {
  readonly #database: Database;
  readonly #alerts: AlertWriter;
  readonly #recent = new RecentAlerts();
  readonly #commits: GroupCommit;
  readonly #claimed = new Map<string, Set<DeliveryId>>();

  constructor(path: string) {
    this.#database = new Database(path, { autocheckpoint: AUTOCHECKPOINT_PAGES });
    migrate(this.#database, STORE_MIGRATIONS);
    this.#alerts = new AlertWriter(this.#database);
    this.#commits = new GroupCommit(this.#database, () => {
      this.#alerts.forget();
      this.#recent.clear();
    });
  }

  async cursor(): Promise<Position> {
    return getCursor(this.#database);
  }

  async loadState(reads: StateReads): Promise<StateView> {
    const keys = new Map(reads.keys.map((key) => [key, findKey(this.#database, key)]));
    const subjects = new Map(
      reads.subjects.map((subject) => [subject, this.#findSubject(subject)]),
    );
    return {
      positionOfKey: (key) => keys.get(key),
      alertOfSubject: (subject) => subjects.get(subject),
    };
  }

  async commitDecisions(decisions: readonly Decision[], now: number): Promise<void> {
    const last = decisions.at(-1);
    if (!last) return;
    await this.#commits.run(() => {
      for (const decision of decisions) this.#writeDecision(decision, now);
      setCursor(this.#database, last.entry.position);
      reached("decisions.written");
    });
  }

  async claimDeliveries(destination: string, now: number, limit: number): Promise<Claim[]> {
    const claimed = this.#claimsOf(destination);
    const rows = listDue(this.#database, destination, now, limit + claimed.size)
      .filter(({ id }) => !claimed.has(id))
      .slice(0, limit);
    return rows.map((row) => {
      claimed.add(row.id);
      return this.#toClaim(row);
    });
  }

  async releaseClaims(claims: readonly Claim[]): Promise<void> {
    for (const { id, destination } of claims) this.#claimsOf(destination).delete(id);
  }

  async recordResults(
    results: readonly DeliveryResult[],
    notices: readonly Notice[],
  ): Promise<void> {
    await this.#commits.run(() => {
      for (const result of results) this.#writeResult(result);
      for (const notice of notices) insertNotice(this.#database, notice, results[0]?.at ?? 0);
    });
    reached("results.recorded");
    await this.releaseClaims(results.map(({ claim }) => claim));
  }

  async nextDue(destination: string): Promise<number | null> {
    const claimed = this.#claimsOf(destination);
    const times = listDueTimes(this.#database, destination, claimed.size + 1);
    return times.find(({ id }) => !claimed.has(id))?.due_at ?? null;
  }

  async unsettledNotices(): Promise<RaisedNotice[]> {
    return listUnsettledNotices(this.#database);
  }

  async settleNotices(keys: readonly string[]): Promise<void> {
    await this.#commits.run(() => {
      for (const key of keys) settleNotice(this.#database, key);
    });
  }

  async closeNotice(key: string): Promise<void> {
    // Read first: nearly every call finds none, and a write would cost a sync to disk.
    if (hasNotice(this.#database, key)) deleteNotice(this.#database, key);
  }

  async checkpoint(): Promise<void> {
    this.#database.checkpoint();
  }

  async close(): Promise<void> {
    this.#database.closeSettled();
  }

  #claimsOf(destination: string): Set<DeliveryId> {
    const known = this.#claimed.get(destination) ?? new Set();
    this.#claimed.set(destination, known);
    return known;
  }

  #toClaim(row: DeliveryRow): Claim {
    const { thread } = row;
    return {
      id: row.id,
      destination: row.destination,
      alert: this.#recent.get(row.alert) ?? this.#readAlert(row),
      thread,
      memory: thread === null ? null : findMemory(this.#database, row.destination, thread),
      attempts: row.attempts,
      created_at: row.created_at,
    };
  }

  #readAlert(row: DeliveryRow): Alert {
    const alertRow = findAlert(this.#database, row.alert);
    if (alertRow) return toAlert(this.#database, alertRow);
    throw fail("DATA_INVALID", {
      component: "store",
      message: `delivery ${row.id} has no alert`,
      hint: "Run tocsin audit; it names what else is missing.",
    });
  }

  #findSubject(subject: string): StoredAlert | undefined {
    const state = this.#database.get<{ alert: Position }>(
      "SELECT alert FROM decision_state WHERE stage = ? AND key = ?",
      SUBJECT,
      subject,
    );
    const row = state && findAlert(this.#database, state.alert);
    if (!row) return undefined;
    return {
      position: row.position,
      alert: toAlert(this.#database, row),
      trace: JSON.parse(row.trace) as TraceStep[],
      destinations: this.#database
        .all<{ destination: string }>(
          "SELECT destination FROM deliveries WHERE alert = ?",
          row.position,
        )
        .map(({ destination }) => destination),
    };
  }

  #writeDecision(decision: Decision, now: number): void {
    const { entry, outcome, alert, routing } = decision;
    if (!insertEvent(this.#database, decision)) return this.#writeKnown(decision);
    if (!alert || !routing) return;
    const at = outcome.kind === "updated" ? outcome.of : entry.position;
    if (outcome.kind === "updated") this.#alerts.update(at, alert, routing, decision.trace);
    else this.#alerts.insert(at, entry.received_at, alert, routing, decision.trace);
    this.#recent.set(at, alert);
    for (const planned of decision.deliveries) insertDelivery(this.#database, at, planned, now);
    if (decision.subject !== null) this.#saveSubject(decision.subject, at, now);
  }

  /**
   * Its position is there: the batch was committed before. Or its key is: somebody else decided it
   * meanwhile, and the index, not the reader, has the last word.
   */
  #writeKnown(decision: Decision): void {
    if (hasEvent(this.#database, decision.entry.position)) return;
    const of = findKey(this.#database, decision.entry.key) ?? decision.entry.position;
    insertEvent(this.#database, {
      ...decision,
      outcome: { kind: "duplicate", reason: "key_known", of },
    });
  }

  #saveSubject(subject: string, alert: Position, now: number): void {
    this.#database.run(
      `INSERT INTO decision_state (stage, key, alert, at) VALUES (?, ?, ?, ?)
       ON CONFLICT (stage, key) DO UPDATE SET alert = excluded.alert, at = excluded.at`,
      SUBJECT,
      subject,
      alert,
      now,
    );
  }

  #writeResult(result: DeliveryResult): void {
    const { claim, attempt, at } = result;
    const attempts = claim.attempts + (attempt ? 1 : 0);
    if (attempt) insertAttempt(this.#database, claim.id, attempts, at, attempt);
    updateDelivery(this.#database, claim.id, {
      state: result.next,
      reason: result.next === "dead" ? result.reason : (attempt?.reason ?? "untried"),
      due_at: result.next === "pending" ? result.due_at : null,
      attempts,
      done_at: result.next === "pending" ? null : at,
    });
    if (result.next !== "delivered" || result.remember === null || claim.thread === null) return;
    saveMemory(this.#database, claim.destination, claim.thread, result.remember, at);
  }
}
