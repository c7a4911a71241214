/**
 * Routes that cannot work as they are written: queries that do not parse, destinations that do not
 * exist, routes that no alert gets to. Works on the data before validation; nothing is assumed.
 */
import { suggest } from "../config/nearest.ts";
import type { Finding, Path } from "../config/problem.ts";
import { messageOf, TocsinError } from "../errors.ts";
import { parseKql } from "../kql/index.ts";

export type PlainMap = Readonly<Record<string, unknown>>;

/** The route that takes what Tocsin itself raises. */
export const OPERATORS_ROUTE = "operators";

/** An entry of `routes` as far as it can be understood. */
export interface RawRoute {
  readonly path: Path;
  readonly raw: PlainMap;
  readonly name: string;
  readonly to: readonly unknown[];
  readonly isDefault: boolean;
  /** How problems call it: its name, or else its number. */
  readonly label: string;
  /** Takes every alert that gets to it. */
  readonly takesAll: boolean;
  readonly problem: Finding | undefined;
}

/** The entries of `routes`, which may be anything. */
export function readRoutes(routes: unknown): RawRoute[] {
  if (!Array.isArray(routes)) return [];
  return routes.map((entry: unknown, index) => {
    const raw = asMap(entry);
    const path = ["routes", index];
    const name = typeof raw["name"] === "string" ? raw["name"] : "";
    const query = readMatch(raw["match"], [...path, "match"]);
    return {
      path,
      raw,
      name,
      label: name === "" ? `route ${index + 1}` : `route \`${name}\``,
      to: Array.isArray(raw["to"]) ? (raw["to"] as unknown[]) : [],
      isDefault: raw["default"] === true,
      takesAll: raw["default"] !== true && query.matchesAll,
      problem: query.problem,
    };
  });
}

/** All findings about routes that can be made without looking at anything but names of destinations. */
export function checkRoutes(
  routes: readonly RawRoute[],
  destinations: readonly string[],
): Finding[] {
  const forAlerts = routes.filter((route) => route.name !== OPERATORS_ROUTE);
  return [
    ...routes.flatMap((route) => checkRoute(route, destinations)),
    ...checkNames(routes),
    ...checkReach(forAlerts),
    ...checkShadows(forAlerts),
  ];
}

function readMatch(match: unknown, path: Path): { matchesAll: boolean; problem?: Finding } {
  if (match === undefined) return { matchesAll: true };
  if (typeof match !== "string") return { matchesAll: false };
  try {
    return { matchesAll: parseKql(match).type === "all" };
  } catch (error) {
    const known = error instanceof TocsinError ? error : undefined;
    const offset = known?.data?.["position"];
    const problem: Finding = {
      level: "error",
      path,
      offset: typeof offset === "number" ? offset : undefined,
      message: messageOf(error),
      hint: known?.hint,
    };
    return { matchesAll: false, problem };
  }
}

function checkRoute(route: RawRoute, destinations: readonly string[]): Finding[] {
  const unknown = route.to.flatMap((name, index): Finding[] => {
    if (typeof name !== "string" || destinations.includes(name)) return [];
    const hint = suggest(name, destinations, "destinations");
    const path = [...route.path, "to", index];
    return [{ level: "error", path, message: `unknown destination \`${name}\``, hint }];
  });
  return [...unknown, ...(route.problem ? [route.problem] : []), ...checkOperators(route)];
}

function checkOperators(route: RawRoute): Finding[] {
  if (route.name !== OPERATORS_ROUTE) return [];
  const idle = ["match", "continue", "shadow", "default"].filter((key) => key in route.raw);
  return idle.map((key) => ({
    level: "error",
    path: [...route.path, key],
    at: "key",
    message: `\`${key}\` has no meaning for the route \`${OPERATORS_ROUTE}\``,
    hint: "it takes all that Tocsin itself raises and nothing else; name another route for alerts",
  }));
}

function checkNames(routes: readonly RawRoute[]): Finding[] {
  const seen = new Set<string>();
  return routes.flatMap((route): Finding[] => {
    if (route.name === "") return [];
    if (!seen.has(route.name)) {
      seen.add(route.name);
      return [];
    }
    const message = `there is another route \`${route.name}\` above`;
    return [{ level: "error", path: [...route.path, "name"], message, hint: "rename one of them" }];
  });
}

/**
 * Routes that no alert gets to. The first default route takes what no other route took, wherever it
 * stands; further ones take nothing.
 */
function checkReach(routes: readonly RawRoute[]): Finding[] {
  const ordinary = routes.filter((route) => !route.isDefault);
  const [first, ...others] = routes.filter((route) => route.isDefault);
  const taker = ordinary.find((route) => route.takesAll);
  const last = ordinary.findIndex((route) => route.takesAll && route.raw["continue"] !== true);
  const end = ordinary[last];
  const behind = end ? ordinary.slice(last + 1) : [];
  const toEnd = `move it up, or give ${end?.label} a \`match\` or \`continue: true\``;
  return [
    ...behind.map((route) => idle(route, `${end?.label} takes every alert before it`, toEnd)),
    ...(first && taker
      ? [
          idle(
            first,
            `${taker.label} takes every alert`,
            "a default takes what no other route took",
          ),
        ]
      : []),
    ...others.map((route) => idle(route, `${first?.label} is the default`, "keep one default")),
  ];
}

function idle(route: RawRoute, why: string, hint: string): Finding {
  const message = `no alert gets to ${route.label}: ${why}`;
  return { level: "warning", path: route.path, message, hint };
}

/** A shadow route is there to watch; without `continue` it keeps alerts from those who act. */
function checkShadows(routes: readonly RawRoute[]): Finding[] {
  const blocking = routes.filter(
    ({ raw, isDefault }, index) =>
      raw["shadow"] === true && raw["continue"] !== true && !isDefault && index < routes.length - 1,
  );
  return blocking.map((route) => ({
    level: "warning",
    path: [...route.path, "shadow"],
    at: "key",
    message: `shadow ${route.label} sends nothing and keeps what it takes from other routes`,
    hint: "add `continue: true`",
  }));
}

/** The value if it is a map, else an empty one. */
export function asMap(value: unknown): PlainMap {
  const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
  return isMap ? (value as PlainMap) : {};
}
