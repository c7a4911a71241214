/**
 * A scene: the real stream, store, pipeline and outlets over a folder of their own, on a virtual
 * clock. Only the peers are scripted.
 */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { parseConfiguration, type Configuration } from "../../src/app/configuration.ts";
import { startEngine, type Engine } from "../../src/app/engine.ts";
import { takeNotices, takeReceipt } from "../../src/app/intake.ts";
import { compilePipeline } from "../../src/app/pipeline-configuration.ts";
import { registries } from "../../src/app/registries.ts";
import { syncConfiguredSilences } from "../../src/app/silences.ts";
import { statusListeners } from "../../src/app/status-updates.ts";
import { buildWriteBacks, writeBackTargets } from "../../src/app/write-back.ts";
import { formatProblem } from "../../src/config/problem.ts";
import { Outlet, type OutletContext, type OutletSettings } from "../../src/delivery/outlet.ts";
import type {
  Destination,
  Message,
  MessageKind,
  Verdict,
} from "../../src/destinations/destination.ts";
import { Database } from "../../src/sqlite/database.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import { saveStatusListeners } from "../../src/store/sqlite/status-updates.ts";
import { saveWriteBackTargets } from "../../src/store/sqlite/write-back.ts";
import type { Store } from "../../src/store/store.ts";
import { openSqliteReader } from "../../src/stream/sqlite/reader.ts";
import { openSqliteStream } from "../../src/stream/sqlite/stream.ts";
import { silentTelemetry } from "../../src/telemetry/telemetry.ts";
import { takeDocument } from "./document.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** 2026-03-02T09:00:00Z, a Monday morning. */
export const START = Date.UTC(2026, 2, 2, 9);

/** The engine's own, and how many of them without news are enough. */
const POLL_MS = 1000;
const QUIET_POLLS = 10;

/** A message as a peer saw it. */
export interface SeenMessage {
  readonly to: string;
  /** Of the alert; of a digest, of its first. Of a status that is written back, `title: status`. */
  readonly title: string;
  readonly kind: MessageKind;
  /** How many alerts it told of. */
  readonly alerts: number;
}

/** The same with all that it told of. */
export interface ReceivedMessage extends SeenMessage {
  /** Epoch milliseconds. */
  readonly at: number;
  /** The digest's carrier first; of a digest at most as many as it shows. */
  readonly told: readonly { readonly id: string; readonly title: string }[];
}

/** A body that arrives at a source, or a document that is read. */
interface Arrival {
  readonly source: string;
  readonly body: unknown;
}

/** What a test may do with a scene. */
export interface World {
  readonly clock: VirtualClock;
  /** The data folder. Changes that people make go into its files. */
  readonly folder: string;
  /** Runs a change on the store's file, as a command beside the server does. */
  change(work: (database: Database) => void): void;
  restart(): Promise<void>;
}

/** Reads a configuration that has no errors. */
export function readYaml(text: string, cwd: string): Configuration {
  const read = parseConfiguration({ text, file: "timeline.yaml", env: {}, registries, cwd });
  if (!read.ok) throw new RangeError(read.problems.map(formatProblem).join("\n"));
  return read.configuration;
}

export class Scene implements World {
  readonly clock = new VirtualClock(START);
  /** All that peers saw, also what they refused. */
  readonly received: ReceivedMessage[] = [];
  readonly #configuration: Configuration;
  readonly #wrapStore: (store: Store) => Store;
  readonly #scripts = new Map<string, Verdict[]>();
  readonly #answers = new Map<string, (at: number) => Verdict>();
  #folder: string;
  #stream!: ReturnType<typeof openSqliteStream>;
  #engine!: Engine;

  /** `wrapStore` may put faults between the engine and its store. */
  constructor(
    configuration: Configuration,
    folder: string,
    wrapStore: (store: Store) => Store = (store) => store,
  ) {
    this.#configuration = configuration;
    this.#folder = folder;
    this.#wrapStore = wrapStore;
  }

  get folder(): string {
    return this.#folder;
  }

  /** A peer answers its next messages like this, then delivers again. */
  script(destination: string, verdicts: readonly Verdict[]): void {
    this.#scripts.set(destination, [...verdicts]);
  }

  /** A peer answers like this, by the time that passed; what is scripted comes first. */
  answer(destination: string, verdictAt: (at: number) => Verdict): void {
    this.#answers.set(destination, verdictAt);
  }

  async start(): Promise<void> {
    await this.#open();
    await this.settle();
  }

  change(work: (database: Database) => void): void {
    const database = new Database(this.#path("store"));
    try {
      work(database);
    } finally {
      database.close();
    }
  }

  async stop(): Promise<void> {
    const [stream, engine] = [this.#stream, this.#engine];
    await stream.close();
    await engine.stop(0);
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /**
   * Goes on from what the files hold at this moment, in another folder, as after the loss of the
   * process: what is under way is never recorded, and what peers see of it from now on is of nobody.
   */
  async crash(folder: string): Promise<void> {
    cpSync(this.#folder, folder, { recursive: true });
    const lost = this.stop();
    this.#folder = folder;
    await this.#open();
    await lost;
    await this.settle();
  }

  /** Answers with the events that it made, known ones too. */
  async receive({ source, body }: Arrival): Promise<{ events: readonly { id: string }[] }> {
    const configured = this.#configuration.sources.get(source);
    if (!configured) throw new RangeError(`no source ${source}`);
    if (configured.feed) return takeDocument(this.#stream, configured, body, this.clock.now());
    return takeReceipt(this.#stream, configured, this.#configuration.limits, {
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
    while (this.clock.ringNext(time)) {
      const before = this.received.length;
      await this.settle();
      quiet = this.received.length === before ? quiet + 1 : 0;
      if (quiet < QUIET_POLLS) continue;
      // The engine polls once a second for ever. With nothing else before, that can be skipped.
      const [poll = time, next = Number.POSITIVE_INFINITY] = this.clock.alarms();
      if (next <= poll + POLL_MS) continue;
      if (next > time) break;
      // Whole polls, so that they stay in step with the seconds of the test.
      this.clock.pass(next - (((next - this.clock.time - 1) % POLL_MS) + 1));
      quiet = 0;
    }
    this.clock.pass(time);
  }

  /** Waits until nothing more happens at this moment. */
  async settle(): Promise<void> {
    let calm = 0;
    while (calm < 3) {
      await nextTurn();
      calm = this.#engine.idle() ? calm + 1 : 0;
    }
  }

  #path(file: "store" | "stream"): string {
    return join(this.#folder, `${file}.db`);
  }

  async #open(): Promise<void> {
    const { clock } = this;
    const path = this.#path("stream");
    const stream = openSqliteStream(path, () => this.#engine.wake());
    this.#stream = stream;
    const store = this.#wrapStore(openSqliteStore(this.#path("store")));
    this.change((database) => {
      syncConfiguredSilences(database, this.#configuration, clock.now());
      saveWriteBackTargets(database, writeBackTargets(this.#configuration));
      saveStatusListeners(database, statusListeners(this.#configuration));
    });
    const outlets = await this.#openOutlets(store);
    this.#engine = await startEngine({
      store,
      openReader: (after) => openSqliteReader(path, after),
      configuration: compilePipeline(this.#configuration),
      outlets,
      clock,
      telemetry: silentTelemetry,
      appendNotices: (notices) => takeNotices(stream, notices, clock.now()),
      onProgress: () => {},
    });
    for (const outlet of outlets) outlet.wake();
  }

  async #openOutlets(store: Store): Promise<Outlet[]> {
    const { clock, folder } = this;
    const random = () => 0.5;
    const links = { alert: () => null, case: () => null };
    const context: OutletContext = {
      store,
      clock,
      telemetry: silentTelemetry,
      random,
      links,
    };
    const configured = [...this.#configuration.destinations.values()].map(({ name, common }) => ({
      name,
      concurrency: common.concurrency ?? 4,
      rate: common.rate ?? null,
      giveUpAfter: common.give_up_after,
    }));
    const writeBacks = await buildWriteBacks(this.#configuration);
    await Promise.all(writeBacks.map(({ destination }) => destination.close()));
    return [...configured, ...writeBacks].map((settings: Omit<OutletSettings, "destination">) => {
      const destination = this.#peer(settings.name, () => this.#folder === folder);
      return new Outlet({ ...settings, destination }, context);
    });
  }

  #peer(name: string, isAlive: () => boolean): Destination {
    return {
      render: (message) => asReceived(name, message),
      show: (rendered) => ({ type: "application/json", text: JSON.stringify(rendered) }),
      send: async (rendered) => {
        if (!isAlive()) return { kind: "delivered" };
        const at = this.clock.time;
        this.received.push({ at, ...(rendered as ReturnType<typeof asReceived>) });
        const scripted = this.#scripts.get(name)?.shift() ?? this.#answers.get(name)?.(at);
        return scripted ?? { kind: "delivered" };
      },
      close: async () => {},
    };
  }
}

function asReceived(to: string, { alert, kind, digest }: Message): Omit<ReceivedMessage, "at"> {
  const told = (digest?.alerts ?? [alert]).map(({ id, title }) => ({ id, title }));
  const title = kind === "status" ? `${alert.title}: ${alert.status}` : alert.title;
  return { to, title, kind, alerts: digest?.total ?? 1, told };
}
