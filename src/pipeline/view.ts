/**
 * The state as a batch sees it: what was loaded, with what the batch decided so far on top. It knows
 * what it was not asked to load, and refuses to answer for that.
 */
import type { Case } from "../case/case.ts";
import { fail } from "../errors.ts";
import type { CompiledSilence } from "../silence/compile.ts";
import type { Decision, TimerDecision } from "./decide.ts";
import type { Position } from "./entry.ts";
import type { Changes } from "./flow.ts";
import type { HeldDelivery } from "./outcome.ts";
import {
  holdOf,
  type Cell,
  type CellStage,
  type LoadedState,
  type StateReads,
  type StateView,
  type StoredAlert,
} from "./state.ts";
import { StateTables } from "./tables.ts";

type Document = Readonly<Record<string, unknown>>;

export class View implements StateView {
  readonly #tables = new StateTables();
  readonly #holds = new Set<string>();
  readonly #documents = new Map<Position, Document | null>();
  #silences: readonly CompiledSilence[] = [];
  #version: number | null = null;
  #nextTimer = Number.POSITIVE_INFINITY;
  /**
   * The same for a stage that says what it needs: what is not loaded yet is not there, and shows once
   * it is asked for.
   */
  readonly sofar: StateView = this.#openSofar();

  /** Version of the state that it is a view of; null while nothing was loaded. */
  get version(): number | null {
    return this.#version;
  }

  /** When the earliest timer is due that was set through this view; Infinity for none. */
  get nextTimer(): number {
    return this.#nextTimer;
  }

  get silences(): readonly CompiledSilence[] {
    return this.#silences;
  }

  positionOfKey(key: string): Position | undefined {
    return known(this.#tables.keys, key, "key") ?? undefined;
  }

  cell<Stage extends CellStage>(stage: Stage, key: string): Cell<Stage> | undefined {
    const found = known(this.#tables.cells, holdOf({ stage, key }), "cell");
    // Cells are found under their stage, so the value is that stage's.
    return (found ?? undefined) as Cell<Stage> | undefined;
  }

  alert(position: Position): StoredAlert | undefined {
    return known(this.#tables.alerts, position, "alert") ?? undefined;
  }

  case(number: number): Case | undefined {
    return known(this.#tables.cases, number, "case") ?? undefined;
  }

  held(hold: string): readonly HeldDelivery[] {
    if (!this.#holds.has(hold)) throw unasked("deliveries of", hold);
    return this.#tables.held(hold);
  }

  document(position: Position): Document | null {
    return known(this.#documents, position, "document");
  }

  /** What of these reads is not loaded yet; null when all of it is. */
  missing(reads: StateReads): Required<StateReads> | null {
    const { keys, cells, alerts, cases } = this.#tables;
    const missing = {
      keys: without(reads.keys, keys),
      cells: (reads.cells ?? []).filter((cell) => !cells.has(holdOf(cell))),
      alerts: without(reads.alerts, alerts),
      cases: without(reads.cases, cases),
      holds: without(reads.holds, this.#holds),
      documents: without(reads.documents, this.#documents),
    };
    // The first load of all also brings the version and the silences.
    const isAll = Object.values(missing).every((list) => list.length === 0);
    return isAll && this.#version !== null ? null : missing;
  }

  /** Takes over what was loaded for these reads. Throws STATE_CHANGED when it is of another version. */
  add(
    reads: Required<StateReads>,
    loaded: LoadedState,
    documents: ReadonlyMap<number, Document>,
  ): void {
    if (this.#version !== null && this.#version !== loaded.version) throw stateChanged();
    this.#version = loaded.version;
    this.#silences = loaded.silences;
    const { keys, cells, alerts, cases } = this.#tables;
    for (const key of reads.keys) keys.set(key, loaded.keys.get(key) ?? null);
    for (const cell of reads.cells) cells.set(holdOf(cell), null);
    for (const cell of loaded.cells) cells.set(holdOf(cell), cell);
    for (const position of reads.alerts) alerts.set(position, null);
    for (const alert of loaded.alerts) alerts.set(alert.position, alert);
    for (const number of reads.cases) cases.set(number, null);
    for (const found of loaded.cases) cases.set(found.number, found);
    for (const hold of reads.holds) this.#addHold(hold, loaded.held.get(hold) ?? []);
    for (const position of reads.documents) {
      this.#documents.set(position, documents.get(position) ?? null);
    }
  }

  /** Shows what an entry came to, to those behind it. */
  noteDecision(decision: Decision): void {
    this.#tables.applyDecision(decision);
    this.#noteTimers(decision.changes);
  }

  /** Shows what a timer came to, to those behind it. */
  noteTimer(decision: TimerDecision): void {
    this.#tables.applyTimer(decision);
    this.#noteTimers(decision.changes);
  }

  #openSofar(): StateView {
    const { keys, cells, alerts, cases } = this.#tables;
    const silences = () => this.#silences;
    return {
      positionOfKey: (key) => keys.get(key) ?? undefined,
      // Cells are found under their stage, so the value is that stage's.
      cell: <Stage extends CellStage>(stage: Stage, key: string) =>
        (cells.get(holdOf({ stage, key })) ?? undefined) as Cell<Stage> | undefined,
      alert: (position) => alerts.get(position) ?? undefined,
      case: (number) => cases.get(number) ?? undefined,
      held: (hold) => this.#tables.held(hold),
      document: (position) => this.#documents.get(position) ?? null,
      get silences() {
        return silences();
      },
    };
  }

  /** What this view moved into the hold before it was loaded is there already. */
  #addHold(hold: string, deliveries: readonly HeldDelivery[]): void {
    this.#holds.add(hold);
    for (const delivery of deliveries) this.#tables.hold(delivery);
  }

  #noteTimers({ cells }: Changes): void {
    for (const write of cells) {
      if ("cell" in write && write.cell.due_at !== null) {
        this.#nextTimer = Math.min(this.#nextTimer, write.cell.due_at);
      }
    }
  }
}

/** Somebody else changed the state meanwhile; whoever decides begins again. */
export function stateChanged(): Error {
  return fail("STATE_CHANGED", {
    component: "store",
    message: "the state was changed by somebody else meanwhile",
    hint: "It is decided again by itself.",
  });
}

function known<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key, what: string): Value {
  const value = map.get(key);
  if (value === undefined) throw unasked(what, String(key));
  return value;
}

function unasked(what: string, name: string): Error {
  const message = `a stage read the ${what} ${name} without asking for it`;
  return fail("INTERNAL", { component: "pipeline", message });
}

function without<Item>(
  wanted: readonly Item[] | undefined,
  there: { has(item: Item): boolean },
): Item[] {
  return [...new Set(wanted)].filter((item) => !there.has(item));
}
