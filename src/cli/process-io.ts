/** The real world of a command. */
import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { Io, StopSignal } from "./io.ts";

const DEFAULT_COLUMNS = 200;

/** Input and output of this process. Call it once: it listens for the end of stdout. */
export function processIo(): Io {
  const closed = new AbortController();
  // `| head` closes the pipe: no reason to fail, and none to say anything.
  process.stdout.on("error", () => closed.abort());
  process.stderr.on("error", () => {});
  return {
    stdout: (content) => void (closed.signal.aborted || process.stdout.write(content)),
    stderr: (text) => void process.stderr.write(text),
    env: process.env,
    cwd: process.cwd(),
    isTTY: process.stdout.isTTY,
    stderrIsTTY: process.stderr.isTTY,
    columns: process.stdout.isTTY ? process.stdout.columns : DEFAULT_COLUMNS,
    now: Date.now,
    readStdin,
    wait: async (milliseconds, until) => {
      await sleep(milliseconds, undefined, { signal: until }).catch(() => {});
    },
    onStop,
    runProgram,
    stdoutClosed: closed.signal,
    abandon: (exitCode) => process.exit(exitCode),
  };
}

function runProgram(
  file: string,
  args: readonly string[],
): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve) => {
    execFile(file, args, (error, stdout, stderr) => {
      const code = typeof error?.code === "number" ? error.code : 1;
      const said = `${stdout}${stderr}`;
      // A program that is not there says nothing itself.
      resolve(error ? { code, output: said || error.message } : { code: 0, output: said });
    });
  });
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function onStop(listener: (signal: StopSignal) => void): () => void {
  const signals: StopSignal[] = ["SIGINT", "SIGTERM"];
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}
