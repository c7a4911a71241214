/** Values of traces and deliveries in words. What they hold may be hostile; it becomes one short line. */
import { clip, toLine } from "../alert/text.ts";
import { DURATIONS } from "../config/values.ts";

const MAX_TEXT = 200;
/** A value on one line: texts as they are, lists and objects with commas. */
export function say(value: unknown): string {
  return clip(toLine(textOf(value)), MAX_TEXT);
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(textOf).join(", ");
  if (typeof value !== "object") return JSON.stringify(value) ?? "";
  return Object.entries(value)
    .map(([name, member]) => `${name} ${textOf(member)}`)
    .join(", ");
}

/** RFC 3339 or epoch milliseconds as `2026-03-01 10:00:00Z`; what is no time is said as it is. */
export function sayTime(time: unknown): string {
  const at = typeof time === "string" || typeof time === "number" ? new Date(time) : null;
  if (!at || Number.isNaN(at.getTime())) return say(time);
  return `${at.toISOString().slice(0, 19).replace("T", " ")}Z`;
}

/** Milliseconds in their two largest units: `1h`, `1m 30s`. */
export function sayDuration(milliseconds: unknown): string {
  if (typeof milliseconds !== "number") return say(milliseconds);
  let rest = milliseconds;
  const parts: string[] = [];
  for (const [unit, size] of DURATIONS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts.slice(0, 2).join(" ") || "0s";
}

/** `1 alert`, `2 alerts`. */
export function sayCount(count: unknown, noun: string): string {
  return `${say(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/**
 * The hold of a delivery: `group soc · Failed login` for `group:soc|Failed login`. The key of a cell is
 * its route, then values, joined as `cellKey` joins them; a key too long to be shown is a hash.
 */
export function sayHold(hold: string): string {
  const colon = hold.indexOf(":");
  const stage = hold.slice(0, colon);
  if (stage === "silence") return `silence ${say(hold.slice(colon + 1))}`;
  const [route = "", ...rest] = splitKey(hold.slice(colon + 1));
  const name = `${STAGES[stage] ?? stage} ${say(route)}`;
  // An update's or reminder's key may name the alert, which stands beside it anyway.
  if (stage === "update" || rest[0] === "alert") return name;
  return [name, ...rest.flatMap(valuesIn)].join(" · ");
}

const STAGES: Readonly<Record<string, string>> = {
  group: "group",
  limit: "limit of route",
  hours: "hours of route",
  remind: "reminders of route",
  update: "updates of route",
};

const HASH = /^[0-9a-f]{64}$/;

function valuesIn(part: string): string[] {
  if (HASH.test(part)) return [];
  return splitKey(part)
    .map((values) => say(splitKey(values)))
    .filter((text) => text !== "");
}

/** The parts of a key that `cellKey` joined. */
function splitKey(key: string): string[] {
  const parts = [""];
  for (const [mark] of key.matchAll(/\\.|[^\\]/gs)) {
    if (mark === "|") parts.push("");
    else parts.push((parts.pop() ?? "") + mark.slice(-1));
  }
  return parts;
}
