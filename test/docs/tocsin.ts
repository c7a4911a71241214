/** The built program as a user runs it: as processes, in a folder, with an environment. */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ROOT } from "./blocks.ts";

export const MAIN = join(ROOT, "dist", "main.js");

export interface World {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Throws when there is nothing built that could be run. */
export function requireBuild(): void {
  if (!existsSync(MAIN)) throw new Error("there is no dist/main.js; run: npm run build");
}

/** Runs a command to its end. */
export async function run(command: readonly string[], world: World): Promise<Ended> {
  const running = launch(command, world);
  const code = await running.ended;
  return { code, out: running.out(), err: running.err() };
}

/** Runs `tocsin` to its end and answers the JSON that it printed. */
// oxlint-disable-next-line typescript/no-explicit-any -- tests look into it
export async function tocsinJson(args: readonly string[], world: World): Promise<any> {
  const { out, err } = await run([process.execPath, MAIN, ...args, "--json"], world);
  if (out === "") throw new Error(`tocsin ${args.join(" ")} said: ${err}`);
  return JSON.parse(out);
}

export interface Running {
  out(): string;
  err(): string;
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
  /** Resolves with the match once standard output has it. */
  printed(pattern: RegExp): Promise<RegExpMatchArray>;
  /** Asks it to stop, as Ctrl-C does; answers the exit code. */
  stop(): Promise<number | null>;
}

/** Starts a command. It has a process group of its own, so that all of it can be stopped. */
export function launch([command = "", ...args]: readonly string[], world: World): Running {
  const child = spawn(command, args, {
    cwd: world.cwd,
    env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "/", ...world.env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const text = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text.out += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (text.err += chunk));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  return {
    out: () => text.out,
    err: () => text.err,
    ended,
    async printed(pattern) {
      await until(() => pattern.test(text.out) || child.exitCode !== null, `${command} ${pattern}`);
      const match = pattern.exec(text.out);
      if (!match) throw new Error(`${command} ended without printing ${pattern}:\n${text.err}`);
      return match;
    },
    stop: () => stop(child, ended),
  };
}

async function stop(child: ChildProcess, ended: Promise<number | null>): Promise<number | null> {
  if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, "SIGINT");
  return ended;
}

/** Waits until something is so; looks again and again, and gives up after half a minute. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (performance.now() < deadline) {
    if (await isSo()) return;
    await pause(20);
  }
  throw new Error(`waited in vain for: ${what}`);
}

/** Where a program that was told to start listens. */
export async function addressOf(server: Running): Promise<string> {
  const [, address = ""] = await server.printed(/^listening on (http:\S+)$/m);
  return address;
}
