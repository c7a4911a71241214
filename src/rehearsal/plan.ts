/** What is different between two configurations, object by object, as they are written. */
import { isDeepStrictEqual } from "node:util";
import { parseConfigDocument } from "../config/document.ts";

export interface PlannedChange {
  readonly change: "added" | "changed" | "removed";
  /** `route`, `destination`, … or `setting`. */
  readonly what: string;
  readonly name: string;
  /** Settings that differ, of an object that is there before and after. Names only: values may be secret. */
  readonly settings: readonly string[];
}

/** Parts of the configuration that hold named objects, and what one of them is called. */
const PARTS: Readonly<Record<string, string>> = {
  clusters: "cluster",
  sources: "source",
  destinations: "destination",
  calendars: "calendar",
  fold: "fold policy",
  cases: "case policy",
  correlate: "correlation",
  inhibit: "inhibition",
  silences: "silence",
  routes: "route",
};

/** Parts of which the first that matches decides, and how their order is called. */
const ORDERS: Readonly<Record<string, string>> = {
  fold: "order of fold policies",
  cases: "order of case policies",
  routes: "order of routes",
};

type Plain = Readonly<Record<string, unknown>>;

/**
 * Changes from one text to another, in the order of the parts. Without a text before, all is added.
 * Both texts must be valid; what stands in references is compared as written.
 */
export function planChanges(before: string | null, after: string): PlannedChange[] {
  const [old, next] = [readPlain(before ?? ""), readPlain(after)];
  const named = Object.entries(PARTS).flatMap(([part, what]) =>
    compareNamed(what, objectsOf(old[part]), objectsOf(next[part])),
  );
  return [...named, ...compareOrder(old, next), ...compareSettings(old, next)];
}

function readPlain(text: string): Plain {
  return asPlain(parseConfigDocument(text).value);
}

function asPlain(value: unknown): Plain {
  const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
  return isMap ? (value as Plain) : {};
}

/** A map of objects, or a list of objects with names. */
function objectsOf(part: unknown): Map<string, unknown> {
  if (!Array.isArray(part)) return new Map(Object.entries(asPlain(part)));
  return new Map(
    part.map((object: unknown, index) => {
      const { name } = asPlain(object);
      return [typeof name === "string" ? name : String(index + 1), object] as const;
    }),
  );
}

function compareNamed(
  what: string,
  old: ReadonlyMap<string, unknown>,
  next: ReadonlyMap<string, unknown>,
): PlannedChange[] {
  const names = [...new Set([...old.keys(), ...next.keys()])];
  return names.flatMap((name): PlannedChange[] => {
    if (!old.has(name)) return [{ change: "added", what, name, settings: [] }];
    if (!next.has(name)) return [{ change: "removed", what, name, settings: [] }];
    const settings = differing(asPlain(old.get(name)), asPlain(next.get(name)));
    return settings.length === 0 ? [] : [{ change: "changed", what, name, settings }];
  });
}

/** Where the first that matches decides, the order is a setting of its own. */
function compareOrder(old: Plain, next: Plain): PlannedChange[] {
  return Object.entries(ORDERS).flatMap(([part, what]): PlannedChange[] => {
    const [before, after] = [objectsOf(old[part]), objectsOf(next[part])];
    const stayed = [...before.keys()].filter((name) => after.has(name));
    const now = [...after.keys()].filter((name) => before.has(name));
    if (isDeepStrictEqual(stayed, now)) return [];
    return [{ change: "changed", what, name: "", settings: [] }];
  });
}

function compareSettings(old: Plain, next: Plain): PlannedChange[] {
  const without = (plain: Plain): Plain =>
    Object.fromEntries(Object.entries(plain).filter(([key]) => !Object.hasOwn(PARTS, key)));
  return differing(without(old), without(next)).map((name) => ({
    change: "changed",
    what: "setting",
    name,
    settings: [],
  }));
}

function differing(old: Plain, next: Plain): string[] {
  const names = [...new Set([...Object.keys(old), ...Object.keys(next)])];
  return names.filter((name) => !isDeepStrictEqual(old[name], next[name]));
}
