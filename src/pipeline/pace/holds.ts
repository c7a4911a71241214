/**
 * How deliveries wait, and what lets them go.
 *
 * Terms. A delivery *waits* in a hold: the name of a cell that has a timer (`state.ts`). A *message* is
 * what one route tells at one time: one delivery for each of its destinations, or several that are told
 * as a digest. When a timer comes, what waits for it is *flushed*.
 *
 *     (planned) ──▶ muted? ──▶ group? ──▶ outside hours? ──▶ over the limit? ──▶ due
 *                     │          │              │                  │
 *                     ▼          ▼              ▼                  ▼
 *                 suppressed   group          hours              limit          wait, all pending
 *                     │          └──────────────┴─────────┬────────┘
 *                     │ the silence's end                 │ the cell's timer
 *                     └────────────────▶ flush ◀──────────┴──── remind, update
 *
 * - *muted*: suppressed. Of a silence that ends with a digest it keeps the hold `silence:<id>`, by
 *   which its end calls it back, unless it was told of before: it went on, and the silence did not fit
 *   any more. Otherwise that is the end of it.
 * - *group*: the first of a group waits `group_wait`; what comes within `group_interval` after the
 *   group spoke waits for the end of that interval.
 * - *hours*: until the calendar opens. *limit*: `per` after the limit was met; all of the same values
 *   joins until then.
 * - *remind*, *update*: what a repeat is told by. A reminder is a message like any other; an update
 *   changes a message that is there and disturbs nobody, so neither hours nor limits hold it.
 * - A flush drops what was closed meanwhile, suppresses what is muted by now, and sends the rest on its
 *   way: hours, then limit, then out. What is left for one destination goes as it is when it is alone;
 *   else one delivery carries a digest and the others are folded into it.
 *
 * Guarantees.
 * - A delivery that waits has a hold whose cell has a timer. Whatever writes such a cell keeps its
 *   timer, but for the timer itself, which moves everything that waits for it.
 * - While anything of an alert waits for a destination, nothing more is planned for the two: what
 *   waits shows the alert as it is when it is sent. An update of its status does not stand back for a
 *   reminder or an update that people would have to wait for (`status.ts`).
 * - Routes that ask for none of this read and write no cells.
 */
import type { Alert } from "../../alert/schema.ts";
import type { KqlRecord } from "../../kql/index.ts";
import type { Position } from "../entry.ts";
import type { DeliveryReason } from "../outcome.ts";
import type { StageContext } from "../flow.ts";
import type { CellStage, CellWrite, Cell, DueCell, StateReads, StateView } from "../state.ts";

/** An alert that is to be told of, as queries and keys see it. */
export interface Told {
  readonly position: Position;
  readonly alert: Alert;
  readonly record: KqlRecord;
}

/** A place to wait in. */
export interface Wait {
  readonly reason: DeliveryReason;
  readonly hold: string;
  /** Epoch milliseconds of the log. */
  readonly due_at: number;
}

/** Where a message goes: out, when it waits for nothing. */
export interface Way {
  readonly wait: Wait | null;
  readonly cells: readonly CellWrite[];
}

/** Straight out, with nothing to remember. */
export const OUT: Way = { wait: null, cells: [] };

/** All that several ask for. */
export function joinReads(reads: readonly StateReads[]): StateReads {
  return {
    cells: reads.flatMap(({ cells }) => cells ?? []),
    alerts: reads.flatMap(({ alerts }) => alerts ?? []),
    holds: reads.flatMap(({ holds }) => holds ?? []),
    documents: reads.flatMap(({ documents }) => documents ?? []),
  };
}

/** Puts a cell's timer out; the rest stays. */
export function putOut(due: DueCell): CellWrite {
  // Its value is that of its stage, which the type of a cell of any stage does not say.
  return { cell: { ...due, due_at: null } } as CellWrite;
}

/** A context in which the timer that fires is out already, so that nothing waits for it again. */
export function afterTimer(due: DueCell, context: StageContext): StageContext {
  return {
    ...context,
    state: { ...boundView(context.state), cell: quietCell(due, context.state) },
  };
}

function quietCell(due: DueCell, state: StateView): StateView["cell"] {
  return <Stage extends CellStage>(stage: Stage, key: string): Cell<Stage> | undefined => {
    const cell = state.cell(stage, key);
    return cell && stage === due.stage && key === due.key ? { ...cell, due_at: null } : cell;
  };
}

function boundView(state: StateView): StateView {
  return {
    positionOfKey: (key) => state.positionOfKey(key),
    cell: (stage, key) => state.cell(stage, key),
    alert: (position) => state.alert(position),
    case: (number) => state.case(number),
    held: (hold) => state.held(hold),
    document: (position) => state.document(position),
    silences: state.silences,
  };
}
