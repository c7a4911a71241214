/** Compiles the routes of the configuration for the stages. */
import type { Calendar } from "../calendar/calendar.ts";
import { fail } from "../errors.ts";
import type { CompiledRoute, Hours, Limit } from "../pipeline/policies.ts";
import type { Route } from "./configuration.ts";
import { compileMatcher } from "./policies.ts";

const REPEAT_EVERY = 4 * 3_600_000;

/** The route with its conditions and its calendar at hand. */
export function compileRoute(
  route: Route,
  calendars: ReadonlyMap<string, Calendar>,
): CompiledRoute {
  const { group_by = null, repeat_every, limit, hours } = route;
  return {
    ...route,
    group_by,
    repeats: route.repeats ?? (repeat_every === undefined ? "none" : "remind"),
    repeat_every: repeat_every ?? REPEAT_EVERY,
    limit: limit ? compileLimit(limit) : null,
    hours: hours ? compileHours(hours, calendars) : null,
  };
}

function compileLimit({ max, per, by = [], except }: NonNullable<Route["limit"]>): Limit {
  return { max, per, by, except: except === undefined ? null : compileMatcher(except) };
}

function compileHours(
  { calendar: name, outside }: NonNullable<Route["hours"]>,
  calendars: ReadonlyMap<string, Calendar>,
): Hours {
  const calendar = calendars.get(name);
  if (calendar) return { calendar, outside };
  // The configuration is checked before it is compiled.
  const message = `no calendar ${name}`;
  throw fail("INTERNAL", { component: "configuration", message });
}
