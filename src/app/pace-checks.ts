/** How routes speak: settings that cannot work, or do nothing. Nothing is assumed of any value. */
import { suggest } from "../config/nearest.ts";
import type { Finding, Path } from "../config/problem.ts";
import {
  asList,
  asMap,
  checkDestinations,
  checkIdle,
  checkQuery,
  type PlainMap,
  type RawEntry,
} from "./entry-checks.ts";

/** All findings about the pace of routes. `canUpdate` is asked with a destination as written. */
export function checkPace(
  routes: readonly RawEntry[],
  root: PlainMap,
  canUpdate: (destination: PlainMap) => boolean,
): Finding[] {
  const destinations = asMap(root["destinations"]);
  const calendars = Object.keys(asMap(root["calendars"]));
  return routes.flatMap((route) => {
    const { raw, path } = route;
    return [
      ...checkIdle(route, ["group_wait", "group_interval"], "group_by"),
      ...checkRepeats(route),
      ...checkUpdates(route, destinations, canUpdate),
      ...checkQuery(asMap(raw["limit"])["except"] ?? "*", [...path, "limit", "except"]),
      ...checkHours(asMap(raw["hours"]), [...path, "hours"], calendars, Object.keys(destinations)),
    ];
  });
}

/** Names of all destinations that a route sends to, at whatever hours. */
export function destinationsOf({ raw }: Pick<RawEntry, "raw">): unknown[] {
  return [...asList(raw["to"]), ...asList(asMap(raw["hours"])["outside"])];
}

function checkRepeats({ raw, path }: RawEntry): Finding[] {
  const { repeats } = raw;
  if (!("repeat_every" in raw) || (repeats !== "none" && repeats !== "update")) return [];
  const message = `\`repeat_every\` does nothing with \`repeats: ${repeats}\``;
  const hint = "use `repeats: remind`, or remove it";
  return [{ level: "warning", path: [...path, "repeat_every"], at: "key", message, hint }];
}

/** An update where a message cannot be changed would be one more message. */
function checkUpdates(
  { raw, path }: RawEntry,
  destinations: PlainMap,
  canUpdate: (destination: PlainMap) => boolean,
): Finding[] {
  if (raw["repeats"] !== "update") return [];
  const rigid = destinationsOf({ raw }).filter(
    (name) => typeof name === "string" && !canUpdate(asMap(destinations[name])),
  );
  return [...new Set(rigid)].map((name) => ({
    level: "error",
    path: [...path, "repeats"],
    message: `destination \`${String(name)}\` cannot change a message that it was sent`,
    hint: "use `repeats: remind`",
  }));
}

function checkHours(
  { calendar, outside }: PlainMap,
  path: Path,
  calendars: readonly string[],
  destinations: readonly string[],
): Finding[] {
  const elsewhere = checkDestinations(outside, destinations, [...path, "outside"]);
  if (typeof calendar !== "string" || calendars.includes(calendar)) return elsewhere;
  const message = `unknown calendar \`${calendar}\``;
  const hint = suggest(calendar, calendars, "calendars");
  return [{ level: "error", path: [...path, "calendar"], message, hint }, ...elsewhere];
}
