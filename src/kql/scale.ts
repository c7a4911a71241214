/** The field `severity` compares on the severity scale, not as text: `severity >= high`. */
import { SEVERITIES, severityId, type Severity } from "../alert/severity.ts";

/** Only this field, at the top of a record; a `severity` inside a nested element is text. */
export const SEVERITY_FIELD = "severity";

const IDS: ReadonlyMap<string, number> = new Map(
  SEVERITIES.map((severity: Severity) => [severity, severityId(severity)]),
);

/** The id of a severity given by name (any case) or by id, as number or digit; else undefined. */
export function readSeverity(value: unknown): number | undefined {
  if (typeof value === "number") return SEVERITIES[value] === undefined ? undefined : value;
  if (typeof value !== "string") return undefined;
  const id = IDS.get(value) ?? IDS.get(value.toLowerCase());
  if (id !== undefined) return id;
  return /^[0-9]$/.test(value) ? readSeverity(Number(value)) : undefined;
}

/** Whether a text names a severity. */
export function isSeverity(text: string): boolean {
  return readSeverity(text) !== undefined;
}

/** The name under which a severity is matched by a wildcard; other values as they are. */
export function severityName(value: unknown): unknown {
  const id = readSeverity(value);
  return id === undefined ? value : SEVERITIES[id];
}
