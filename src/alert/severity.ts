/**
 * The one severity scale. Ids sort; names are what people read and write. The numbers are OCSF's
 * `severity_id` (0 unknown, 1 informational … 5 critical).
 */
export const SEVERITIES = [
  "unknown",
  "informational",
  "low",
  "medium",
  "high",
  "critical",
] as const;

export type Severity = (typeof SEVERITIES)[number];

/** The sortable id of a severity: `unknown` 0 … `critical` 5. */
export function severityId(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

/** What other products call the same grades. `warning` and `error` follow syslog's order. */
const SYNONYMS: Readonly<Record<string, Severity>> = {
  unknown: "unknown",
  informational: "informational",
  informative: "informational",
  information: "informational",
  info: "informational",
  notice: "informational",
  debug: "informational",
  low: "low",
  minor: "low",
  medium: "medium",
  med: "medium",
  moderate: "medium",
  warning: "medium",
  warn: "medium",
  high: "high",
  major: "high",
  error: "high",
  critical: "critical",
  crit: "critical",
  fatal: "critical",
  emergency: "critical",
};

/**
 * The severity a vendor's word stands for, ignoring case and surrounding blanks. `map` is asked
 * first, by the text of the value (numbers too), and is the only way a number means anything: the
 * same 3 is low at one vendor and critical at another. Of an array the first element counts.
 * Whatever is not known is `unknown`, never a guess.
 */
export function readSeverity(value: unknown, map?: Readonly<Record<string, Severity>>): Severity {
  const scalar: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof scalar !== "string" && typeof scalar !== "number") return "unknown";
  const text = String(scalar).trim();
  return (
    pick(map, text) ??
    pick(map, text.toLowerCase()) ??
    pick(SYNONYMS, text.toLowerCase()) ??
    "unknown"
  );
}

function pick(map: Readonly<Record<string, Severity>> | undefined, name: string) {
  return map !== undefined && Object.hasOwn(map, name) ? map[name] : undefined;
}
