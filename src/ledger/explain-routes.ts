/** Why no route took an alert: which were tried, and the condition of each that does not hold. */
import {
  compileKql,
  fieldsOf,
  formatKql,
  parseKql,
  type KqlRecord,
  type Query,
} from "../kql/index.ts";
import { TocsinError } from "../errors.ts";
import { say } from "./explain-words.ts";
import type { LedgerFiles } from "./files.ts";
import { listPolicies, type Policy } from "./policies.ts";

/** Routes that are told of one by one. */
const MOST_ROUTES = 20;
/** Values of a field that are shown. */
const MOST_VALUES = 5;

/** A route as it is written. */
export type TriedRoute = Pick<Policy, "name" | "origin"> & { readonly match: string };

/** Routes made by hand, and those of the configuration that ran last; empty when none is kept. */
export function readRoutes(files: LedgerFiles): TriedRoute[] {
  return listPolicies(files).flatMap(({ kind, name, origin, settings: { match = "*" } }) => {
    return kind === "routes" && typeof match === "string" ? [{ name, origin, match }] : [];
  });
}

/** One line for each route; `now` in epoch milliseconds is what date math counts from. */
export function explainRoutes(
  routes: readonly TriedRoute[],
  record: KqlRecord,
  now: number,
): string[] {
  const lines = routes.slice(0, MOST_ROUTES).map((route) => routeText(route, record, now));
  const more = routes.length - lines.length;
  return more > 0 ? [...lines, `and ${more} more routes did not take it`] : lines;
}

function routeText({ name, origin, match }: TriedRoute, record: KqlRecord, now: number): string {
  const route = `route ${say(name)}${origin === "store" ? " (made by hand)" : ""}`;
  const failing = failingParts(match, record, now);
  if (failing === null) return `${route} cannot be read: ${say(match)}`;
  if (failing.length === 0) return `${route} (${say(match)}) would take it now`;
  const parts = failing.map(
    (part) => `${say(formatKql(part))} does not hold${haves(part, record)}`,
  );
  return `${route} does not take it: ${parts.join(", and ")}`;
}

/** Of conditions that must all hold, those that do not; null for what is not KQL. */
function failingParts(match: string, record: KqlRecord, now: number): Query[] | null {
  const query = readQuery(match);
  if (!query) return null;
  const parts = query.type === "and" ? query.of : [query];
  return parts.filter((part) => !compileKql(part)(record, now));
}

function readQuery(match: string): Query | null {
  try {
    return parseKql(match);
  } catch (error) {
    if (error instanceof TocsinError) return null;
    throw error;
  }
}

/** ` (severity is low)`. */
function haves(part: Query, record: KqlRecord): string {
  const fields = fieldsOf(part).filter((field) => !field.includes("*"));
  const texts = fields.map((field) => {
    const values = record.values(field).slice(0, MOST_VALUES);
    return `${say(field)} is ${values.length === 0 ? "not there" : say(values)}`;
  });
  return texts.length === 0 ? "" : ` (${texts.join(", ")})`;
}
