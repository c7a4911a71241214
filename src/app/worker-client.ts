/** The HTTP thread's end of the line to the worker thread. */
import type { Worker } from "node:worker_threads";
import { ERRORS, fail } from "../errors.ts";
import { startThread } from "../thread.ts";
import type { RaisedNotice } from "../store/store.ts";
import type { PruneRequest } from "../stream/stream.ts";
import type { EngineOptions } from "./build-engine.ts";
import type { CallName, FromWorker, ToWorker, WorkerCalls } from "./protocol.ts";

/** What the worker asks of this thread. */
export interface WorkerDuties {
  onProgress(cursor: number): void;
  appendNotices(notices: readonly RaisedNotice[]): Promise<void>;
  pruneStream(request: PruneRequest): Promise<void>;
  /** The worker ended without being asked to. */
  onDeath(error: Error): void;
}

interface Call {
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

export class WorkerClient {
  readonly #worker: Worker;
  readonly #duties: WorkerDuties;
  readonly #calls = new Map<number, Call>();
  #last = 0;
  #wakeSent = false;
  #stopping = false;

  private constructor(worker: Worker, duties: WorkerDuties) {
    this.#worker = worker;
    this.#duties = duties;
  }

  /** Starts the worker; resolves when it runs, rejects with what kept it from running. */
  static start(options: EngineOptions, duties: WorkerDuties): Promise<WorkerClient> {
    const worker = startThread("./worker", import.meta.url, options);
    const client = new WorkerClient(worker, duties);
    return new Promise((resolve, reject) => {
      worker.on("message", (message: FromWorker) => {
        if (message.type === "ready") return resolve(client);
        if (message.type === "failed") return reject(startFailure(message));
        client.#receive(message);
      });
      worker.on("error", (error) => {
        reject(error);
        client.#die(error);
      });
      worker.on("exit", () => client.#die(new RangeError("the worker thread ended")));
    });
  }

  /** Says that there is more in the stream. At most one such message is under way in a turn. */
  wake(): void {
    if (this.#wakeSent) return;
    this.#wakeSent = true;
    setImmediate(() => {
      this.#wakeSent = false;
      this.#post({ type: "wake" });
    });
  }

  call<Name extends CallName>(
    name: Name,
    args: WorkerCalls[Name]["args"],
  ): Promise<WorkerCalls[Name]["answer"]> {
    const id = (this.#last += 1);
    return new Promise((resolve, reject) => {
      // The worker answers with what the table of calls says for this name.
      const settle = (answer: unknown) => resolve(answer as WorkerCalls[Name]["answer"]);
      this.#calls.set(id, { resolve: settle, reject });
      this.#post({ type: "call", id, name, args });
    });
  }

  /** Lets the worker finish what is under way, then ends it. */
  async stop(grace: number): Promise<void> {
    this.#stopping = true;
    await this.call("stop", { grace });
    await this.#worker.terminate();
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case "progress":
        return this.#duties.onProgress(message.cursor);
      case "appendNotices":
        return this.#perform(message.id, this.#duties.appendNotices(message.notices));
      case "prune":
        return this.#perform(message.id, this.#duties.pruneStream(message.request));
      case "answer":
        this.#calls.get(message.id)?.resolve(message.answer);
        return void this.#calls.delete(message.id);
      case "error":
        this.#calls.get(message.id)?.reject(callFailure(message));
        return void this.#calls.delete(message.id);
      case "ready":
      case "failed":
        return;
    }
  }

  /** Answers when it is done; the worker asks again later when it is not. */
  #perform(id: number, work: Promise<void>): void {
    work.then(
      () => this.#post({ type: "done", id, error: null }),
      (error: unknown) => this.#post({ type: "done", id, error: String(error) }),
    );
  }

  #die(error: Error): void {
    for (const call of this.#calls.values()) call.reject(error);
    this.#calls.clear();
    if (!this.#stopping) this.#duties.onDeath(error);
  }
}

function startFailure({ message, hint }: { message: string; hint: string | null }): Error {
  return fail("INTERNAL", { component: "worker", message, ...(hint === null ? {} : { hint }) });
}

function callFailure(told: Extract<FromWorker, { type: "error" }>): Error {
  const { code, component, message, hint } = told;
  const known = code in ERRORS ? (code as keyof typeof ERRORS) : "INTERNAL";
  return fail(known, { component, message, ...(hint === null ? {} : { hint }) });
}
