/** What a command may touch besides the data: given by `main.ts`, replaced by tests. */

export type StopSignal = "SIGINT" | "SIGTERM";

export interface Io {
  stdout(content: string | Uint8Array): void;
  stderr(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Working folder, absolute. */
  readonly cwd: string;
  /** Whether stdout is a terminal: then colours are used. */
  readonly isTTY: boolean;
  /** Whether stderr is a terminal: then the log is for people. */
  readonly stderrIsTTY: boolean;
  /** Width of the terminal in characters; lines of tables are cut there. */
  readonly columns: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readStdin(): Promise<Uint8Array>;
  /** Resolves after `milliseconds`, or as soon as `until` is aborted. */
  wait(milliseconds: number, until: AbortSignal): Promise<void>;
  /** Calls for every signal that asks to stop; answers what ends the subscription. */
  onStop(listener: (signal: StopSignal) => void): () => void;
  /** Runs a program of the system to its end; answers how it ended and what it said. */
  runProgram(
    file: string,
    args: readonly string[],
  ): Promise<{ readonly code: number; readonly output: string }>;
  /** Aborted when nobody reads stdout any more (`| head`). */
  readonly stdoutClosed: AbortSignal;
  /** Ends the process at once, whatever is under way. */
  abandon(exitCode: number): void;
}

/** What commands are given: the world, and where to leave the exit code (0 unless they say so). */
export interface Cli extends Io {
  exit(code: number): void;
}
