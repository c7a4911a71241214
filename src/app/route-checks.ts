/**
 * Routes that cannot work as they are written: queries that do not parse, destinations that do not
 * exist, routes that no alert gets to. Works on the data before validation; nothing is assumed.
 */
import type { Finding } from "../config/problem.ts";
import {
  checkDestinations,
  checkNames,
  readEntries,
  readQuery,
  type PlainMap,
  type RawEntry,
} from "./entry-checks.ts";
import { pace } from "./policy-schema.ts";

/** The route that takes what Tocsin itself raises. */
export const OPERATORS_ROUTE = "operators";

/** The settings that say which alerts a route takes; the operators' takes Tocsin's own. */
const CHOOSING = ["match", "continue", "shadow", "default"];

/** An entry of `routes` as far as it can be understood. */
export interface RawRoute extends RawEntry {
  readonly isDefault: boolean;
  /** Takes every alert that gets to it. */
  readonly takesAll: boolean;
  readonly problem: Finding | undefined;
}

/** The entries of `routes`, which may be anything. */
export function readRoutes(root: PlainMap): RawRoute[] {
  return readEntries(root, "routes", "route").map((entry) => {
    const query = readQuery(entry.raw["match"], [...entry.path, "match"]);
    const isDefault = entry.raw["default"] === true;
    const takesAll = !isDefault && query.matchesAll;
    return { ...entry, isDefault, takesAll, problem: query.problem };
  });
}

/** Findings about which alerts go where; looks at nothing else but names of destinations. */
export function checkRoutes(
  routes: readonly RawRoute[],
  destinations: readonly string[],
): Finding[] {
  const forAlerts = routes.filter((route) => route.name !== OPERATORS_ROUTE);
  return [
    ...routes.flatMap((route) => checkRoute(route, destinations)),
    ...checkNames(routes, "route"),
    ...checkReach(forAlerts),
    ...checkShadows(forAlerts),
  ];
}

function checkRoute(route: RawRoute, destinations: readonly string[]): Finding[] {
  return [
    ...checkDestinations(route.raw["to"], destinations, [...route.path, "to"]),
    ...(route.problem ? [route.problem] : []),
    ...checkOperators(route),
  ];
}

function checkOperators({ name, raw, path }: RawRoute): Finding[] {
  if (name !== OPERATORS_ROUTE) return [];
  const choosing =
    "it takes all that Tocsin itself raises and nothing else; name another route for alerts";
  const pacing = "what Tocsin itself raises is told of at once, each by itself";
  return [...CHOOSING, ...Object.keys(pace)]
    .filter((key) => key in raw)
    .map((key) => ({
      level: "error",
      path: [...path, key],
      at: "key",
      message: `\`${key}\` has no meaning for the route \`${OPERATORS_ROUTE}\``,
      hint: CHOOSING.includes(key) ? choosing : pacing,
    }));
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
