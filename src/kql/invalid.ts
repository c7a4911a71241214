/** How KQL says what is wrong with a text, and where. */
import { fail, type TocsinError } from "../errors.ts";

const CONTEXT = 24;

/**
 * The error for a KQL text that cannot be read. `position` is the 0-based offset of the trouble
 * (UTF-16 units, as in JavaScript); the message counts characters from 1 and marks the place with
 * `▸`. The offset is in `data.position`.
 */
export function invalidKql(
  text: string,
  position: number,
  problem: string,
  hint: string,
): TocsinError {
  return fail("KQL_INVALID", {
    component: "kql",
    message: `${problem} at character ${position + 1}: ${excerpt(text, position)}`,
    hint,
    data: { position },
  });
}

function excerpt(text: string, position: number): string {
  const start = Math.max(0, position - CONTEXT);
  const end = Math.min(text.length, position + CONTEXT);
  const before = (start > 0 ? "…" : "") + text.slice(start, position);
  const after = text.slice(position, end) + (end < text.length ? "…" : "");
  return `${before}▸${after}`.replace(/[\r\n\t]/g, " ");
}
