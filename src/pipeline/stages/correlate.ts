/**
 * Do several events together say something? Each `correlate` policy counts events, or waits for a
 * sequence of them, per values of its fields. A match is a notice of its own: it enters the stream
 * and becomes an alert with the events as its parts. The event that completed it stays as it is.
 *
 * Events count that open an alert or repeat one. What Tocsin itself raised does not, matches
 * neither, for one could feed the next without end.
 */
import type { Alert } from "../../alert/schema.ts";
import { clip } from "../../alert/text.ts";
import { changed, isAlive, traced } from "../flow.ts";
import type { Flow, Notice, Stage, StageContext } from "../flow.ts";
import type { Correlation } from "../policies.ts";
import { alertRecord } from "../record.ts";
import { cellKey, type CellWrite, type CorrelatedPart } from "../state.ts";
import { happenedAt } from "../time.ts";
import { combinations, type Combination } from "../values.ts";
import { arrive, type Parts, type Steps } from "./correlate-windows.ts";
import { OPERATOR_KIND } from "./route.ts";

/** Kind of the source that matches have. */
const CORRELATE_KIND = "correlate";

const MAX_TITLE = 200;
/** Artifacts that one event brings to a match, parts of a step that keep theirs, and all together. */
const MAX_OF_EVENT = 50;
const MAX_KEEPING = 20;
const MAX_OF_MATCH = 500;

/** A policy that an event fits: at which steps, and under which values. */
interface Hit {
  readonly event: Alert;
  readonly policy: Correlation;
  readonly steps: readonly number[];
  readonly combinations: readonly Combination[];
}

export const correlateStage: Stage = {
  name: "correlate",
  needs(flow, context) {
    const cells = hitsOf(flow, context).flatMap((hit) =>
      hit.combinations.map(({ key }) => ({ stage: "correlate", key: keyOf(hit, key) }) as const),
    );
    return { cells };
  },
  run(flow, context) {
    return hitsOf(flow, context).reduce((before, hit) => count(before, hit, context), flow);
  },
};

function hitsOf(flow: Flow, { configuration, now }: StageContext): Hit[] {
  const { correlate } = configuration;
  if (correlate.length === 0 || !isAlive(flow) || flow.outcome?.kind === "updated") return [];
  const { event } = flow;
  const { kind } = event.source;
  if (kind === OPERATOR_KIND || kind === CORRELATE_KIND) return [];
  const record = alertRecord(event, flow.document ?? {});
  return correlate.flatMap((policy) => {
    const steps = [...policy.steps.keys()].filter((index) =>
      policy.steps[index]?.matches(record, now),
    );
    if (steps.length === 0) return [];
    return [{ event, policy, steps, combinations: combinations(record, policy.by) }];
  });
}

function count(flow: Flow, hit: Hit, context: StageContext): Flow {
  const { name, by } = hit.policy;
  if (hit.combinations.length === 0) {
    return traced(flow, "correlate", "not_counted", "no_values", { policy: name, by });
  }
  return hit.combinations.reduce<Flow>(
    (before, values) => arriveAt(before, hit, values, context),
    flow,
  );
}

function arriveAt(flow: Flow, hit: Hit, combination: Combination, context: StageContext): Flow {
  const { policy } = hit;
  const key = keyOf(hit, combination.key);
  const known = context.state.cell("correlate", key)?.value.steps ?? [];
  const event = partOf(hit.event, flow);
  const { steps, match, reached } = arrive(policy, known, event, hit.steps);
  const cells = [cellWrite(key, steps.map(keepArtifacts), context.now)];
  const notices = match ? [noticeOf(policy, key, combination, match, event)] : [];
  const [outcome, reason] = match
    ? (["match", "complete"] as const)
    : (["counted", "incomplete"] as const);
  return traced(changed(flow, { cells, notices }), "correlate", outcome, reason, {
    policy: policy.name,
    values: combination.values,
    reached,
    needed: neededOf(policy),
    within_ms: policy.within,
  });
}

function keyOf({ policy }: Hit, key: string): string {
  return cellKey(policy.name, key);
}

function neededOf({ steps, least }: Correlation): number {
  return steps.length === 1 ? least : steps.length;
}

function partOf(event: Alert, { entry }: Flow): CorrelatedPart {
  return {
    position: entry.position,
    id: event.id,
    title: clip(event.title, MAX_TITLE),
    at: happenedAt(event),
    artifacts: event.artifacts
      .slice(0, MAX_OF_EVENT)
      .map(({ type, value, role }) => ({ type, value, role })),
  };
}

/** Only the oldest parts of a step keep what they bring, so that a cell stays small. */
function keepArtifacts(parts: Parts): Parts {
  return parts.map((part, index) =>
    index < MAX_KEEPING || part.artifacts.length === 0 ? part : { ...part, artifacts: [] },
  );
}

/**
 * It belongs to no alert and goes when nothing has counted for long: one that repeats for ever would
 * keep a cell for every value it ever had.
 */
function cellWrite(key: string, steps: Steps, now: number): CellWrite {
  if (steps.every((parts) => parts.length === 0)) return { remove: { stage: "correlate", key } };
  return {
    cell: { stage: "correlate", key, value: { steps }, alert: null, due_at: null, at: now },
  };
}

function noticeOf(
  policy: Correlation,
  key: string,
  { values }: Combination,
  match: Parts,
  event: CorrelatedPart,
): Notice {
  return {
    source: "correlate",
    key: `correlate:${key}:${event.position}`,
    body: {
      policy: policy.name,
      title: policy.title,
      severity: policy.severity,
      by: values,
      at: timeOf(match.at(-1)),
      first_at: timeOf(match[0]),
      count: match.length,
      within: policy.within,
      sequence: policy.steps.length > 1,
      parts: match.map(({ id, title, at }) => ({ id, title, at: new Date(at).toISOString() })),
      artifacts: artifactsOf(match),
    },
  };
}

function timeOf(part: CorrelatedPart | undefined): string | null {
  return part ? new Date(part.at).toISOString() : null;
}

function artifactsOf(match: Parts): CorrelatedPart["artifacts"] {
  const found = new Map<string, CorrelatedPart["artifacts"][number]>();
  for (const artifact of match.flatMap(({ artifacts }) => artifacts)) {
    const key = `${artifact.type}\0${artifact.role}\0${artifact.value}`;
    if (!found.has(key)) found.set(key, artifact);
  }
  return [...found.values()].slice(0, MAX_OF_MATCH);
}
