/** Alerts and their artifacts. */
import type { Alert, Artifact, TraceStep } from "../../alert/schema.ts";
import { severityId } from "../../alert/severity.ts";
import { caseNumber } from "../../case/case.ts";
import type { Position } from "../../pipeline/entry.ts";
import type { Database } from "../../sqlite/database.ts";
import { digestOf } from "../../sqlite/digest.ts";

/** How many artifact ids a writer keeps at hand; recent values come again most. */
const KNOWN_VALUES = 20_000;

/** Writes alerts; remembers the ids of artifact values it met lately. */
export class AlertWriter {
  readonly #database: Database;
  readonly #known = new Map<string, number>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Forgets ids that a rolled back transaction may have taken back. */
  forget(): void {
    this.#known.clear();
  }

  insert(
    position: Position,
    receivedAt: number,
    alert: Alert,
    routing: string,
    trace: readonly TraceStep[],
  ): void {
    this.#database.run(
      `INSERT INTO alerts
         (position, received_at, severity, status, case_number, routing, document, trace)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      position,
      receivedAt,
      severityId(alert.severity),
      alert.status,
      caseOf(alert),
      routing,
      documentOf(alert),
      JSON.stringify(trace),
    );
    this.#insertArtifacts(position, alert.artifacts);
  }

  /** `at` is the log's time: from then on it is closed, when this closes it. */
  update(
    position: Position,
    alert: Alert,
    routing: string,
    trace: readonly TraceStep[],
    at: number,
  ): void {
    rewriteAlert(this.#database, position, alert, at, { routing, trace: JSON.stringify(trace) });
    this.#insertArtifacts(position, alert.artifacts);
  }

  #insertArtifacts(position: Position, artifacts: readonly Artifact[]): void {
    for (const [rank, artifact] of artifacts.entries()) {
      this.#database.run(
        `INSERT INTO alert_artifacts (alert, artifact, role, field, flag, rank)
         VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET rank = excluded.rank WHERE rank <> excluded.rank`,
        position,
        this.#valueId(artifact),
        artifact.role,
        artifact.field,
        artifact.flag ?? null,
        rank,
      );
    }
  }

  #valueId({ type, value }: Artifact): number {
    const name = `${type}\0${value}`;
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const id = this.#findOrInsertValue(type, value, digestOf(name));
    if (this.#known.size >= KNOWN_VALUES) this.#known.clear();
    this.#known.set(name, id);
    return id;
  }

  #findOrInsertValue(type: string, value: string, hash: Uint8Array): number {
    const row = this.#database.get<{ id: number }>(
      "SELECT id FROM artifact_values WHERE hash = ?",
      hash,
    );
    if (row) return row.id;
    return this.#database.run(
      "INSERT INTO artifact_values (type, hash, value) VALUES (?, ?, ?)",
      type,
      hash,
      value,
    ).rowid;
  }
}

/**
 * Stores an alert as it is after a change, without its artifacts. One that was open and is closed by
 * this is closed since `at`.
 */
export function rewriteAlert(
  database: Database,
  position: Position,
  alert: Alert,
  at: number,
  decided: Partial<Pick<AlertRow, "routing" | "trace">> = {},
): void {
  database.run(
    `UPDATE alerts SET severity = ?1, status = ?2, case_number = ?3, document = ?4,
       routing = coalesce(?7, routing), trace = coalesce(?8, trace),
       closed_at = CASE WHEN ?2 <> 'closed' THEN NULL WHEN status = 'closed' THEN closed_at ELSE ?5 END
     WHERE position = ?6`,
    severityId(alert.severity),
    alert.status,
    caseOf(alert),
    documentOf(alert),
    at,
    position,
    decided.routing ?? null,
    decided.trace ?? null,
  );
}

function caseOf({ case_id }: Alert): number | null {
  return case_id === null ? null : caseNumber(case_id);
}

/** Artifacts have tables of their own; JSON escapes U+0000, so the text is never cut. */
function documentOf(alert: Alert): string {
  const { artifacts: _, ...rest } = alert;
  return JSON.stringify(rest);
}

export interface AlertRow {
  readonly position: Position;
  readonly routing: string;
  readonly document: string;
  readonly trace: string;
  readonly closed_at: number | null;
}

type StoredDocument = Omit<Alert, "artifacts">;

/** Members that earlier versions of the program did not write, the newest last. */
const ADDED = { follows: null, parts: [], status_changed_at: null } satisfies Partial<Alert>;

/** An alert as its row has it, without its artifacts. Those of earlier versions have fewer members. */
export function parseAlert(document: string): StoredDocument {
  const alert = JSON.parse(document) as StoredDocument | Omit<StoredDocument, keyof typeof ADDED>;
  return "status_changed_at" in alert ? alert : { ...ADDED, ...alert };
}

/** Puts an alert together from its rows. */
export function toAlert(database: Database, row: Pick<AlertRow, "position" | "document">): Alert {
  return { ...parseAlert(row.document), artifacts: listArtifacts(database, row.position) };
}

/** One alert's row. */
export function findAlert(database: Database, position: Position): AlertRow | undefined {
  return database.get<AlertRow>(
    "SELECT position, routing, document, trace, closed_at FROM alerts WHERE position = ?",
    position,
  );
}

/** Artifacts of an alert, in the order they were found. */
export function listArtifacts(database: Database, position: Position): Artifact[] {
  const rows = database.all<Omit<Artifact, "flag"> & { flag: string | null }>(
    `SELECT v.type, v.value, a.role, a.field, a.flag
     FROM alert_artifacts a JOIN artifact_values v ON v.id = a.artifact
     WHERE a.alert = ? ORDER BY a.rank, v.id`,
    position,
  );
  return rows.map(({ flag, ...artifact }) => (flag === null ? artifact : { ...artifact, flag }));
}
