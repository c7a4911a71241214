/**
 * Tocsin over a data folder of its own, reading an engine: in this process, as a process that is
 * killed, or reading by another clock. What it has comes from its files, so that it can be asked
 * whether it runs or not.
 */
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, vi } from "vitest";
import { parseConfiguration, type Configuration } from "../../src/app/configuration.ts";
import { dataPaths, type DataPaths } from "../../src/app/paths.ts";
import { openPolling } from "../../src/app/polling.ts";
import { startProgram, type Program } from "../../src/app/program.ts";
import { registries } from "../../src/app/registries.ts";
import { formatProblem } from "../../src/config/problem.ts";
import { Database } from "../../src/sqlite/database.ts";
import { readCursor } from "../../src/stream/sqlite/cursors.ts";
import { openSqliteStream } from "../../src/stream/sqlite/stream.ts";
import { systemClock } from "../../src/telemetry/clock.ts";
import { silentTelemetry } from "../../src/telemetry/telemetry.ts";
import { startProcess } from "../crash/process.ts";

/** How long a condition may take that comes in a moment where nothing is wrong. */
const PATIENCE = { timeout: 45_000, interval: 25 };

/** The name of the source in the tests that have one. */
export const SOURCE = "lab";

export interface LossRig {
  readonly folder: string;
  readonly paths: DataPaths;
  readonly configuration: Configuration;
  /** Runs in this process until `stop`. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Posts an event to a source that is sent to. */
  post(source: string, document: object): Promise<void>;
  /** Runs as a process of its own, until it ends itself with SIGKILL at a point: `name:n`. */
  runUntilKilled(point: string): Promise<void>;
  /** Reads, and decides nothing, by a clock that is so much ahead; `during` it can be set. */
  readBy(clock: SetClock, during: () => Promise<void>): Promise<void>;
  /** Resolves when so many events are stored. */
  stores(count: number): Promise<void>;
  /** How many events are stored. */
  stored(): number;
  /** Resolves when everything that could be found at a time (epoch milliseconds) was read. */
  readPast(time: number): Promise<void>;
  /** Resolves when everything that is stored was decided and sent. */
  drained(): Promise<void>;
  dispose(): Promise<void>;
}

/** A clock that runs as the machine's, and so many milliseconds ahead of it. */
export interface SetClock {
  ahead: number;
}

/** `sources` are lines of YAML; `settings` are those of the source `lab`, and `kind` is its kind. */
export function openRig(engine: string, settings: string, sources = ""): LossRig {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-loss-"));
  const text = `
listen: 127.0.0.1:0
log: { level: error }
backpressure: { min_free: 1MiB }
clusters: { one: { url: "${engine}", timeout: 600s } }
sources:
  ${SOURCE}: { cluster: one, interval: 100ms, settle: 200ms, reconcile: false, ${settings} }
  ${sources}
destinations: { out: { kind: file, path: out.ndjson } }
routes: [{ name: all, to: [out] }]
`;
  return new Rig(folder, text);
}

class Rig implements LossRig {
  readonly folder: string;
  readonly paths: DataPaths;
  readonly configuration: Configuration;
  readonly #text: string;
  #program: Program | null = null;
  #child: ChildProcess | null = null;
  #ingestKey = "";

  constructor(folder: string, text: string) {
    this.folder = folder;
    this.paths = dataPaths(join(folder, "data"));
    mkdirSync(this.paths.folder);
    this.#text = text;
    this.configuration = parse(folder, text);
  }

  async start(): Promise<void> {
    const { configuration, folder: cwd } = this;
    const log = { level: "error", format: "json" } as const;
    this.#program = await startProgram({ configuration, text: this.#text, cwd, log });
    this.#ingestKey = this.#program.firstKeys?.ingest.key ?? this.#ingestKey;
  }

  async stop(): Promise<void> {
    await this.#program?.stop();
    this.#program = null;
  }

  async post(source: string, document: object): Promise<void> {
    const answer = await fetch(`${this.#running().address}/v1/ingest/${source}`, {
      method: "POST",
      headers: { authorization: `Bearer ${this.#ingestKey}` },
      body: JSON.stringify(document),
    });
    expect(answer.status, await answer.text()).toBe(202);
  }

  async runUntilKilled(killAt: string): Promise<void> {
    const config = join(this.folder, "tocsin.yaml");
    writeFileSync(config, this.#text);
    const running = startProcess({ config, data: this.paths.folder, killAt });
    this.#child = running.process;
    await running.ended;
    expect(running.process.signalCode, running.output()).toBe("SIGKILL");
  }

  async readBy(clock: SetClock, during: () => Promise<void>): Promise<void> {
    const { paths, configuration } = this;
    const stream = openSqliteStream(paths.stream);
    const now = () => Date.now() + clock.ahead;
    const at = (time: number, call: () => void) => systemClock.at(time - clock.ahead, call);
    const parts = { paths, configuration, stream, checkRoom() {}, telemetry: silentTelemetry };
    const polling = await openPolling(parts, { now, at });
    polling.start();
    try {
      await polling.polled();
      await during();
    } finally {
      await polling.stop();
      await polling.close();
      await stream.close();
    }
  }

  async stores(count: number): Promise<void> {
    await vi.waitFor(() => expect(this.stored()).toBeGreaterThanOrEqual(count), PATIENCE);
  }

  stored(): number {
    const sql = "SELECT count(*) AS count FROM entries";
    return this.#ask(this.paths.stream, (file) => file.get<{ count: number }>(sql)?.count ?? 0);
  }

  async readPast(time: number): Promise<void> {
    const readTo = () =>
      this.#ask(this.paths.stream, (file) => readCursor(file, SOURCE)?.readTo ?? 0);
    await vi.waitFor(() => expect(readTo()).toBeGreaterThan(time), PATIENCE);
  }

  async drained(): Promise<void> {
    await this.#running().drained();
  }

  async dispose(): Promise<void> {
    await this.stop();
    this.#child?.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }

  #running(): Program {
    return this.#program ?? expect.unreachable("the program does not run");
  }

  #ask<Answer>(path: string, ask: (file: Database) => Answer): Answer {
    if (!existsSync(path)) throw new RangeError("there is no data yet");
    const file = new Database(path, { readOnly: true });
    try {
      return ask(file);
    } finally {
      file.close();
    }
  }
}

function parse(folder: string, text: string): Configuration {
  const read = parseConfiguration({
    text,
    file: join(folder, "tocsin.yaml"),
    env: process.env,
    registries,
    cwd: folder,
    overrides: { data: join(folder, "data") },
  });
  if (!read.ok) throw new RangeError(read.problems.map(formatProblem).join("\n"));
  return read.configuration;
}
