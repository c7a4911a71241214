/**
 * Is an alert not told of for now? Either a silence holds it back, while one of its windows lasts; or
 * an alert that inhibits it is open. The first silence that fits is named, else the first policy.
 *
 * Alerts that inhibit others stand in cells, one for each policy and values of its `equal` fields. Two
 * must not mute each other, or nobody would hear of either: under one policy an alert that could
 * inhibit as well is muted by earlier ones only, and none is muted by a later one that is itself
 * inhibited. None is muted by itself.
 */
import type { Alert, TraceStep } from "../alert/schema.ts";
import { QuerySet, type KqlRecord } from "../kql/index.ts";
import type { CompiledSilence } from "../silence/compile.ts";
import type { Window } from "../silence/silence.ts";
import type { Position } from "./entry.ts";
import type { Mute, StageContext } from "./flow.ts";
import type { Inhibition } from "./policies.ts";
import { alertRecord } from "./record.ts";
import { cellKey, type StateReads, type StateView, type StoredAlert } from "./state.ts";
import { combinations } from "./values.ts";

type Document = Readonly<Record<string, unknown>>;

/** Why an alert is muted, with what was compared. */
export interface FoundMute {
  readonly mute: Mute;
  readonly values: TraceStep["values"];
}

/** A cell of an inhibition that an alert has to do with, and the values that it stands for. */
interface InhibitCell {
  readonly key: string;
  readonly values: Readonly<Record<string, string>>;
}

/** One for all alerts without a document: what is made of them is remembered by it. */
const NO_DOCUMENT: Document = {};

/** Matchers of lists of silences; a list is compiled once and goes with the state that it is part of. */
const sets = new WeakMap<readonly CompiledSilence[], QuerySet<CompiledSilence>>();

/**
 * Why an alert is not told of at `context.now`; null when it is. `position` is where it is stored,
 * `document` that of its event, null when that is gone. Needs what `needsOfMute` asks for.
 */
export function muteOf(
  alert: Alert,
  position: Position,
  document: Document | null,
  context: StageContext,
): Mute | null {
  return findMute(alert, position, document, context)?.mute ?? null;
}

/** As `muteOf`, with what was compared. */
export function findMute(
  alert: Alert,
  position: Position,
  document: Document | null,
  context: StageContext,
): FoundMute | null {
  const record = recordFor(alert, document);
  return findSilence(record, context) ?? findInhibition(record, position, context);
}

/** The cells of inhibitions that the alert may be muted by, then the alerts that stand in them. */
export function needsOfMute(
  alert: Alert,
  document: Document | null,
  context: StageContext,
): StateReads {
  const { inhibit } = context.configuration;
  if (inhibit.length === 0) return {};
  const record = recordFor(alert, document);
  if (findSilence(record, context)) return {};
  const policies = inhibit.filter(({ mute }) => mute.matches(record, context.now));
  return readsOf(policies, record, context.state);
}

/** What a query sees of an alert whose document may be gone. */
export function recordFor(alert: Alert, document: Document | null): KqlRecord {
  return alertRecord(alert, document ?? NO_DOCUMENT);
}

/** The cells of these policies for an alert, and the alerts in those that are loaded. */
export function readsOf(
  policies: readonly Inhibition[],
  record: KqlRecord,
  state: StateView,
): StateReads {
  const cells = policies
    .flatMap((policy) => inhibitCells(policy, record))
    .map(({ key }) => ({ stage: "inhibit", key }) as const);
  return { cells, alerts: cells.flatMap(({ key }) => inhibitingAlerts(state, key)) };
}

/** The cells that an alert has under a policy: none when it lacks a value that has to be equal. */
export function inhibitCells(policy: Inhibition, record: KqlRecord): InhibitCell[] {
  return combinations(record, policy.equal).map(({ key, values }) => ({
    key: cellKey(policy.name, key),
    values,
  }));
}

/** Alerts that stand in a cell, the newest last; they may be closed, or gone. */
export function inhibitingAlerts(state: StateView, key: string): readonly Position[] {
  return state.cell("inhibit", key)?.value.alerts ?? [];
}

function findSilence(record: KqlRecord, { state, now }: StageContext): FoundMute | null {
  if (state.silences.length === 0) return null;
  for (const compiled of setOf(state.silences).matching(record, now)) {
    const window = compiled.windowAt(now);
    if (window) return silencedBy(compiled, window);
  }
  return null;
}

function setOf(silences: readonly CompiledSilence[]): QuerySet<CompiledSilence> {
  const known = sets.get(silences);
  if (known) return known;
  const set = new QuerySet(silences.map((value) => ({ query: value.query, value })));
  sets.set(silences, set);
  return set;
}

function silencedBy({ silence }: CompiledSilence, { from, until }: Window): FoundMute {
  const { id, version, match } = silence;
  const digest = silence.at_end === "digest";
  return {
    mute: { kind: "silence", id, version, until, digest },
    values: { silence: id, version, match, from: timeOrNull(from), until: timeOrNull(until) },
  };
}

function timeOrNull(time: number): string | null {
  return Number.isFinite(time) ? new Date(time).toISOString() : null;
}

function findInhibition(
  record: KqlRecord,
  position: Position,
  { state, configuration, now }: StageContext,
): FoundMute | null {
  for (const policy of configuration.inhibit) {
    if (!policy.mute.matches(record, now)) continue;
    const isPeer = policy.while.matches(record, now);
    for (const { key, values } of inhibitCells(policy, record)) {
      const open = openAlerts(state, key).findLast(
        (stored) =>
          stored.position < position ||
          (stored.position > position && !isPeer && !isInhibited(stored)),
      );
      if (open) return inhibitedBy(policy, open, values);
    }
  }
  return null;
}

/** Whether nobody was told of an alert because another inhibits it. */
function isInhibited({ deliveries }: StoredAlert): boolean {
  const isUntold = deliveries.every(({ state }) => state === "suppressed");
  return isUntold && deliveries.some(({ reason }) => reason === "inhibited");
}

/** Those alerts of a cell that are open, the newest last. */
export function openAlerts(state: StateView, key: string): StoredAlert[] {
  return inhibitingAlerts(state, key).flatMap((position) => {
    const stored = state.alert(position);
    return stored && stored.alert.status !== "closed" ? [stored] : [];
  });
}

function inhibitedBy(
  policy: Inhibition,
  { position, alert }: StoredAlert,
  equal: InhibitCell["values"],
): FoundMute {
  return {
    mute: { kind: "inhibit", policy: policy.name, by: position },
    values: {
      policy: policy.name,
      while: policy.while.text,
      mute: policy.mute.text,
      by: alert.number,
      equal,
    },
  };
}
