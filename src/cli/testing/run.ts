/** Runs commands in this process, in a folder of their own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Io, StopSignal } from "../io.ts";
import { runCli } from "../run.ts";

export const NOW = Date.parse("2026-03-01T10:00:00Z");

export interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Bench {
  /** The working folder. */
  readonly folder: string;
  /** Runs a command to its end. */
  run(...argv: string[]): Promise<Result>;
  /** Runs a command in another world. */
  runWith(io: Partial<Io>, ...argv: string[]): Promise<Result>;
  /** The JSON that a command printed; fails when it printed anything else. */
  json(...argv: string[]): Promise<any>; // oxlint-disable-line typescript/no-explicit-any -- tests look into it
  dispose(): void;
}

function textOf(content: string | Uint8Array): string {
  return typeof content === "string" ? content : new TextDecoder().decode(content);
}

/** A folder and a world for commands; `world` replaces parts of it. */
export function openBench(world: Partial<Io> = {}): Bench {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-cli-"));
  const runWith = async (given: Partial<Io>, ...argv: string[]): Promise<Result> => {
    const written = { out: "", err: "" };
    const io: Io = {
      stdout: (content) => void (written.out += textOf(content)),
      stderr: (text) => void (written.err += text),
      env: {},
      cwd: folder,
      isTTY: false,
      stderrIsTTY: false,
      columns: 200,
      now: () => NOW,
      readStdin: async () => new Uint8Array(),
      wait: async () => {},
      onStop: () => () => {},
      runProgram: async () => ({ code: 0, output: "" }),
      stdoutClosed: new AbortController().signal,
      abandon: () => {},
      ...world,
      ...given,
    };
    const code = await runCli(argv, io);
    return { code, ...written };
  };
  return {
    folder,
    runWith,
    run: (...argv) => runWith({}, ...argv),
    json: async (...argv) => JSON.parse((await runWith({}, ...argv, "--json")).out),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Signals that a test sends itself. */
export function fakeSignals() {
  const listeners = new Set<(signal: StopSignal) => void>();
  return {
    send: (signal: StopSignal) => listeners.forEach((listener) => listener(signal)),
    get listening() {
      return listeners.size > 0;
    },
    onStop: (listener: (signal: StopSignal) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
