/** Reads what decisions ask for, all of it as it stands at one moment. */
import type { TraceStep } from "../../alert/schema.ts";
import type { Position } from "../../pipeline/entry.ts";
import type { LoadedState, StateReads, StoredAlert } from "../../pipeline/state.ts";
import type { Database } from "../../sqlite/database.ts";
import { findAlert, toAlert } from "./alerts.ts";
import { findCase } from "./cases.ts";
import { findCell } from "./cells.ts";
import { listKnown } from "./deliveries.ts";
import { findKey } from "./events.ts";
import { listHeld } from "./held.ts";
import { readVersions } from "./meta.ts";
import type { RecentAlerts } from "./recent-alerts.ts";
import { CompiledSilences } from "./silences.ts";

export class StateLoader {
  readonly #database: Database;
  readonly #recent: RecentAlerts;
  readonly #silences: CompiledSilences;

  constructor(database: Database, recent: RecentAlerts) {
    this.#database = database;
    this.#recent = recent;
    this.#silences = new CompiledSilences(database);
  }

  load(reads: StateReads): LoadedState {
    this.#database.exec("BEGIN");
    try {
      return this.#read(reads);
    } finally {
      this.#database.rollback();
    }
  }

  #read(reads: StateReads): LoadedState {
    const database = this.#database;
    const versions = readVersions(database);
    this.#recent.begin(versions.state);
    return {
      version: versions.state,
      keys: this.#findKeys(reads.keys ?? []),
      cells: findAll(reads.cells ?? [], (name) => findCell(database, name)),
      alerts: findAll(reads.alerts ?? [], (position) => this.#findStored(position)),
      cases: findAll(reads.cases ?? [], (number) => findCase(database, number)),
      held: new Map((reads.holds ?? []).map((hold) => [hold, listHeld(database, hold)])),
      silences: this.#silences.at(versions.silences),
    };
  }

  #findKeys(keys: readonly string[]): Map<string, Position> {
    const found = new Map<string, Position>();
    for (const key of keys) {
      const position = findKey(this.#database, key);
      if (position !== undefined) found.set(key, position);
    }
    return found;
  }

  #findStored(position: Position): StoredAlert | undefined {
    const row = findAlert(this.#database, position);
    if (!row) return undefined;
    return {
      position,
      alert: this.#recent.get(position) ?? toAlert(this.#database, row),
      trace: JSON.parse(row.trace) as TraceStep[],
      closed_at: row.closed_at,
      deliveries: listKnown(this.#database, position),
    };
  }
}

function findAll<Name, Found>(
  names: readonly Name[],
  find: (name: Name) => Found | undefined,
): Found[] {
  return names.map(find).filter((found) => found !== undefined);
}
