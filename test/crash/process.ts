/** The built program as a process of its own, and waiting for what it says. */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const MAIN = `${ROOT}dist/main.js`;
const FAULTS = new URL("./faults.mjs", import.meta.url).href;

export interface StartOptions {
  readonly config: string;
  readonly data: string;
  /** `point:n` */
  readonly killAt?: string | undefined;
  /** The script to run instead of the program's own. */
  readonly main?: string | undefined;
}

export interface Running {
  readonly process: ChildProcess;
  /** Resolves when it takes requests, or when it ended before that. */
  readonly listening: Promise<string | null>;
  readonly ended: Promise<void>;
  output(): string;
}

/** Starts the program; `listening` answers its address. */
export function startProcess({ config, data, killAt, main = MAIN }: StartOptions): Running {
  const child = spawn(
    process.execPath,
    ["--import", FAULTS, main, "start", "--config", config, "--data", data],
    {
      env: { ...process.env, TOCSIN_TEST_KILL: killAt ?? "" },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let output = "";
  const ended = once(child, "exit").then(() => {});
  const listening = new Promise<string | null>((resolve) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString("utf8");
      const match = /listening on (http:\S+)/.exec(output);
      if (match) resolve(match[1] ?? null);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    void ended.then(() => resolve(null));
  });
  return { process: child, listening, ended, output: () => output };
}

/** Runs a command of the program to its end. */
export function runTocsin(
  args: readonly string[],
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], (error, stdout, stderr) => {
      const code = error ? Number((error as { code?: unknown }).code ?? 1) : 0;
      resolve({ code, stdout, stderr });
    });
  });
}

/** Resolves when the condition holds; rejects, saying what was waited for, after `limit` ms. */
export async function until(what: string, holds: () => boolean, limit = 60_000): Promise<void> {
  const end = Date.now() + limit;
  while (!holds()) {
    if (Date.now() > end) throw new RangeError(`waited ${limit} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
