/** The worker thread: builds the engine from what the HTTP thread hands it, and answers its calls. */
import { parentPort, workerData, type MessagePort } from "node:worker_threads";
import { randomBytes } from "node:crypto";
import { fail, messageOf, TocsinError } from "../errors.ts";
import { Database } from "../sqlite/database.ts";
import { requeueDeliveries, resolveQuarantine } from "../store/sqlite/admin.ts";
import { createKey, revokeKey, touchKeys } from "../keys/keys.ts";
import { applyChange } from "./changes/change.ts";
import { buildEngine, type EngineHandle, type EngineOptions } from "./build-engine.ts";
import type { CallName, FromWorker, ToWorker, WorkerCalls } from "./protocol.ts";

type Handlers = {
  [Name in CallName]: (args: WorkerCalls[Name]["args"]) => Promise<WorkerCalls[Name]["answer"]>;
};

async function serve(port: MessagePort, options: EngineOptions): Promise<void> {
  const say = (message: FromWorker): void => port.postMessage(message);
  const questions = new Questions(say);
  try {
    const handle = await buildEngine(options, {
      onProgress: (cursor) => say({ type: "progress", cursor }),
      appendNotices: (notices) => questions.ask((id) => ({ type: "appendNotices", id, notices })),
      pruneStream: (request) => questions.ask((id) => ({ type: "prune", id, request })),
    });
    const handlers = makeHandlers(handle, new Database(options.paths.store));
    port.on(
      "message",
      (message: ToWorker) => void receive(message, handle, handlers, questions, say),
    );
    say({ type: "ready" });
  } catch (error) {
    const hint = error instanceof TocsinError ? (error.hint ?? null) : null;
    say({ type: "failed", message: messageOf(error), hint });
  }
}

/** Asks the HTTP thread to do something; resolves when it says that it is done. */
class Questions {
  readonly #waiting = new Map<number, (error: string | null) => void>();
  readonly #say: (message: FromWorker) => void;
  #last = 0;

  constructor(say: (message: FromWorker) => void) {
    this.#say = say;
  }

  ask(question: (id: number) => FromWorker): Promise<void> {
    const id = (this.#last += 1);
    return new Promise((resolve, reject) => {
      const settle = (error: string | null) =>
        error === null ? resolve() : reject(refusal(error));
      this.#waiting.set(id, settle);
      this.#say(question(id));
    });
  }

  settle(id: number, error: string | null): void {
    this.#waiting.get(id)?.(error);
    this.#waiting.delete(id);
  }
}

function refusal(message: string): Error {
  return fail("STORAGE_FAILED", { component: "stream", message });
}

async function receive(
  message: ToWorker,
  handle: EngineHandle,
  handlers: Handlers,
  questions: Questions,
  say: (message: FromWorker) => void,
): Promise<void> {
  switch (message.type) {
    case "wake":
      return handle.engine.wake();
    case "done":
      return questions.settle(message.id, message.error);
    case "call":
      return answer(message, handlers, say);
  }
}

async function answer(
  { id, name, args }: Extract<ToWorker, { type: "call" }>,
  handlers: Handlers,
  say: (message: FromWorker) => void,
): Promise<void> {
  try {
    const handler = handlers[name] as (given: object) => Promise<unknown>;
    say({ type: "answer", id, answer: await handler(args) });
  } catch (error) {
    say({ type: "error", id, ...describeError(error) });
  }
}

function describeError(error: unknown) {
  const message = messageOf(error);
  if (!(error instanceof TocsinError)) {
    return { code: "INTERNAL", component: "worker", message, hint: null };
  }
  const { code, component, hint = null } = error;
  return { code, component, message, hint };
}

/** Changes that people make. They are short transactions on the thread that owns the file. */
function makeHandlers(handle: EngineHandle, database: Database): Handlers {
  const now = Date.now;
  return {
    requeue: async ({ selection, who }) => {
      const count = requeueDeliveries(database, selection, who, now());
      handle.wakeOutlets();
      return count;
    },
    change: async ({ change, who }) => {
      const changed = applyChange(database, change.kind, change.asked, { who, now: now() });
      handle.refresh();
      handle.engine.wake();
      // A status may have to be written back, and shown where its alert was told of.
      handle.wakeOutlets();
      return changed;
    },
    resolveQuarantine: async ({ position, resolution }) =>
      resolveQuarantine(database, position, resolution, now()),
    touchKeys: async ({ used }) => {
      touchKeys(database, new Map(used));
      return null;
    },
    createKey: async ({ wish }) => createKey(database, wish, randomBytes, now()),
    revokeKey: async ({ id }) => revokeKey(database, id, now()),
    metrics: async () => handle.metrics(),
    pause: async ({ paused }) => {
      if (paused) handle.engine.pause();
      else handle.engine.resume();
      return null;
    },
    idle: async () => handle.idle(),
    stop: async ({ grace }) => {
      await handle.stop(grace);
      database.close();
      return null;
    },
  };
}

if (parentPort) await serve(parentPort, workerData as EngineOptions);
