/** An engine's process: started, waited for, ended. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Flavour } from "./distribution.ts";
import type { Jdk } from "./tools.ts";

export interface EngineProcess {
  readonly port: number;
  /** Resolves when nothing of it runs any more; SIGTERM lets it close its indices first. */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
}

export interface ProcessOptions {
  readonly flavour: Flavour;
  readonly home: string;
  readonly jdk: Jdk;
  /** 0 lets the engine choose one. */
  readonly port: number;
  /** Whose process it is; undefined for whoever runs the tests. */
  readonly owner: number | undefined;
}

const HEAP = "-Xms512m -Xmx512m";
const LINES_KEPT = 30;

/** Starts an engine and waits until it serves. */
export async function startProcess(options: ProcessOptions): Promise<EngineProcess> {
  const child = spawnEngine(options);
  // Not `exit`: a launcher may end before the engine that it started, which has the same output.
  const closed = once(child, "close");
  const end = async (signal: "SIGTERM" | "SIGKILL") => {
    signalGroup(child, signal);
    await closed;
  };
  try {
    return { port: await waitForPort(child), end };
  } catch (error) {
    await end("SIGKILL");
    throw error;
  }
}

function spawnEngine({ flavour, home, jdk, port, owner }: ProcessOptions): ChildProcess {
  const child = spawn(join(home, "bin", flavour), [`-Ehttp.port=${port}`], {
    cwd: home,
    env: {
      PATH: process.env["PATH"],
      HOME: home,
      ES_JAVA_HOME: jdk.home,
      OPENSEARCH_JAVA_HOME: jdk.home,
      ES_JAVA_OPTS: HEAP,
      OPENSEARCH_JAVA_OPTS: HEAP,
    },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: some versions start the engine as a child of a launcher.
    detached: true,
    ...(owner !== undefined && { uid: owner, gid: owner }),
  });
  const end = () => signalGroup(child, "SIGKILL");
  process.once("exit", end);
  child.once("close", () => process.off("exit", end));
  return child;
}

/** Both lines have to come: where it listens, and that the node has started. */
async function waitForPort(child: ChildProcess): Promise<number> {
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
function keepReading(child: ChildProcess, port: string): number {
  child.stdout?.resume();
  return Number(port);
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // It is gone already.
  }
}
