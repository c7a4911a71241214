/** Readings that vendors' sources share. What cannot be used leaves a flag, never a guess. */
import { z } from "zod";
import type { AlertContent } from "../alert/schema.ts";
import { readSeverity, SEVERITIES, type Severity } from "../alert/severity.ts";
import { readTime } from "../alert/time.ts";
import { quote, textOf } from "./read.ts";

type SeverityMap = Readonly<Record<string, Severity>>;

/** The setting with which an operator says what the sender's severities mean. */
export const severityMap = z
  .record(z.string(), z.enum(SEVERITIES))
  .optional()
  .describe("What the sender's severities mean, for example P1: critical.");

/** The operator's map before the vendor's own. Words are compared without case. */
export function joinSeverities(own: SeverityMap | undefined, vendors: SeverityMap): SeverityMap {
  const named = Object.entries(own ?? {}).map(([word, severity]) => [word.toLowerCase(), severity]);
  return { ...vendors, ...(Object.fromEntries(named) as SeverityMap) };
}

/** The severity of a vendor's word and the word itself; a word that is not known is flagged. */
export function readGrade(
  value: unknown,
  map: SeverityMap,
  flags: string[],
): Pick<AlertContent, "severity" | "severity_original"> {
  const original = textOf(value);
  if (original === null) return { severity: "unknown", severity_original: null };
  const severity = readSeverity(original.toLowerCase(), map);
  if (severity === "unknown" && !/^unknown$/i.test(original)) {
    flags.push(`severity: ${quote(original)} is not known`);
  }
  return { severity, severity_original: original };
}

/** A time as the schema wants it; null where there is none, and with a flag where it is no time. */
export function readTimeAt(field: string, value: unknown, flags: string[]): string | null {
  const text = textOf(value);
  if (text === null) return null;
  const time = readTime(text);
  if (time === null) flags.push(`${field}: ${quote(text)} is not a time`);
  return time;
}
