/**
 * One connection to one SQLite file, with the settings that the promise rests on.
 *
 * `synchronous=FULL` is set by hand: the engine's default under WAL is NORMAL, which may lose the
 * newest commits with the power. Statements are prepared once and kept, and the connection holds
 * them, not the other way round: a connection that only its statements refer to is collected and
 * closed under them.
 */
import { fail, messageOf } from "../errors.ts";
import { loadEngine, type DatabaseSync, type StatementSync } from "./engine.ts";

/** What may be bound to a parameter. */
export type SqlValue = string | number | bigint | null | Uint8Array;

export interface DatabaseOptions {
  readonly readOnly?: boolean;
  /** Pages after which a commit also checkpoints; 0 leaves that to another connection. */
  readonly autocheckpoint?: number;
}

export class Database {
  readonly path: string;
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string, options: DatabaseOptions = {}) {
    this.path = path;
    const { DatabaseSync } = loadEngine();
    try {
      this.#connection = new DatabaseSync(path, { readOnly: options.readOnly ?? false });
      this.#configure(options);
    } catch (cause) {
      throw fail("STORAGE_FAILED", {
        component: "data",
        message: `cannot open ${path}: ${messageOf(cause)}`,
        hint: "Check that the data folder exists and that this user may write to it.",
        cause,
      });
    }
  }

  /** Runs one or more statements without parameters. */
  exec(sql: string): void {
    this.#connection.exec(sql);
  }

  /** All rows of a query. The caller names the row's shape; it is that of the SQL beside it. */
  all<Row>(sql: string, ...values: SqlValue[]): Row[] {
    return this.#statement(sql).all(...values.map(bindable)) as Row[];
  }

  /** The first row of a query. */
  get<Row>(sql: string, ...values: SqlValue[]): Row | undefined {
    return this.#statement(sql).get(...values.map(bindable)) as Row | undefined;
  }

  /** Runs a change; answers the rows changed and the row id of an insert. */
  run(sql: string, ...values: SqlValue[]): { changes: number; rowid: number } {
    const { changes, lastInsertRowid } = this.#statement(sql).run(...values.map(bindable));
    return { changes: Number(changes), rowid: Number(lastInsertRowid) };
  }

  /** Runs `work` in one transaction: all of it is durable when this returns, or none of it. */
  transaction<Result>(work: () => Result): Result {
    this.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.exec("COMMIT");
      return result;
    } catch (error) {
      this.rollback();
      throw error;
    }
  }

  /** Ends an open transaction without keeping it. Some errors have ended it already. */
  rollback(): void {
    if (this.#connection.isTransaction) this.exec("ROLLBACK");
  }

  /** Moves committed pages from the log into the file, as far as readers allow, without waiting. */
  checkpoint(): void {
    this.exec("PRAGMA wal_checkpoint(PASSIVE)");
  }

  close(): void {
    this.#statements.clear();
    this.#connection.close();
  }

  /**
   * Closes and leaves everything in the file itself, so that the file can be copied alone. Does not
   * wait for others: while somebody else reads, the log stays, and nothing is lost by that.
   */
  closeSettled(): void {
    this.exec("PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)");
    this.close();
  }

  #configure(options: DatabaseOptions): void {
    this.exec("PRAGMA busy_timeout = 5000");
    if (options.readOnly) return;
    this.exec("PRAGMA journal_mode = WAL");
    this.exec("PRAGMA synchronous = FULL");
    this.exec("PRAGMA temp_store = MEMORY");
    // 16 MiB of pages: keys arrive in no order, and their index is read at every insert.
    this.exec("PRAGMA cache_size = -16000");
    this.exec(`PRAGMA wal_autocheckpoint = ${options.autocheckpoint ?? 1000}`);
    // A log that grew under load is cut back when it is next reset.
    this.exec("PRAGMA journal_size_limit = 67108864");
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#connection.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

/** The engine cuts text at U+0000, so that character goes; where it matters, bytes go as blobs. */
function bindable(value: SqlValue): SqlValue {
  return typeof value === "string" && value.includes("\0") ? value.replaceAll("\0", "") : value;
}
