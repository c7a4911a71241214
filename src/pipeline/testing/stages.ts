/** Runs single stages as the runner does, for tests. */
import { completeAlert } from "../../alert/complete.ts";
import type { AlertContent } from "../../alert/schema.ts";
import { parseKql, QuerySet } from "../../kql/index.ts";
import { beginFlow, traced, type Flow, type Stage, type StageContext } from "../flow.ts";
import type { PipelineConfiguration } from "../policies.ts";
import { holdOf, type CellName, type StateReads, type StateView } from "../state.ts";
import { aContent, anEvent } from "./builders.ts";

/** Epoch milliseconds at which the tests' logs begin. */
export const START = Date.UTC(2026, 2, 4, 10, 0, 0);

/** A configuration that asks for nothing, but for what is given. */
export function aConfiguration(given: Partial<PipelineConfiguration> = {}): PipelineConfiguration {
  return {
    normalise: () => {
      throw new RangeError("no source in this test");
    },
    fold: new QuerySet([]),
    cases: new QuerySet([]),
    correlate: [],
    inhibit: [],
    routes: new QuerySet([]),
    fallback: null,
    operators: null,
    route: () => undefined,
    isStopValue: () => false,
    threadFields: () => undefined,
    hearsOfStatus: () => false,
    ...given,
  };
}

/** Policies with a `match` as a set to ask. */
export function aSet<T extends { readonly match: string }>(...policies: readonly T[]): QuerySet<T> {
  return new QuerySet(policies.map((value) => ({ query: parseKql(value.match), value })));
}

/** A flow as it comes out of `normalise`. Times are milliseconds after `START`. */
export function aRead(
  position: number,
  content: Partial<AlertContent> = {},
  given: {
    at?: number;
    received?: number;
    subject?: string;
    updates?: string;
    parts?: string[];
    key?: string;
  } = {},
): Flow {
  const { at = 0, received = at, subject = null, updates = null, parts = [] } = given;
  const entry = { ...anEvent(position, given.key), received_at: START + received };
  const event_time = new Date(START + at).toISOString();
  const alert = completeAlert(aContent({ event_time, ...content }), {
    position,
    key: entry.key,
    receivedAt: entry.received_at,
  });
  const event = { ...alert, parts };
  const flow = { ...beginFlow(entry), document: {}, event, alert: event, subject, updates };
  return traced(flow, "normalise", "read", "source_understood");
}

/** A flow as it comes out of `identify` when it is new. */
export function anOpening(...given: Parameters<typeof aRead>): Flow {
  const flow: Flow = { ...aRead(...given), outcome: { kind: "alert", reason: "new_event" } };
  return traced(flow, "identify", "new", "new_event");
}

/**
 * Asks a stage what it needs until it asks for nothing new, then runs it on a view that throws when
 * it reads what it did not ask for.
 */
export function runStage(stage: Stage, flow: Flow, context: StageContext): Flow {
  const asked = new Set<string>();
  for (let before = -1; asked.size > before;) {
    before = asked.size;
    const state = guardedView(context.state, asked, () => undefined);
    for (const name of namesOf(stage.needs?.(flow, { ...context, state }) ?? {})) asked.add(name);
  }
  const complain = (name: string): never => {
    throw new RangeError(`${stage.name} read ${name} without asking`);
  };
  return stage.run(flow, { ...context, state: guardedView(context.state, asked, complain) });
}

function namesOf(reads: StateReads): string[] {
  return [
    ...(reads.keys ?? []).map((key) => `key ${key}`),
    ...(reads.cells ?? []).map(nameOfCell),
    ...(reads.alerts ?? []).map((position) => `alert ${position}`),
    ...(reads.cases ?? []).map((number) => `case ${number}`),
    ...(reads.holds ?? []).map((hold) => `hold ${hold}`),
    ...(reads.documents ?? []).map((position) => `document ${position}`),
  ];
}

function nameOfCell(cell: CellName): string {
  return `cell ${holdOf(cell)}`;
}

function guardedView(
  state: StateView,
  asked: ReadonlySet<string>,
  miss: (name: string) => undefined,
): StateView {
  const read = <T>(name: string, value: () => T) => (asked.has(name) ? value() : miss(name));
  return {
    positionOfKey: (key) => read(`key ${key}`, () => state.positionOfKey(key)),
    cell: (stage, key) => read(nameOfCell({ stage, key }), () => state.cell(stage, key)),
    alert: (position) => read(`alert ${position}`, () => state.alert(position)),
    case: (number) => read(`case ${number}`, () => state.case(number)),
    held: (hold) => read(`hold ${hold}`, () => state.held(hold)) ?? [],
    document: (position) => read(`document ${position}`, () => state.document(position)) ?? null,
    silences: state.silences,
  };
}
