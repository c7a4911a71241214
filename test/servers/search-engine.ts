/**
 * A real Elasticsearch or OpenSearch on this machine, empty, for one test file. It needs a JDK and
 * Maven. The engine runs in a folder of its own, and as nobody where the tests run as root, which
 * neither engine agrees to. It listens on a port that it chooses itself and says in its log.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { pbkdf2Sync, randomBytes } from "node:crypto";
import { chown, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { unpackDistribution, type Engine } from "./distribution.ts";
import { findJdk, hasMaven, type Jdk } from "./tools.ts";

export interface SearchEngineOptions extends Engine {
  /** Basic authentication with this user, who may do everything; Elasticsearch only. */
  readonly user?: { readonly name: string; readonly password: string };
}

export interface SearchEngine {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** User and group `nobody` of every Linux. */
const NOBODY = 65_534;
const LINES_KEPT = 30;

/** What this machine lacks to run an engine; undefined when it lacks nothing. */
export function missingFor(engine: Engine): string | undefined {
  if (!findJdk(jdkFor(engine))) return `a JDK of version ${jdkFor(engine)} or newer`;
  return hasMaven() ? undefined : "Maven";
}

/** Starts an engine and waits until it serves. The first time its distribution is downloaded. */
export async function startSearchEngine(options: SearchEngineOptions): Promise<SearchEngine> {
  const jdk = findJdk(jdkFor(options));
  if (!jdk) throw new RangeError(`no JDK for ${options.flavour} ${options.version}`);
  const folder = await mkdtemp(join(tmpdir(), "search-engine-"));
  const home = await unpackDistribution(options, jdk, folder);
  await writeConfiguration(home, options);
  const asNobody = process.getuid?.() === 0;
  if (asNobody) await giveAway(folder);
  const child = startProcess(home, options, jdk, asNobody);
  const stop = async () => {
    await endProcess(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return { url: await waitForUrl(child), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function jdkFor({ flavour, version }: Engine): number {
  const major = Number(version.split(".")[0]);
  return major >= (flavour === "elasticsearch" ? 9 : 3) ? 21 : 17;
}

async function writeConfiguration(home: string, options: SearchEngineOptions): Promise<void> {
  const { flavour, user } = options;
  const lines = [
    "discovery.type: single-node",
    "network.host: 127.0.0.1",
    "http.port: 0",
    "transport.port: 0",
    "cluster.routing.allocation.disk.threshold_enabled: false",
  ];
  if (flavour === "elasticsearch") {
    lines.push("xpack.license.self_generated.type: basic");
    lines.push(`xpack.security.enabled: ${user !== undefined}`);
  }
  const config = (name: string) => join(home, "config", name);
  await writeFile(config(`${flavour}.yml`), `${lines.join("\n")}\n`);
  if (!user) return;
  // Users in files need no index, and no tool that would take seconds to start.
  await writeFile(config("users"), `${user.name}:${hashPassword(user.password)}\n`);
  await writeFile(config("users_roles"), `superuser:${user.name}\n`);
}

/** As the file realm reads it: the cost, salt and hash of PBKDF2 with HMAC-SHA512. */
function hashPassword(password: string): string {
  const cost = 10_000;
  const salt = randomBytes(32);
  const hash = pbkdf2Sync(password, salt, cost, 32, "sha512");
  return `{PBKDF2}${cost}$${salt.toString("base64")}$${hash.toString("base64")}`;
}

async function giveAway(folder: string): Promise<void> {
  await chown(folder, NOBODY, NOBODY);
  for (const entry of await readdir(folder, { recursive: true }))
    await chown(join(folder, entry), NOBODY, NOBODY);
}

function startProcess(
  home: string,
  { flavour }: Engine,
  jdk: Jdk,
  asNobody: boolean,
): ChildProcess {
  const heap = "-Xms512m -Xmx512m";
  const child = spawn(join(home, "bin", flavour), [], {
    cwd: home,
    env: {
      PATH: process.env["PATH"],
      HOME: home,
      ES_JAVA_HOME: jdk.home,
      OPENSEARCH_JAVA_HOME: jdk.home,
      ES_JAVA_OPTS: heap,
      OPENSEARCH_JAVA_OPTS: heap,
    },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: some versions start the engine as a child of a launcher.
    detached: true,
    ...(asNobody ? { uid: NOBODY, gid: NOBODY } : {}),
  });
  const end = () => signalGroup(child, "SIGKILL");
  process.once("exit", end);
  child.once("exit", () => process.off("exit", end));
  return child;
}

/** Both lines have to come: where it listens, and that the node has started. */
async function waitForUrl(child: ChildProcess): Promise<string> {
  const last: string[] = [];
  let port: string | undefined;
  if (!child.stdout || !child.stderr) throw new RangeError("the engine has no output");
  child.stderr.on("data", (chunk: Buffer) => last.push(chunk.toString()));
  for await (const line of createInterface(child.stdout)) {
    last.push(line);
    last.splice(0, last.length - LINES_KEPT);
    port ??= /HttpServerTransport.*publish_address \{127\.0\.0\.1:(\d+)\}/.exec(line)?.[1];
    if (port !== undefined && /\] started\b/.test(line)) return keepReading(child, port);
  }
  throw new RangeError(`the engine did not start:\n${last.join("\n")}`);
}

/** A pipe that nobody empties would stop the engine. */
function keepReading(child: ChildProcess, port: string): string {
  child.stdout?.resume();
  return `http://127.0.0.1:${port}`;
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  signalGroup(child, "SIGKILL");
  await ended;
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // It is gone already.
  }
}
