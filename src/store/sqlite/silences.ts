/** Silences as they are stored, and compiled as decisions want them. */
import { compileSilence, type CompiledSilence } from "../../silence/compile.ts";
import type { Silence } from "../../silence/silence.ts";
import type { Database } from "../../sqlite/database.ts";
import { countUp, raiseSilencesVersion } from "./meta.ts";

/** A silence by its id. */
export function findSilence(database: Database, id: string): Silence | undefined {
  const row = database.get<{ document: string }>("SELECT document FROM silences WHERE id = ?", id);
  return row && (JSON.parse(row.document) as Silence);
}

/** All silences, also those that ended, by their ids. */
export function listSilences(database: Database): Silence[] {
  return database
    .all<{ document: string }>("SELECT document FROM silences ORDER BY id")
    .map(({ document }) => JSON.parse(document) as Silence);
}

/**
 * Silences that were not ended. One whose `until` has passed is among them: entries that came before
 * may be decided later.
 */
export function listOpenSilences(database: Database): Silence[] {
  return database
    .all<{ document: string }>("SELECT document FROM silences WHERE ended_at IS NULL ORDER BY id")
    .map(({ document }) => JSON.parse(document) as Silence);
}

/** An id for a silence that is made by hand; never one that was given before. */
export function nextSilenceId(database: Database): string {
  const id = `S-${countUp(database, "silence_number")}`;
  // One in the configuration may have been called so.
  return findSilence(database, id) ? nextSilenceId(database) : id;
}

/** Stores a silence as it is after a change. Part of a transaction that raises the state's version. */
export function writeSilence(database: Database, silence: Silence): void {
  database.run(
    `INSERT INTO silences (id, document, until, ended_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET document = excluded.document, until = excluded.until,
       ended_at = excluded.ended_at`,
    silence.id,
    JSON.stringify(silence),
    timeOrNull(silence.until),
    timeOrNull(silence.ended_at),
  );
  raiseSilencesVersion(database);
}

function timeOrNull(text: string | null): number | null {
  return text === null ? null : Date.parse(text);
}

/** Silences of one version, compiled once. */
export class CompiledSilences {
  readonly #database: Database;
  #version = -1;
  #silences: readonly CompiledSilence[] = [];

  constructor(database: Database) {
    this.#database = database;
  }

  /** Those that were not ended, as of a version of the silences. */
  at(version: number): readonly CompiledSilence[] {
    if (version === this.#version) return this.#silences;
    this.#silences = listOpenSilences(this.#database).map(compileSilence);
    this.#version = version;
    return this.#silences;
  }
}
