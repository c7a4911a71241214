/** The filters Tocsin adds to Liquid, and those it takes away. */
import type { Liquid } from "liquidjs";

/** A value as a template writes it: nil as nothing, lists run together, objects as JSON. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(textOf).join("");
  return JSON.stringify(value) ?? "";
}

/** `{{ value | json }}`: the value as JSON, safe to stand inside a JSON body; nil becomes `null`. */
function toJson(value: unknown): string {
  return JSON.stringify(value ?? null);
}

/**
 * `{{ value | defang }}`: the text with links, domains, addresses and e-mail addresses made
 * unclickable (`hxxps://evil[.]example`). Lists are joined with a comma and a space.
 */
export function defang(value: unknown): string {
  return (Array.isArray(value) ? value.map(textOf).join(", ") : textOf(value))
    .replace(/\b(h)tt(ps?:\/\/)/gi, "$1xx$2")
    .replace(/(?<=[\p{L}\p{N}])\.(?=[\p{L}\p{N}])/gu, "[.]")
    .replace(/(?<=[\p{L}\p{N}])@(?=[\p{L}\p{N}])/gu, "[@]");
}

const CLOCK_WORDS = new Set(["now", "today"]);

/** Adds Tocsin's filters and takes away what would make the same alert render differently. */
export function installFilters(liquid: Liquid): void {
  liquid.registerFilter("json", toJson);
  liquid.registerFilter("defang", defang);
  liquid.unregisterFilter("sample");
  refuseClock(liquid);
}

// The date filters read the clock when given "now" or "today"; a replayed alert must render as
// it did the first time, so the times of the alert are the only ones to be had.
function refuseClock(liquid: Liquid): void {
  for (const [name, filter] of Object.entries(liquid.filters)) {
    if (!name.startsWith("date") || typeof filter !== "function") continue;
    liquid.registerFilter(name, function guarded(value: unknown, ...rest: unknown[]) {
      if (typeof value === "string" && CLOCK_WORDS.has(value.trim()))
        throw new Error(`"${value}" is not available; use a time of the alert`);
      return filter.call(this, value, ...rest);
    });
  }
}
