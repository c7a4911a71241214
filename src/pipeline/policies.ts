/** The configuration, compiled for the stages. */
import type { AlertContent, ArtifactType } from "../alert/schema.ts";
import type { Severity } from "../alert/severity.ts";
import type { Calendar } from "../calendar/calendar.ts";
import type { KqlPredicate, QuerySet } from "../kql/index.ts";
import type { LogEntry } from "./entry.ts";

/** A KQL condition: as written, for the trace, and compiled. */
export interface Matcher {
  readonly text: string;
  readonly matches: KqlPredicate;
}

export interface FoldPolicy {
  readonly name: string;
  readonly match: string;
  /** Fields whose values make the key; null for the alert's fingerprint. */
  readonly by: readonly string[] | null;
  /** Milliseconds since the last occurrence. */
  readonly window: number;
}

export interface CasePolicy {
  readonly name: string;
  readonly match: string;
  /** Fields whose values alerts of a case have in common. */
  readonly group_by: readonly string[];
  /** Or types of artifacts, one value of which they have in common. One of the two is empty. */
  readonly share: readonly ArtifactType[];
  /** Milliseconds since the case's last alert. */
  readonly window: number;
  readonly max_alerts: number;
  /** Renders `{ alert, key }`; never throws. */
  title(values: Readonly<Record<string, unknown>>): string;
  readonly assignee: string | null;
  readonly tags: readonly string[];
}

export interface Correlation {
  readonly name: string;
  /** One step is a count; several are a sequence. */
  readonly steps: readonly Matcher[];
  /** How many events make a match; 1 for each step of a sequence. */
  readonly least: number;
  readonly by: readonly string[];
  /** Milliseconds, between the first and the last event of a match. */
  readonly within: number;
  readonly severity: Severity;
  /** Null for a title made from the name and the values. */
  readonly title: string | null;
}

export interface Inhibition {
  readonly name: string;
  readonly while: Matcher;
  readonly mute: Matcher;
  readonly equal: readonly string[];
}

export interface Limit {
  readonly max: number;
  /** Milliseconds. */
  readonly per: number;
  /** Fields; each of their values has tokens of its own. Empty for one bucket for the route. */
  readonly by: readonly string[];
  readonly except: Matcher | null;
}

export interface Hours {
  readonly calendar: Calendar;
  /** `hold` until it opens, or these destinations instead. */
  readonly outside: "hold" | readonly string[];
}

/** What destinations see of a repeat. */
export const REPEATS = ["none", "update", "remind"] as const;
export type Repeats = (typeof REPEATS)[number];

export interface CompiledRoute {
  readonly name: string;
  /** As written in the configuration, for the trace. */
  readonly match: string;
  readonly to: readonly string[];
  readonly continue: boolean;
  readonly shadow: boolean;
  readonly default: boolean;
  /** Null when every alert is told of by itself. */
  readonly group_by: readonly string[] | null;
  readonly group_wait: number;
  readonly group_interval: number;
  readonly repeats: Repeats;
  /** Least time between reminders in milliseconds. */
  readonly repeat_every: number;
  readonly limit: Limit | null;
  readonly hours: Hours | null;
}

/** What a source made of an entry. */
export interface NormalisedEntry {
  readonly content: AlertContent;
  readonly subject: string | null;
  /** Key of the event that opened the alert which this one is a later state of, or its own. */
  readonly updates: string | null;
  /** Ids of the events that a match was made of. */
  readonly parts: readonly string[];
}

/** The configuration, compiled for the stages. */
export interface PipelineConfiguration {
  /** Throws when the source's code fails on the document; the entry is then quarantined. */
  normalise(entry: LogEntry, document: Readonly<Record<string, unknown>>): NormalisedEntry;
  readonly fold: QuerySet<FoldPolicy>;
  readonly cases: QuerySet<CasePolicy>;
  readonly correlate: readonly Correlation[];
  readonly inhibit: readonly Inhibition[];
  /** Those that are not `default`, in the order of the file. */
  readonly routes: QuerySet<CompiledRoute>;
  /** Takes what no other route took; null when there is none. */
  readonly fallback: CompiledRoute | null;
  /** Takes what Tocsin itself raises; null when the configuration has no such route. */
  readonly operators: CompiledRoute | null;
  /** By name, `fallback` and `operators` too: for deliveries that were planned before. */
  route(name: string): CompiledRoute | undefined;
  /** Artifacts too common to relate cases: `127.0.0.1`, `SYSTEM`. */
  isStopValue(type: ArtifactType, value: string): boolean;
  /** Fields whose values make a destination's thread key; undefined when it has none. */
  threadFields(destination: string): readonly string[] | undefined;
  /** Whether a destination is told when the status of an alert changes that it knows of. */
  hearsOfStatus(destination: string): boolean;
}
