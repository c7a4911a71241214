/**
 * What the schema of the configuration cannot say. Works on the data before validation, so that
 * these problems are told together with the others; hence nothing is assumed about any value.
 */
import type { Finding } from "../config/problem.ts";
import { asMap, type PlainMap, type RawEntry } from "./entry-checks.ts";
import { checkDestinations } from "./destination-checks.ts";
import { checkPace, destinationsOf } from "./pace-checks.ts";
import { checkPolicies } from "./policy-checks.ts";
import { checkRoutes, readRoutes } from "./route-checks.ts";
import { checkSources } from "./source-checks.ts";
import { checkStatusUpdates } from "./status-checks.ts";

/** What the kinds say of entries as they are written. */
export interface Kinds {
  /**
   * Whether a destination can change a message that it was sent; of one whose settings are wrong
   * nothing is said against it.
   */
  canUpdate(destination: PlainMap): boolean;
  /** Whether a source is read rather than sent to; undefined of a kind there is not. */
  isRead(source: PlainMap): boolean | undefined;
}

/** All findings of the checks. */
export function checkConfiguration(input: unknown, { canUpdate, isRead }: Kinds): Finding[] {
  const root = asMap(input);
  const routes = readRoutes(root);
  const destinations = Object.keys(asMap(root["destinations"]));
  return [
    ...checkSources(root, isRead),
    ...checkRoutes(routes, destinations),
    ...checkPace(routes, root, canUpdate),
    ...checkDestinations(root),
    ...checkStatusUpdates(root, canUpdate),
    ...checkPolicies(root),
    ...checkUse(destinations, routes),
  ];
}

function checkUse(destinations: readonly string[], routes: readonly RawEntry[]): Finding[] {
  const used = new Set(routes.flatMap(destinationsOf));
  return destinations
    .filter((name) => !used.has(name))
    .map((name) => ({
      level: "warning",
      path: ["destinations", name],
      at: "key",
      message: `no route sends to destination \`${name}\``,
      hint: "name it in the `to` of a route",
    }));
}
