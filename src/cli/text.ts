/** Small pieces of text that several commands print. */
import type { Attack } from "../alert/schema.ts";
import { toLine } from "../alert/text.ts";
import { DURATIONS } from "../config/values.ts";

/** `1 error`, `2 errors`. */
export function countOf(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`;
  return `${count} ${noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`}`;
}

/** Milliseconds in the largest unit that fits: `340ms`, `12s`, `5m`, `3d`. */
export function formatDuration(milliseconds: number): string {
  const unit = DURATIONS.find(([, size]) => milliseconds >= size);
  if (!unit || unit[0] === "ms") return `${Math.round(milliseconds)}ms`;
  return `${Math.floor(milliseconds / unit[1])}${unit[0]}`;
}

/** Epoch milliseconds or RFC 3339 as `2026-03-01 10:00:00Z`; `-` for none. */
export function formatTime(time: number | string | null | undefined): string {
  if (time === null || time === undefined) return "-";
  return `${new Date(time).toISOString().slice(0, 19).replace("T", " ")}Z`;
}

/**
 * A value on one line for reading: texts as they are, the rest as JSON. Control characters, with
 * which alert text could command the terminal, become blanks.
 */
export function formatValue(value: unknown): string {
  return toLine(typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
}

/** One line, blanks kept: what a terminal would obey or hide is replaced by a visible mark. */
export function printable(line: string): string {
  return line.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (mark) => (mark === "\t" ? " " : "\ufffd"));
}

/** Text of several lines, each made printable. */
export function printableLines(text: string): string[] {
  return text.split(/\r\n|\n|\r/).map(printable);
}

/** `TA0006 Credential Access > T1110 Brute Force`. */
export function describeAttack({ tactic, technique, subtechnique }: Attack): string {
  return [tactic, technique, subtechnique]
    .flatMap((part) => (part === null ? [] : `${part.id} ${part.name ?? ""}`.trim()))
    .join(" > ");
}
