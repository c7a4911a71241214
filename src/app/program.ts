/**
 * The program: HTTP thread and worker thread over one data folder.
 *
 * States: *starting* → *running* → *stopping* → *stopped*. Starting takes the folder's lock first
 * and listens last, so a request that gets an answer meets a whole program. Stopping goes the other
 * way: no more is read from sources, no new requests, those under way are answered, the batch at hand
 * is committed, deliveries under way get their grace, the lock is given back. It can run twice in one process, on two folders.
 */
import { setFlagsFromString } from "node:v8";
import { AggregatorRegistry } from "prom-client";
import { compileStopValues } from "../case/stop-values.ts";
import type { CreatedKey } from "../keys/key.ts";
import { listKeys, verifyKey } from "../keys/keys.ts";
import { rememberVerified } from "../keys/verified.ts";
import { auditInThread } from "../ledger/audit-thread.ts";
import { openLedger } from "../ledger/ledger.ts";
import { Gate } from "../server/gate.ts";
import type { IngestParts } from "../server/ingest.ts";
import { Database } from "../sqlite/database.ts";
import { lockFolder } from "../sqlite/lock.ts";
import { openSqliteStream } from "../stream/sqlite/stream.ts";
import { createLogger, type LogOptions } from "../telemetry/log.ts";
import { Metrics } from "../telemetry/metrics.ts";
import { createTelemetry } from "../telemetry/telemetry.ts";
import { openCallbacks } from "./callbacks.ts";
import { createCommands } from "./commands.ts";
import { configurationError, type Configuration } from "./configuration.ts";
import { drained } from "./drained.ts";
import { takeNotices } from "./intake.ts";
import { KeyUses } from "./key-uses.ts";
import { dataPaths, type DataPaths } from "./paths.ts";
import { measurePolling, openPolling } from "./polling.ts";
import { registries } from "./registries.ts";
import { openServers } from "./servers.ts";
import { parseWithPolicies, readStoredPolicies } from "./stored-policies.ts";
import { startStandingAudit } from "./unaccounted.ts";
import { WorkerClient } from "./worker-client.ts";

/** How long deliveries under way may take when the program stops, in milliseconds. */
const STOP_GRACE_MS = 10_000;

/** How far the heaps may grow between collections; a third less memory for some percent of time. */
const HEAP_GROWING_PERCENT = 50;

/** How far back the audit that runs by itself looks; all of it is for `tocsin audit`. */
const STANDING_AUDIT_MS = 86_400_000;

export interface ProgramOptions {
  readonly configuration: Configuration;
  /** What the configuration was read from; the worker reads it again. */
  readonly text: string;
  readonly cwd: string;
  readonly log: LogOptions;
  /** Takes the place of the stream over `stream.db`; for tests that break it on purpose. */
  readonly openStream?: typeof openSqliteStream;
}

export interface Program {
  /** Where the main server listens. */
  readonly address: string;
  /** The keys of the very first start; null at every other. */
  readonly firstKeys: { readonly ingest: CreatedKey; readonly admin: CreatedKey } | null;
  /** Resolves with the error when the program can no longer work. */
  readonly failed: Promise<Error>;
  /** Keeps the pipeline from deciding, or lets it; what comes in is stored either way. */
  pause(paused: boolean): Promise<void>;
  /** Resolves when every source that is read was read to its end once; rejects when one cannot be. */
  polled(): Promise<void>;
  /** Resolves when all that was stored is decided, and no delivery is under way or due. */
  drained(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the program. Rejects with DATA_LOCKED, LISTEN_FAILED or what else kept it from running. */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  // Two heaps are in one process: by default each grows to a multiple of what is alive in it.
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT}`);
  const paths = dataPaths(options.configuration.data);
  const lock = lockFolder(paths.folder);
  const undo: (() => Promise<void> | void)[] = [() => lock.release()];
  try {
    requireFit(options, paths);
    return await start(options, paths, undo);
  } catch (error) {
    await unwind(undo);
    throw error;
  }
}

/** Throws CONFIG_INVALID when what was made by hand does not go with the file. */
function requireFit({ configuration, text, cwd }: ProgramOptions, paths: DataPaths): void {
  const { file, data } = configuration;
  const options = { text, file, env: process.env, registries, cwd, overrides: { data } };
  const stored = readStoredPolicies(paths);
  const read = stored.length === 0 ? null : parseWithPolicies(options, stored);
  if (read && !read.ok) throw configurationError(read.problems);
}

/** Takes back what was started, the last thing first. */
async function unwind(undo: (() => Promise<void> | void)[]): Promise<void> {
  for (let step = undo.pop(); step; step = undo.pop()) await step();
}

async function start(
  options: ProgramOptions,
  paths: DataPaths,
  undo: (() => Promise<void> | void)[],
): Promise<Program> {
  const { configuration } = options;
  const metrics = new Metrics();
  const telemetry = createTelemetry(createLogger(options.log), metrics);
  const progress = { cursor: 0 };
  let die: (error: Error) => void = () => {};
  const failed = new Promise<Error>((resolve) => (die = resolve));
  let worker: WorkerClient | null = null;

  const stream = (options.openStream ?? openSqliteStream)(paths.stream, () => worker?.wake());
  undo.push(() => stream.close());

  const running = await WorkerClient.start(
    {
      paths,
      configuration: { text: options.text, file: configuration.file },
      data: configuration.data,
      cwd: options.cwd,
      log: options.log,
    },
    {
      onProgress: (cursor) => void (progress.cursor = cursor),
      appendNotices: (notices) => takeNotices(stream, notices, Date.now()),
      pruneStream: (request) => stream.prune(request),
      onDeath: (error) => die(error),
    },
  );
  worker = running;
  undo.push(() => running.stop(STOP_GRACE_MS));

  const reading = new Database(paths.store, { readOnly: true });
  undo.push(() => reading.close());
  const ledger = openLedger(paths, Date.now, compileStopValues(configuration.stop_values));
  undo.push(() => ledger.close());
  const firstKeys = await createFirstKeys(reading, running);

  const uses = new KeyUses((used) => void running.call("touchKeys", { used }).catch(() => {}));
  undo.push(() => uses.flush());
  const gate = new Gate({
    folder: paths.folder,
    maxBacklog: configuration.backpressure.max_backlog,
    minFree: configuration.backpressure.min_free,
    retryAfter: configuration.backpressure.retry_after,
    backlog: () => stream.newest() - progress.cursor,
    now: Date.now,
  });
  await gate.open();
  undo.push(() => gate.close());

  const audit = startStandingAudit(
    () => auditInThread(paths, { since: Date.now() - STANDING_AUDIT_MS, now: Date.now() }),
    telemetry,
  );
  undo.push(() => audit.stop());
  metrics.gauge("tocsin_unaccounted_events", "Gaps that the last audit found.", audit.gaps);
  metrics.gauge("tocsin_backlog_entries", "Entries that wait to be decided.", () =>
    Math.max(0, stream.newest() - progress.cursor),
  );
  metrics.gauge("tocsin_free_bytes", "Free space of the data folder's disk.", () =>
    Number.isFinite(gate.free) ? gate.free : 0,
  );

  const checkRoom = () => gate.checkRoom();
  const polling = await openPolling({ paths, configuration, stream, checkRoom, telemetry });
  undo.push(() => polling.close());
  measurePolling(metrics, polling);

  const ingest: IngestParts = {
    stream,
    sources: configuration.sources,
    limits: configuration.limits,
    rate: configuration.rate_limit,
    gate,
    telemetry,
    verify: rememberVerified((presented) => verifyKey(reading, presented, Date.now()), Date.now),
    noteUse: (id) => uses.note(id, Date.now()),
    now: Date.now,
  };
  const commands = createCommands({ paths, configuration, stream, ledger, running });
  const readMetrics = async () => {
    const own = (await metrics.registry.getMetricsAsJSON()) as object[];
    return AggregatorRegistry.aggregate([own, await running.call("metrics", {})]).metrics();
  };
  const feedOf = polling.statusOf;
  const callbacks = openCallbacks(configuration);
  undo.push(() => callbacks.close());
  const parts = { configuration, ingest, ledger, commands, callbacks, feedOf, readMetrics };
  const address = await openServers(parts, undo);
  polling.start();
  undo.push(() => polling.stop());
  return {
    address,
    firstKeys,
    failed,
    pause: async (paused) => void (await running.call("pause", { paused })),
    polled: polling.polled,
    drained: () =>
      drained({
        isDecided: () => stream.newest() <= progress.cursor,
        isIdle: () => running.call("idle", {}),
      }),
    stop: () => unwind(undo),
  };
}

/** The very first start makes one key to send with and one to administer with. */
async function createFirstKeys(
  reading: Database,
  worker: WorkerClient,
): Promise<Program["firstKeys"]> {
  if (listKeys(reading).length > 0) return null;
  const ingest = await worker.call("createKey", {
    wish: { name: "first ingest", scopes: ["ingest"] },
  });
  const admin = await worker.call("createKey", {
    wish: { name: "first admin", scopes: ["admin"] },
  });
  return { ingest, admin };
}
