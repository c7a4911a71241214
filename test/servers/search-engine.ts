/**
 * A real Elasticsearch or OpenSearch on this machine, empty, for one test file. It needs a JDK and
 * Maven. The engine runs in a folder of its own, and as nobody where the tests run as root, which
 * neither engine agrees to. It listens on a port that it chooses itself and says in its log.
 *
 * It is *running* or *down*. `kill` takes it down as a crash does; `restart` brings it back, or ends
 * it in order first, with the data and at the port that it had. `stop` ends it and removes its data.
 */
import { chown, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unpackDistribution, type Engine } from "./distribution.ts";
import { startProcess, type ProcessOptions } from "./process.ts";
import { writeSecurity, type EngineRoles, type EngineUser } from "./security.ts";
import { findJdk, hasMaven, type Jdk } from "./tools.ts";

export interface SearchEngineOptions extends Engine {
  /** Basic authentication with this user, who may do everything; Elasticsearch only. */
  readonly user?: { readonly name: string; readonly password: string };
  /** Basic authentication with these users; Elasticsearch only. */
  readonly users?: readonly EngineUser[];
  /** Roles for users, beside those that are built in. */
  readonly roles?: EngineRoles;
}

export interface SearchEngine {
  /** `http://127.0.0.1:port`; stays the same. */
  readonly url: string;
  /** Ends it without notice. What it has acknowledged is on its disk. */
  kill(): Promise<void>;
  /** Resolves when it serves again, with its data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** User and group `nobody` of every Linux. */
const NOBODY = 65_534;

/** What this machine lacks to run an engine; undefined when it lacks nothing. */
export function missingFor(engine: Engine): string | undefined {
  const { from, before } = jdkRange(engine);
  if (!findJdk(from, before)) {
    return before
      ? `a JDK of version ${from} to ${before - 1}`
      : `a JDK of version ${from} or newer`;
  }
  return hasMaven() ? undefined : "Maven";
}

/** Starts an engine and waits until it serves. The first time its distribution is downloaded. */
export async function startSearchEngine(options: SearchEngineOptions): Promise<SearchEngine> {
  const folder = await mkdtemp(join(tmpdir(), "search-engine-"));
  const remove = async () => await rm(folder, { recursive: true, force: true });
  try {
    return await run(await install(options, folder), remove);
  } catch (error) {
    await remove();
    throw error;
  }
}

async function run(
  installed: Omit<ProcessOptions, "port">,
  remove: () => Promise<void>,
): Promise<SearchEngine> {
  let running = await startProcess({ ...installed, port: 0 });
  const { port } = running;
  return {
    url: `http://127.0.0.1:${port}`,
    kill: async () => await running.end("SIGKILL"),
    async restart() {
      await running.end("SIGTERM");
      running = await startProcess({ ...installed, port });
    },
    async stop() {
      await running.end("SIGKILL");
      await remove();
    },
  };
}

/** Unpacks and configures an engine below a folder. */
async function install(
  options: SearchEngineOptions,
  folder: string,
): Promise<Omit<ProcessOptions, "port">> {
  const jdk = jdkFor(options);
  const home = await unpackDistribution(options, jdk, folder);
  await writeConfiguration(join(home, "config"), options);
  const owner = process.getuid?.() === 0 ? NOBODY : undefined;
  if (owner !== undefined) await giveAway(folder, owner);
  return { flavour: options.flavour, home, jdk, owner };
}

function jdkFor(engine: Engine): Jdk {
  const { from, before } = jdkRange(engine);
  const jdk = findJdk(from, before);
  if (!jdk) throw new RangeError(`no JDK for ${engine.flavour} ${engine.version}`);
  return jdk;
}

/** The oldest ones rely on the security manager, which JDK 24 no longer has. */
function jdkRange({ flavour, version }: Engine): { from: number; before: number | undefined } {
  const major = Number(version.split(".")[0]);
  const isElastic = flavour === "elasticsearch";
  return {
    from: major >= (isElastic ? 9 : 3) ? 21 : 17,
    before: major <= (isElastic ? 7 : 2) ? 24 : undefined,
  };
}

async function writeConfiguration(config: string, options: SearchEngineOptions): Promise<void> {
  const { flavour } = options;
  const users = usersOf(options);
  const lines = [
    "discovery.type: single-node",
    "network.host: 127.0.0.1",
    "transport.port: 0",
    "cluster.routing.allocation.disk.threshold_enabled: false",
  ];
  if (flavour === "elasticsearch") {
    lines.push("xpack.license.self_generated.type: basic");
    lines.push(`xpack.security.enabled: ${users.length > 0}`);
  } else if (users.length > 0) {
    throw new RangeError("the distribution of OpenSearch has no security plugin");
  }
  await writeFile(join(config, `${flavour}.yml`), `${lines.join("\n")}\n`);
  if (users.length > 0) await writeSecurity(config, users, options.roles ?? {});
}

function usersOf({ user, users = [] }: SearchEngineOptions): readonly EngineUser[] {
  return user ? [{ ...user, role: "superuser" }, ...users] : users;
}

async function giveAway(folder: string, owner: number): Promise<void> {
  await chown(folder, owner, owner);
  for (const entry of await readdir(folder, { recursive: true }))
    await chown(join(folder, entry), owner, owner);
}
