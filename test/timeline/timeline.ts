/**
 * Timeline tests: what goes in at which time, what must come out at which time, and nothing else.
 * The real stream, store, pipeline and outlets run on a virtual clock; only the peers are scripted.
 *
 *     await timeline(configuration, (line) => {
 *       line.given("0s", { source: "in", body: { title: "A" } });
 *       line.want("0s", { to: "soc", title: "A" });
 *     });
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect } from "vitest";
import { formatProblem } from "../../src/config/problem.ts";
import { parseConfiguration, type Configuration } from "../../src/app/configuration.ts";
import { startEngine, type Engine } from "../../src/app/engine.ts";
import { takeNotices, takeReceipt } from "../../src/app/intake.ts";
import { compilePipeline } from "../../src/app/pipeline-configuration.ts";
import { registries } from "../../src/app/registries.ts";
import { readDuration } from "../../src/config/values.ts";
import { Outlet } from "../../src/delivery/outlet.ts";
import type { Destination, Verdict } from "../../src/destinations/destination.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import { openSqliteReader } from "../../src/stream/sqlite/reader.ts";
import { openSqliteStream } from "../../src/stream/sqlite/stream.ts";
import { silentTelemetry } from "../../src/telemetry/telemetry.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** 2026-03-02T09:00:00Z, a Monday morning. */
export const START = Date.UTC(2026, 2, 2, 9);
/** After the last thing given or wanted, the clock runs on this long: nothing may come late. */
const AFTERMATH_MS = 5 * 86_400_000;

/** What a peer saw, and when. */
interface Seen {
  readonly at: string;
  readonly to: string;
  readonly title: string;
}

export interface Line {
  /** A body arrives at a source. */
  given(at: string, event: { source: string; body: unknown }): void;
  /** A peer answers its next messages like this, then delivers again. */
  peer(destination: string, verdicts: readonly Verdict[]): void;
  /** Something else happens, such as a restart or a clock that is set back. */
  meanwhile(at: string, action: (world: World) => Promise<void> | void): void;
  /** A message must be sent at this time (also one that the peer then refuses). */
  want(at: string, message: { to: string; title: string }): void;
}

export interface World {
  readonly clock: VirtualClock;
  restart(): Promise<void>;
}

export async function timeline(yaml: string, describe: (line: Line) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-timeline-"));
  const scene = new Scene(readYaml(yaml, folder), folder);
  const wanted: Seen[] = [];
  const actions: { at: number; run: (world: World) => Promise<void> | void }[] = [];
  describe({
    given: (at, event) => actions.push({ at: timeOf(at), run: () => scene.receive(event) }),
    peer: (destination, verdicts) => scene.script(destination, verdicts),
    meanwhile: (at, run) => actions.push({ at: timeOf(at), run }),
    want: (at, message) => wanted.push({ at: clockTime(timeOf(at)), ...message }),
  });
  try {
    await scene.start();
    for (const { at, run } of actions.toSorted((a, b) => a.at - b.at)) {
      await scene.runUntil(at);
      await run(scene);
      await scene.settle();
    }
    await scene.runUntil(scene.clock.now() + AFTERMATH_MS);
    expect(scene.seen.toSorted(inOrder)).toEqual(wanted.toSorted(inOrder));
  } finally {
    await scene.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function inOrder(a: Seen, b: Seen): number {
  return `${a.at} ${a.to} ${a.title}`.localeCompare(`${b.at} ${b.to} ${b.title}`);
}

function timeOf(at: string): number {
  const duration = at === "0" ? 0 : readDuration(at);
  if (duration === undefined) throw new RangeError(`not a time: ${at}`);
  return START + duration;
}

/** Whole seconds: jitter is switched off, so nothing falls between. */
function clockTime(time: number): string {
  return new Date(time).toISOString().slice(0, 19);
}

function readYaml(text: string, cwd: string): Configuration {
  const read = parseConfiguration({ text, file: "timeline.yaml", env: {}, registries, cwd });
  if (!read.ok) throw new RangeError(read.problems.map(formatProblem).join("\n"));
  return read.configuration;
}

class Scene implements World {
  readonly clock = new VirtualClock(START);
  readonly seen: Seen[] = [];
  readonly #configuration: Configuration;
  readonly #folder: string;
  readonly #scripts = new Map<string, Verdict[]>();
  #stream!: ReturnType<typeof openSqliteStream>;
  #engine!: Engine;

  constructor(configuration: Configuration, folder: string) {
    this.#configuration = configuration;
    this.#folder = folder;
  }

  script(destination: string, verdicts: readonly Verdict[]): void {
    this.#scripts.set(destination, [...verdicts]);
  }

  async start(): Promise<void> {
    const { clock } = this;
    const streamPath = join(this.#folder, "stream.db");
    this.#stream = openSqliteStream(streamPath, () => this.#engine.wake());
    const store = openSqliteStore(join(this.#folder, "store.db"));
    const random = () => 0.5;
    const linkOf = () => null;
    const context = { store, clock, telemetry: silentTelemetry, random, linkOf };
    const outlets = [...this.#configuration.destinations.values()].map(
      ({ name, common }) =>
        new Outlet(
          {
            name,
            destination: this.#peer(name),
            concurrency: common.concurrency ?? 4,
            rate: common.rate ?? null,
            giveUpAfter: common.give_up_after,
          },
          context,
        ),
    );
    this.#engine = await startEngine({
      store,
      openReader: (after) => openSqliteReader(streamPath, after),
      configuration: compilePipeline(this.#configuration),
      outlets,
      clock,
      telemetry: silentTelemetry,
      appendNotices: (notices) => takeNotices(this.#stream, notices, clock.now()),
      onProgress: () => {},
    });
    for (const outlet of outlets) outlet.wake();
    await this.settle();
  }

  async stop(): Promise<void> {
    await this.#stream.close();
    await this.#engine.stop(0);
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async receive({ source, body }: { source: string; body: unknown }): Promise<void> {
    const configured = this.#configuration.sources.get(source);
    if (!configured) throw new RangeError(`no source ${source}`);
    await takeReceipt(this.#stream, configured, this.#configuration.limits, {
      bytes: Buffer.from(JSON.stringify(body)),
      contentType: "application/json",
      headers: () => ({}),
      idempotencyKey: undefined,
      via: "test",
      receivedAt: this.clock.now(),
    });
  }

  /** Rings every alarm up to a time, letting each one's consequences happen first. */
  async runUntil(time: number): Promise<void> {
    let quiet = 0;
    // Polls come once a second for ever; after a good hour (the longest pause) without news, skip.
    while (quiet < 4500 && this.clock.ringNext(time)) {
      const before = this.seen.length;
      await this.settle();
      quiet = this.seen.length === before ? quiet + 1 : 0;
    }
    this.clock.set(Math.max(this.clock.now(), time));
  }

  /** Waits until nothing more happens at this moment. */
  async settle(): Promise<void> {
    let calm = 0;
    while (calm < 3) {
      await nextTurn();
      calm = this.#engine.idle() ? calm + 1 : 0;
    }
  }

  #peer(name: string): Destination {
    return {
      render: (message) => message.alert.title,
      send: async (title) => {
        this.seen.push({ at: clockTime(this.clock.now()), to: name, title: String(title) });
        return this.#scripts.get(name)?.shift() ?? { kind: "delivered" };
      },
      close: async () => {},
    };
  }
}
