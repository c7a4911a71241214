/** State to decide on, for tests of stages and timers. */
import { completeAlert } from "../../alert/complete.ts";
import type { Alert } from "../../alert/schema.ts";
import type { Case } from "../../case/case.ts";
import type { CompiledSilence } from "../../silence/compile.ts";
import type { Position } from "../entry.ts";
import type { HeldDelivery } from "../outcome.ts";
import { holdOf, type Cell, type CellName, type CellStage, type CellWrite } from "../state.ts";
import type { StateView, StoredAlert } from "../state.ts";
import { aContent, anEvent } from "./builders.ts";

/** What a test says of the state; the rest is empty. */
export interface GivenState {
  readonly keys?: Readonly<Record<string, number>>;
  readonly cells?: readonly Cell[];
  readonly alerts?: readonly StoredAlert[];
  readonly cases?: readonly Case[];
  readonly held?: readonly HeldDelivery[];
  /** Documents by the alert's position. */
  readonly documents?: Readonly<Record<number, Readonly<Record<string, unknown>>>>;
  readonly silences?: readonly CompiledSilence[];
}

/** A state view over the given; what is not given is not there. */
export function aView(given: GivenState = {}): StateView {
  const cells = new Map(given.cells?.map((cell) => [holdOf(cell), cell]));
  const alerts = new Map(given.alerts?.map((stored) => [stored.position, stored]));
  const cases = new Map(given.cases?.map((known) => [known.number, known]));
  return {
    positionOfKey: (key) => given.keys?.[key] as Position | undefined,
    cell: <Stage extends CellStage>(stage: Stage, key: string) =>
      cells.get(holdOf({ stage, key })) as Cell<Stage> | undefined,
    alert: (position) => alerts.get(position),
    case: (number) => cases.get(number),
    held: (hold) => (given.held ?? []).filter((delivery) => delivery.hold === hold),
    document: (position) => given.documents?.[position] ?? null,
    silences: given.silences ?? [],
  };
}

/** The cells after these writes, for a test that goes on with the next entry. */
export function writeCells(cells: readonly Cell[], writes: readonly CellWrite[]): Cell[] {
  const kept = new Map<string, Cell>(cells.map((cell) => [holdOf(cell), cell]));
  for (const write of writes) {
    if ("remove" in write) kept.delete(holdOf(write.remove satisfies CellName));
    else kept.set(holdOf(write.cell), write.cell);
  }
  return [...kept.values()];
}

/** A stored alert, opened by the event at a position. */
export function aStored(
  position: number,
  changes: Partial<Alert> = {},
  stored: Partial<Omit<StoredAlert, "alert" | "position">> = {},
): StoredAlert {
  const { key, received_at: receivedAt } = anEvent(position);
  const alert = completeAlert(aContent(), { position, key, receivedAt });
  return {
    position: position as Position,
    alert: { ...alert, ...changes },
    trace: [],
    closed_at: null,
    deliveries: [],
    ...stored,
  };
}
