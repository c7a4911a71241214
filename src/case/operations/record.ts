/** Turns a change of a case into what is stored: the case as it is after, and its timeline entries. */
import type { Case, CaseWrite, Task, TimelineEntry } from "../case.ts";
import { isOpen } from "../case.ts";

/** Fields whose changes the timeline tells, under their own names. */
const FIELDS = ["status", "verdict", "severity", "owner", "title", "summary", "tags"] as const;

export interface CaseChanged {
  readonly before: Case;
  readonly after: Case;
  /** A person or key, or `tocsin`. */
  readonly who: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** What the timeline says besides the fields that changed; it comes first. */
  readonly told?: readonly Pick<TimelineEntry, "kind" | "detail">[];
  /** Stands in every entry about a field: the alert or case that the change came from. */
  readonly because?: Readonly<Record<string, unknown>>;
}

/**
 * The case after a change, with one timeline entry for every field and task that is not as before
 * (`before` and `after` in its detail). What changes nothing at all leaves `updated_at` as it was.
 */
export function recordChange(change: CaseChanged): CaseWrite {
  const { before, after, who, now, told = [], because = {} } = change;
  const at = new Date(now).toISOString();
  const entries = [...told, ...fieldChanges(before, after, because), ...taskChanges(before, after)];
  if (entries.length === 0 && isSame(before, after)) return { case: before, entries: [] };
  return {
    case: { ...after, updated_at: at },
    entries: entries.map(({ kind, detail }) => ({ at, who, kind, detail })),
  };
}

function fieldChanges(
  before: Case,
  after: Case,
  because: Readonly<Record<string, unknown>>,
): Pick<TimelineEntry, "kind" | "detail">[] {
  return FIELDS.filter((field) => !isSame(before[field], after[field])).map((field) => ({
    kind: field === "status" && !isOpen(before) && isOpen(after) ? "reopened" : field,
    detail: { ...because, before: before[field], after: after[field] },
  }));
}

/** A new task has no `before`, a removed one no `after`. */
function taskChanges(before: Case, after: Case): Pick<TimelineEntry, "kind" | "detail">[] {
  const ids = new Set([...before.tasks, ...after.tasks].map(({ id }) => id));
  return [...ids]
    .map((id) => ({ before: taskOf(before, id), after: taskOf(after, id) }))
    .filter((pair) => !isSame(pair.before, pair.after))
    .map((detail) => ({ kind: "task", detail }));
}

function taskOf({ tasks }: Case, id: number): Task | null {
  return tasks.find((task) => task.id === id) ?? null;
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
