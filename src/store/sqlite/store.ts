/** The store in a SQLite file. */
import type { Position } from "../../pipeline/entry.ts";
import type { CommitBatch } from "../../pipeline/runner.ts";
import type { DueCell, LoadedState, StateReads } from "../../pipeline/state.ts";
import { Database } from "../../sqlite/database.ts";
import { GroupCommit } from "../../sqlite/group-commit.ts";
import { migrate } from "../../sqlite/migrate.ts";
import { reached } from "../../telemetry/milestones.ts";
import type { Claim, DeliveryResult, Notice, Outage, RaisedNotice, Store } from "../store.ts";
import { BatchWriter } from "./batch-writer.ts";
import { findNextTimer, listDueCells } from "./cells.ts";
import { Claims } from "./claims.ts";
import { resumeDue } from "./deliveries.ts";
import { StateLoader } from "./load-state.ts";
import { getCursor, raiseStateVersion } from "./meta.ts";
import {
  deleteNotice,
  hasNotice,
  insertNotice,
  listUnsettledNotices,
  settleNotice,
} from "./notices.ts";
import { rearmCells, rearmDeliveries, rearmHeld } from "./rearm.ts";
import { RecentAlerts } from "./recent-alerts.ts";
import { writeResult } from "./results.ts";
import { STORE_MIGRATIONS } from "./schema.ts";

/** The writer's own checkpoints are the bound for when the idle ones come too rarely. */
const AUTOCHECKPOINT_PAGES = 4096;

/** Opens or creates the store. */
export function openSqliteStore(path: string): Store {
  return new SqliteStore(path);
}

class SqliteStore implements Store {
  readonly #database: Database;
  readonly #loader: StateLoader;
  readonly #writer: BatchWriter;
  readonly #claims: Claims;
  readonly #commits: GroupCommit;

  constructor(path: string) {
    this.#database = new Database(path, { autocheckpoint: AUTOCHECKPOINT_PAGES });
    migrate(this.#database, STORE_MIGRATIONS);
    const recent = new RecentAlerts();
    this.#loader = new StateLoader(this.#database, recent);
    this.#writer = new BatchWriter(this.#database, recent);
    this.#claims = new Claims(this.#database, recent);
    this.#commits = new GroupCommit(this.#database, () => this.#writer.forget());
  }

  async cursor(): Promise<Position> {
    return getCursor(this.#database);
  }

  async loadState(reads: StateReads): Promise<LoadedState> {
    return this.#loader.load(reads);
  }

  async dueCells(before: number, limit: number): Promise<DueCell[]> {
    return listDueCells(this.#database, before, limit);
  }

  async nextTimer(): Promise<number | null> {
    return findNextTimer(this.#database);
  }

  async commit(batch: CommitBatch, now: number): Promise<void> {
    if (batch.decisions.length === 0 && batch.timers.length === 0) return;
    await this.#commits.run(() => {
      this.#writer.write(batch, now);
      reached("decisions.written");
    });
    if (movesAny(batch)) this.#claims.forget();
  }

  async claimDeliveries(destination: string, now: number, limit: number): Promise<Claim[]> {
    return this.#claims.take(destination, now, limit);
  }

  async releaseClaims(claims: readonly Claim[]): Promise<void> {
    this.#claims.release(claims);
  }

  async recordResults(
    results: readonly DeliveryResult[],
    notices: readonly Notice[],
  ): Promise<void> {
    await this.#commits.run(() => {
      for (const result of results) writeResult(this.#database, result);
      for (const notice of notices) insertNotice(this.#database, notice, results[0]?.at ?? 0);
    });
    reached("results.recorded");
    this.#claims.settle(results);
  }

  async resumeDeliveries(destination: string, outage: Outage, now: number): Promise<void> {
    await this.#commits.run(() => resumeDue(this.#database, destination, outage, now));
    this.#claims.forget();
  }

  async nextDue(destination: string): Promise<number | null> {
    return this.#claims.nextDue(destination);
  }

  async unsettledNotices(): Promise<RaisedNotice[]> {
    return listUnsettledNotices(this.#database);
  }

  async settleNotices(keys: readonly string[]): Promise<void> {
    await this.#commits.run(() => {
      for (const key of keys) settleNotice(this.#database, key);
    });
  }

  async closeNotice(key: string): Promise<boolean> {
    // Read first: nearly every call finds none, and a write would cost a sync to disk.
    return !hasNotice(this.#database, key) || deleteNotice(this.#database, key);
  }

  async rearmTimers(now: number): Promise<void> {
    await this.#commits.run(() => {
      raiseStateVersion(this.#database);
      rearmCells(this.#database, now);
      rearmHeld(this.#database, now);
      rearmDeliveries(this.#database, now);
    });
    this.#claims.forget();
  }

  async checkpoint(): Promise<void> {
    this.#database.checkpoint();
  }

  async close(): Promise<void> {
    this.#database.closeSettled();
  }
}

/** Whether it decides about deliveries that were planned before. */
function movesAny({ decisions, timers }: CommitBatch): boolean {
  return [...decisions, ...timers].some(({ changes }) => changes.moves.length > 0);
}
