/**
 * Is the alert held back? A silence or an inhibition mutes it: it is recorded and routed like any
 * other, but not told of. An alert that inhibits others is noted here for those that come after.
 */
import type { Alert } from "../../alert/schema.ts";
import type { KqlRecord } from "../../kql/index.ts";
import { endsAt, type Silence } from "../../silence/silence.ts";
import type { Position } from "../entry.ts";
import {
  changed,
  isAlive,
  NO_CHANGES,
  placeOf,
  traced,
  type Flow,
  type Notice,
  type Stage,
  type StageContext,
  type Timer,
} from "../flow.ts";
import {
  findMute,
  inhibitCells,
  inhibitingAlerts,
  needsOfMute,
  openAlerts,
  readsOf,
  recordFor,
} from "../mute.ts";
import type { CellWrite } from "../state.ts";
import { OPERATOR_KIND } from "./route.ts";

type Concerned = Flow & { readonly alert: Alert; readonly event: Alert };

/** So many of the open alerts that inhibit under the same values are kept, the newest. */
const MOST_INHIBITING = 50;

export const silenceStage: Stage = {
  name: "silence",
  needs(flow, context) {
    if (!isConcerned(flow)) return {};
    const { alert, document } = flow;
    const mute = needsOfMute(alert, document, context);
    const record = recordFor(alert, document);
    const own = readsOf(inhibitingPolicies(record, context), record, context.state);
    return {
      cells: [...(mute.cells ?? []), ...(own.cells ?? [])],
      alerts: [...(mute.alerts ?? []), ...(own.alerts ?? [])],
    };
  },
  run(flow, context) {
    return isConcerned(flow) ? muted(noted(flow, context), context) : flow;
  },
};

function isConcerned(flow: Flow): flow is Concerned {
  return isAlive(flow) && flow.alert.source.kind !== OPERATOR_KIND;
}

function muted(flow: Concerned, context: StageContext): Flow {
  const found = findMute(flow.alert, placeOf(flow), flow.document, context);
  if (!found) return passed(flow, context);
  const { mute, values } = found;
  const reason = mute.kind === "silence" ? "silence" : "inhibited";
  return traced({ ...flow, mute }, "silence", "muted", reason, values);
}

function passed(flow: Flow, { state, configuration }: StageContext): Flow {
  const compared = {
    silences: state.silences.length,
    inhibitions: configuration.inhibit.length,
  };
  if (compared.silences + compared.inhibitions === 0) return flow;
  return traced(flow, "silence", "passed", "nothing_mutes", compared);
}

/** The policies under which an alert mutes others while it is open. */
function inhibitingPolicies(record: KqlRecord, { configuration, now }: StageContext) {
  return configuration.inhibit.filter((policy) => policy.while.matches(record, now));
}

function noted(flow: Concerned, context: StageContext): Concerned {
  if (flow.alert.status === "closed") return flow;
  const record = recordFor(flow.alert, flow.document);
  const keys = inhibitingPolicies(record, context).flatMap((policy) =>
    inhibitCells(policy, record).map(({ key }) => key),
  );
  const place = placeOf(flow);
  const unknown = keys.filter((key) => !inhibitingAlerts(context.state, key).includes(place));
  if (unknown.length === 0) return flow;
  const cells = unknown.map((key) => inhibitCell(key, place, context));
  return { ...flow, changes: changed(flow, { cells }).changes };
}

function inhibitCell(key: string, place: Position, { state, now }: StageContext): CellWrite {
  const open = openAlerts(state, key).map(({ position }) => position);
  const value = { alerts: [...open, place].slice(-MOST_INHIBITING) };
  return { cell: { stage: "inhibit", key, value, alert: place, due_at: null, at: now } };
}

/** Tells operators that a silence is about to end. */
export const silenceReminderTimer: Timer = {
  stage: "silence_reminder",
  fire({ stage, key }, { state, now }) {
    const silence = state.silences.find((compiled) => compiled.silence.id === key)?.silence;
    const notices = silence ? [endNotice(silence, now)] : [];
    return { ...NO_CHANGES, cells: [{ remove: { stage, key } }], notices };
  },
};

function endNotice(silence: Silence, now: number): Notice {
  const { id, version, match, comment, author } = silence;
  const end = new Date(endsAt(silence)).toISOString();
  return {
    source: "tocsin",
    key: `silence-ends:${id}:${version}`,
    body: {
      title: `Silence ${id} ends at ${end}`,
      description:
        `It holds back what matches ${match} (${comment}, ${author}). ` +
        "What matches is told of again then; to prevent that, give the silence a later end.",
      severity: "informational",
      silence: id,
      ends_at: end,
      at: new Date(now).toISOString(),
    },
  };
}
