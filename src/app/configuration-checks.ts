/**
 * What the schema of the configuration cannot say. Works on the data before validation, so that
 * these problems are told together with the others; hence nothing is assumed about any value.
 */
import { isLoopback, readListen } from "../config/listen.ts";
import type { Finding, Path } from "../config/problem.ts";
import { OPERATOR_SOURCE } from "../sources/tocsin/index.ts";
import { CORRELATE_SOURCE } from "../sources/correlate/index.ts";
import { asMap, type PlainMap, type RawEntry } from "./entry-checks.ts";
import { checkPace, destinationsOf } from "./pace-checks.ts";
import { checkPolicies } from "./policy-checks.ts";
import { checkRoutes, readRoutes } from "./route-checks.ts";

/** Where the server listens when the configuration does not say. */
export const DEFAULT_LISTEN = "127.0.0.1:7373";

/**
 * All findings of the checks. `canUpdate` says whether a destination, as written, can change a
 * message that it was sent; of one whose settings are wrong it says nothing against it.
 */
export function checkConfiguration(
  input: unknown,
  canUpdate: (destination: PlainMap) => boolean,
): Finding[] {
  const root = asMap(input);
  const routes = readRoutes(root);
  const destinations = Object.keys(asMap(root["destinations"]));
  return [
    ...checkSources(root),
    ...checkRoutes(routes, destinations),
    ...checkPace(routes, root, canUpdate),
    ...checkPolicies(root),
    ...checkUse(destinations, routes),
  ];
}

function checkSources(root: PlainMap): Finding[] {
  const listen = root["listen"] ?? DEFAULT_LISTEN;
  return Object.entries(asMap(root["sources"])).flatMap(([name, entry]) => {
    const source = asMap(entry);
    return [
      ...checkSourceName(name),
      ...checkAuth(source["auth"], source["listen"] ?? listen, ["sources", name, "auth"]),
    ];
  });
}

const TAKEN: readonly string[] = [OPERATOR_SOURCE, CORRELATE_SOURCE];

function checkSourceName(name: string): Finding[] {
  if (!TAKEN.includes(name)) return [];
  const message = `the name \`${name}\` is taken`;
  const hint = "Tocsin's own alerts come from it; choose another";
  return [{ level: "error", path: ["sources", name], at: "key", message, hint }];
}

/** Without authentication only processes of this machine may send. */
function checkAuth(auth: unknown, listen: unknown, path: Path): Finding[] {
  if (auth !== "none" || typeof listen !== "string") return [];
  // An address that cannot be read is not known to be loopback.
  if (isLoopback(readListen(listen)?.host ?? "")) return [];
  const message = `\`auth: none\` would let every machine that reaches ${listen} send alerts`;
  const hint = "remove it, or give the source a `listen` of its own on 127.0.0.1";
  return [{ level: "error", path, message, hint }];
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
