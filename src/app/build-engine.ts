/** Puts the engine together from the configuration: store, stream, pipeline, outlets, telemetry. */
import { APPLIED_CONFIGURATION, recordableConfiguration } from "./applied-configuration.ts";
import type { DataPaths } from "./paths.ts";
import type { Configuration, ParseOptions } from "./configuration.ts";
import { buildDestination, type BuiltDestination } from "./destinations.ts";
import { EffectiveConfiguration } from "./effective-configuration.ts";
import { startEngine, type Engine } from "./engine.ts";
import { createLinks } from "./links.ts";
import { compilePipeline } from "./pipeline-configuration.ts";
import { registries } from "./registries.ts";
import { syncConfiguredSilences } from "./silences.ts";
import { statusListeners } from "./status-updates.ts";
import { startUpkeep } from "./upkeep.ts";
import { buildWriteBacks, writeBackTargets } from "./write-back.ts";
import { Outlet, type OutletContext } from "../delivery/outlet.ts";
import type { Position } from "../pipeline/entry.ts";
import { Database } from "../sqlite/database.ts";
import { setMeta } from "../store/sqlite/meta.ts";
import { openSqliteStore } from "../store/sqlite/store.ts";
import { saveStatusListeners } from "../store/sqlite/status-updates.ts";
import { saveWriteBackTargets } from "../store/sqlite/write-back.ts";
import type { PruneRequest } from "../stream/stream.ts";
import type { RaisedNotice } from "../store/store.ts";
import { openSqliteReader } from "../stream/sqlite/reader.ts";
import { systemClock } from "../telemetry/clock.ts";
import { createLogger, type LogOptions } from "../telemetry/log.ts";
import { Metrics } from "../telemetry/metrics.ts";
import { openPrinter } from "../telemetry/printer.ts";
import { createTelemetry } from "../telemetry/telemetry.ts";

/** What the HTTP thread hands to the worker; it must survive being copied between threads. */
export interface EngineOptions {
  readonly paths: DataPaths;
  /** The file's text rather than its path: both threads must run the same configuration. */
  readonly configuration: { readonly text: string; readonly file: string | null };
  readonly data: string;
  readonly cwd: string;
  readonly log: LogOptions;
}

/** What the engine asks of the HTTP thread. */
export interface EngineLinks {
  onProgress(cursor: Position): void;
  appendNotices(notices: readonly RaisedNotice[]): Promise<void>;
  /** Removes entries of the stream whose time is over; resolves when that is durable. */
  pruneStream(request: PruneRequest): Promise<void>;
}

export interface EngineHandle {
  readonly engine: Engine;
  /** Decides with what was made by hand as it is now. */
  refresh(): void;
  wakeOutlets(): void;
  /** Whether nothing is being decided or sent, or about to be. */
  idle(): boolean;
  metrics(): Promise<object[]>;
  stop(grace: number): Promise<void>;
}

/** Builds the engine and starts it. */
export async function buildEngine(
  options: EngineOptions,
  links: EngineLinks,
): Promise<EngineHandle> {
  const metrics = new Metrics();
  const telemetry = createTelemetry(createLogger(options.log), metrics);
  const store = openSqliteStore(options.paths.store);
  const database = new Database(options.paths.store);
  const effective = new EffectiveConfiguration(database, parseOptionsOf(options), telemetry);
  const { configuration } = effective;
  applyConfiguration(database, options, configuration);
  const printer = openPrinter();
  const context: OutletContext = {
    store,
    clock: systemClock,
    telemetry,
    random: Math.random,
    links: createLinks(configuration),
  };
  const built = await buildDestinations(configuration, printer.print);
  const outlets = built.map((destination) => openOutlet(destination, context));
  const engine = await startEngine({
    store,
    openReader: (after) => openSqliteReader(options.paths.stream, after),
    configuration: compilePipeline(configuration),
    outlets,
    clock: systemClock,
    telemetry,
    appendNotices: links.appendNotices,
    onProgress: links.onProgress,
    refresh: () => effective.refresh(),
  });
  const wakeOutlets = () => outlets.forEach((outlet) => outlet.wake());
  wakeOutlets();
  const upkeep = startUpkeep(options.paths, configuration.retention, systemClock, telemetry, links);
  return {
    engine,
    refresh() {
      const fresh = effective.refresh();
      if (fresh) engine.reconfigure(fresh);
    },
    wakeOutlets,
    // An outlet that waits for its rate has nothing under way, and yet something to send.
    idle: () => engine.idle() && outlets.every(({ behind }) => behind === 0),
    metrics: async () => (await metrics.registry.getMetricsAsJSON()) as object[],
    async stop(grace) {
      await upkeep.stop();
      await engine.stop(grace);
      database.close();
      printer.close();
    },
  };
}

/** Those of the configuration, and those that the status of alerts is written back to. */
async function buildDestinations(
  configuration: Configuration,
  print: (line: string) => void,
): Promise<BuiltDestination[]> {
  const parts = { ...configuration, print, now: systemClock.now };
  const named = [...configuration.destinations.values()];
  const built = await Promise.all(named.map((configured) => buildDestination(configured, parts)));
  return [...built, ...(await buildWriteBacks(configuration))];
}

function parseOptionsOf(options: EngineOptions): ParseOptions {
  return {
    ...options.configuration,
    env: process.env,
    registries,
    cwd: options.cwd,
    overrides: { data: options.data },
  };
}

/** What of the configuration is kept in the store. Comes after the store was opened: that migrates it. */
function applyConfiguration(
  database: Database,
  options: EngineOptions,
  configuration: Configuration,
): void {
  syncConfiguredSilences(database, configuration, systemClock.now());
  const applied = recordableConfiguration(options.configuration.text, registries);
  setMeta(database, APPLIED_CONFIGURATION, applied);
  saveWriteBackTargets(database, writeBackTargets(configuration));
  saveStatusListeners(database, statusListeners(configuration));
}

function openOutlet(built: BuiltDestination, context: OutletContext): Outlet {
  return new Outlet(built, context);
}
