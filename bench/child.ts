/** The two ends of the line between the bench and the processes it forks. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";

/** How long a child may take to be ready, or to end once told to, in milliseconds. */
const START_MS = 30_000;
const END_MS = 30_000;

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** A forked process that answers commands. */
export class Child {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #last = 0;

  private constructor(forked: ChildProcess) {
    this.#process = forked;
    forked.on("message", (answer: Answer) => this.#settle(answer));
    forked.on("exit", (code, signal) => this.#failAll(`ended with ${signal ?? code}`));
  }

  /** Forks `file` beside this one; answers the child and what it says when it is ready. */
  static async start<Ready>(
    file: string,
    argument: unknown,
    options: { readonly flags?: readonly string[] } = {},
  ): Promise<{ child: Child; ready: Ready }> {
    const isTypeScript = file.endsWith(".ts");
    const execArgv = [...(isTypeScript ? ["--import", "tsx"] : []), ...(options.flags ?? [])];
    const forked = fork(new URL(file, import.meta.url), [JSON.stringify(argument)], { execArgv });
    const child = new Child(forked);
    try {
      return { child, ready: (await child.#expect(0, START_MS)) as Ready };
    } catch (error) {
      forked.kill("SIGKILL");
      throw error;
    }
  }

  /** Asks for a command; rejects when it fails or takes longer than `limit` milliseconds. */
  ask<Value>(name: string, argument: unknown, limit: number): Promise<Value> {
    const id = (this.#last += 1);
    this.#process.send({ id, name, argument });
    return this.#expect(id, limit) as Promise<Value>;
  }

  /** Lets the child end by itself; kills it when it does not. */
  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, "exit");
    const kill = setTimeout(() => this.#process.kill("SIGKILL"), END_MS);
    if (this.#process.connected) this.#process.disconnect();
    await ended;
    clearTimeout(kill);
  }

  #expect(id: number, limit: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => this.#settle({ id, error: "took too long" }), limit);
      this.#waiting.set(id, ({ value, error }) => {
        clearTimeout(late);
        if (error === undefined) resolve(value);
        else reject(new RangeError(`${this.#process.spawnargs.at(-2)}: ${error}`));
      });
    });
  }

  #settle(answer: Answer): void {
    this.#waiting.get(answer.id)?.(answer);
    this.#waiting.delete(answer.id);
  }

  #failAll(error: string): void {
    this.#waiting.forEach((_, id) => this.#settle({ id, error }));
  }
}

/** A child's commands by name; each takes the argument that `ask` was given. */
export type Commands = Readonly<Record<string, (argument: never) => unknown>>;

/** The child's end: says that it is ready, then answers until the bench is gone. */
export function serveBench(ready: unknown, commands: Commands): void {
  const say = (answer: Answer) => process.connected && process.send?.(answer);
  process.on("disconnect", () => process.exit());
  process.on("message", (message: { id: number; name: string; argument: never }) => {
    Promise.resolve(message.argument)
      .then((argument) => commands[message.name]?.(argument))
      .then((value) => say({ id: message.id, value }))
      .catch((error: unknown) => say({ id: message.id, error: String(error) }));
  });
  say({ id: 0, value: ready });
}
