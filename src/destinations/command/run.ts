/** Running a program with bounds: time, output, environment; it and all it started end together. */
import { spawn, type ChildProcess } from "node:child_process";

export interface RunOptions {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly input: string;
  /** Milliseconds. */
  readonly timeout: number;
  /** Bytes of each output that are kept; the rest is read and thrown away. */
  readonly maxOutput: number;
  readonly signal: AbortSignal;
}

/** How long what a program wrote before its end may take to be read, in milliseconds. */
const DRAIN_MS = 1000;

/** How a program ended. */
export type Ended = {
  readonly out: string;
  readonly err: string;
} & (
  | { readonly how: "exit"; readonly code: number }
  | { readonly how: "signal"; readonly name: string }
  | { readonly how: "timeout" }
  | { readonly how: "cancelled" }
  | { readonly how: "not_started"; readonly code: string; readonly message: string }
);

/**
 * Runs a program to its end. What it leaves running ends with it: who wants a daemon starts it by another
 * way. Never rejects.
 */
export function runProgram(options: RunOptions): Promise<Ended> {
  const { argv, cwd, env, input, timeout, maxOutput, signal } = options;
  const [program = "", ...args] = argv;
  return new Promise((resolve) => {
    // Of a group of its own, so that what it starts ends with it.
    // Its type does not say that it has no pipes when there were no descriptors left for them.
    const child: ChildProcess = spawn(program, args, { cwd, env, detached: true, stdio: "pipe" });
    const out = collect(child.stdout, maxOutput);
    const err = collect(child.stderr, maxOutput);
    let drain: NodeJS.Timeout | undefined;
    let ended: "timeout" | "cancelled" | undefined;
    const end = (why: "timeout" | "cancelled") => {
      ended ??= why;
      killGroup(child);
    };
    const timer = setTimeout(() => end("timeout"), timeout);
    const cancel = () => end("cancelled");
    const finish = (how: object) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", cancel);
      resolve({ ...how, out: out(), err: err() } as Ended);
    };
    child.on("error", (error: NodeJS.ErrnoException) => {
      finish({ how: "not_started", code: error.code ?? "", message: error.message });
    });
    child.on("exit", () => {
      // Whatever it left behind would hold the pipes open, and the program's end would not be seen.
      killGroup(child);
      drain = setTimeout(() => closePipes(child), DRAIN_MS);
    });
    child.on("close", (code, name) => {
      clearTimeout(drain);
      if (ended) finish({ how: ended });
      else finish(code === null ? { how: "signal", name } : { how: "exit", code });
    });
    if (signal.aborted) cancel();
    signal.addEventListener("abort", cancel);
    // A program need not read what it is told.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
  });
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}

/** Of what made itself independent of the program, and still holds them. */
function closePipes({ stdout, stderr }: ChildProcess): void {
  stdout?.destroy();
  stderr?.destroy();
}

function collect(output: NodeJS.ReadableStream | null | undefined, max: number): () => string {
  const chunks: Buffer[] = [];
  let length = 0;
  output?.on("data", (chunk: Buffer) => {
    if (length < max) chunks.push(chunk.subarray(0, max - length));
    length += chunk.length;
  });
  return () => new TextDecoder().decode(Buffer.concat(chunks), { stream: true });
}
