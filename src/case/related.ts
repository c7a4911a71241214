/** Which other cases have artifacts in common with one. */
import type { Artifact } from "../alert/schema.ts";
import type { StopValues } from "./stop-values.ts";

export interface RelatedCase {
  /** Its number. */
  readonly case: number;
  /** What both have, in the order of the asking case's own. */
  readonly shared: readonly string[];
}

/** What can link alerts: each artifact as `type:value`, once; stop-values link nothing. */
export function linksOf(
  artifacts: Iterable<Pick<Artifact, "type" | "value">>,
  isStopValue: StopValues,
): Set<string> {
  const links = new Set<string>();
  for (const { type, value } of artifacts) {
    if (!isStopValue(type, value)) links.add(`${type}:${value}`);
  }
  return links;
}

/**
 * The cases that share at least one link with `own`: the most shared first, of equal ones the newest.
 * `others` has the links of each case by its number, and not the asking case itself.
 */
export function relateCases(
  own: ReadonlySet<string>,
  others: ReadonlyMap<number, ReadonlySet<string>>,
): RelatedCase[] {
  return [...others]
    .map(([number, links]) => ({
      case: number,
      shared: [...own].filter((link) => links.has(link)),
    }))
    .filter(({ shared }) => shared.length > 0)
    .toSorted((a, b) => b.shared.length - a.shared.length || b.case - a.case);
}
