/** The unit for a configuration, and whether the service could run with it. */
import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, relative } from "node:path";
import type { Configuration } from "../app/configuration.ts";
import { dataPaths } from "../app/paths.ts";
import { fail } from "../errors.ts";
import { isHome, stateFolder, unitText } from "./unit.ts";

export interface ServiceWish {
  readonly name: string;
  readonly user: string | null;
  readonly envFile: string;
  /** Absolute path of the configuration. */
  readonly config: string;
  /** The data folder that was asked for by option or environment; null: the service's own. */
  readonly data: string | null;
  readonly node: string;
  readonly program: string;
}

export interface PlannedService {
  readonly text: string;
  readonly data: string;
  /** Folders besides it that the service writes to. */
  readonly writes: readonly string[];
}

/** The unit for a configuration. Throws REQUEST_INVALID for names and paths that cannot stand in one. */
export function planService(wish: ServiceWish, configuration: Configuration): PlannedService {
  const { name, user } = wish;
  const data = wish.data ?? (user === null ? stateFolder(name) : configuration.data);
  const lowPorts = portsOf(configuration).some((port) => port > 0 && port < 1024);
  const writes = foldersWritten(configuration).filter((folder) => !isInside(folder, data));
  return { text: unitText({ ...wish, data, writes, lowPorts }), data, writes };
}

/**
 * Throws REQUEST_INVALID where the service could not run: it would not see the program or may not write
 * where it has to, or it would leave data behind.
 */
export function checkService(
  wish: ServiceWish,
  configuration: Configuration,
  { data, writes }: PlannedService,
): void {
  checkLeftBehind(configuration.data, data);
  if (wish.user === null) return checkDynamic(wish, data, writes);
  const isMade = data === stateFolder(wish.name);
  checkFolders(wish.user, isMade ? writes : [data, ...writes]);
}

function foldersWritten({ destinations, directory }: Configuration): string[] {
  const paths = [...destinations.values()].flatMap(({ kind, config }) =>
    kind === "file" ? [(config as { readonly path: string }).path] : [],
  );
  return [
    ...new Set(paths.map((path) => dirname(isAbsolute(path) ? path : join(directory, path)))),
  ];
}

function portsOf({ listen, sources }: Configuration): number[] {
  const own = [...sources.values()].flatMap((source) => source.listen?.port ?? []);
  return [listen.port, ...own];
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith("../") && !isAbsolute(way);
}

/** A user made up for the service owns nothing but its folder under /var/lib, and sees no home. */
function checkDynamic(wish: ServiceWish, data: string, writes: readonly string[]): void {
  const own = stateFolder(wish.name);
  const home = [wish.node, wish.program].find(isHome);
  if (home !== undefined)
    throw impossible(`${home} lies in a home folder`, "install Node and Tocsin below /usr or /opt");
  if (isHome(wish.config))
    throw impossible(`${wish.config} lies in a home folder`, "move it to /etc/tocsin");
  if (data !== own) throw impossible(`the data is in ${data}`, `keep it in ${own}`);
  const [elsewhere] = writes;
  if (elsewhere === undefined) return;
  throw impossible(`a destination writes to ${elsewhere}`, `write below ${own}`);
}

/** systemd starts nothing that may write to a folder that is not there. */
function checkFolders(user: string, folders: readonly string[]): void {
  const missing = folders.find((folder) => !existsSync(folder));
  if (missing === undefined) return;
  throw fail("REQUEST_INVALID", {
    component: "service",
    message: `there is no folder ${missing}`,
    hint: `Make it: install -d -m 700 -o ${user} ${missing}`,
  });
}

function impossible(why: string, instead: string): Error {
  return fail("REQUEST_INVALID", {
    component: "service",
    message: `a user made up for the service cannot work with this: ${why}`,
    hint: `Either ${instead}, or run it as a user of yours: --user NAME`,
  });
}

function checkLeftBehind(configured: string, data: string): void {
  if (configured === data || !existsSync(dataPaths(configured).store)) return;
  throw fail("REQUEST_INVALID", {
    component: "service",
    message: `alerts are kept in ${configured}, and the service would keep its own in ${data}`,
    hint: `Stop what runs, move the folder to ${data} and set data: ${data} in the configuration.`,
  });
}
