/**
 * Rehearsing: entries run through the stages on the log's own time, and what would have been sent is
 * written down. Nothing is stored and nothing is sent. It is the same code that decides in earnest, so
 * the same entries come to the same messages.
 */
import type { EventEntry, LogEntry, Position } from "../pipeline/entry.ts";
import type { Notice } from "../pipeline/flow.ts";
import type { PipelineConfiguration } from "../pipeline/policies.ts";
import {
  runBatch,
  runTimers,
  type DocumentReader,
  type Ran,
  type RunnerParts,
} from "../pipeline/runner.ts";
import type { StoredAlert } from "../pipeline/state.ts";
import type { CompiledSilence } from "../silence/compile.ts";
import { timersOf } from "../silence/timers.ts";
import { MemoryStore } from "./memory-store.ts";
import type { SentMessage } from "./message.ts";

/**
 * From one entry that Tocsin made to the next: they lie behind what caused them and before the next
 * entry of the log, as in earnest, and take no place in it.
 */
const BETWEEN = 2 ** -20;

/** How far behind the end what waits is looked for: no group, limit, night or holiday is longer. */
const WAITING_MS = 31 * 86_400_000;

/** Something people did at a time of the log: what it makes of the alerts there are. */
export interface Act {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Where the alert is that it is about; without it all there are come into question. */
  readonly position?: Position;
  /** The alert after it; undefined when it is not meant. */
  change(stored: StoredAlert): StoredAlert | undefined;
}

export interface RehearsalPlan {
  /** In the order of the log. Entries that Tocsin made itself are made anew and must be left out. */
  readonly entries: Iterable<LogEntry> | AsyncIterable<LogEntry>;
  readonly configuration: PipelineConfiguration;
  readonly silences: readonly CompiledSilence[];
  /** In the order of their times. */
  readonly acts?: readonly Act[];
  /** When it begins, before the first entry; epoch milliseconds. */
  readonly since: number;
  /** Up to when timers fire after the last entry; epoch milliseconds. */
  readonly until: number;
  /** Documents of these entries, for what is decided when a wait is over. */
  readonly documents: DocumentReader;
  onMessage(message: SentMessage): void;
  /** Told of what still waits then, for its group or the morning, and would be sent later. */
  onWaiting?(message: SentMessage): void;
  /** Told what was decided, in order. */
  onRan?(ran: Ran): void;
}

/** Rehearses to the end. */
export async function rehearse(plan: RehearsalPlan): Promise<void> {
  const run = new Run(plan);
  for await (const entry of plan.entries) await run.take(entry);
  await run.finish();
}

class Run {
  readonly #plan: RehearsalPlan;
  readonly #store: MemoryStore;
  readonly #parts: RunnerParts;
  readonly #acts: Act[];
  /** What Tocsin raised itself, by its position. */
  readonly #raised = new Map<number, Notice["body"]>();
  /** The newest entry's, given or made. */
  #position = 0;
  #isOver = false;

  constructor(plan: RehearsalPlan) {
    this.#plan = plan;
    this.#store = new MemoryStore(
      plan.silences,
      (message) => this.#tell(message),
      plan.silences.flatMap(({ silence }) => timersOf(silence, plan.since)),
    );
    this.#acts = [...(plan.acts ?? [])];
    for (const { position } of this.#acts) {
      if (position !== undefined) this.#store.awaitChange(position);
    }
    this.#parts = {
      store: this.#store,
      configuration: plan.configuration,
      documents: (positions) => this.#documents(positions),
    };
  }

  async take(entry: LogEntry): Promise<void> {
    await this.#actUntil(entry.received_at);
    this.#position = entry.position;
    await this.#decide([entry]);
  }

  async finish(): Promise<void> {
    await this.#actUntil(this.#plan.until);
    await this.#fire(this.#plan.until);
    if (!this.#plan.onWaiting) return;
    this.#isOver = true;
    await this.#fire(this.#plan.until + WAITING_MS);
  }

  #tell(message: SentMessage): void {
    if (this.#isOver) this.#plan.onWaiting?.(message);
    else this.#plan.onMessage(message);
  }

  async #actUntil(time: number): Promise<void> {
    const { hearsOfStatus } = this.#plan.configuration;
    for (let act = this.#acts[0]; act && act.at <= time; act = this.#acts[0]) {
      this.#acts.shift();
      await this.#fire(act.at);
      for (const stored of this.#store.alerts(act.position)) {
        const changed = act.change(stored);
        if (changed) this.#store.changeAlert(changed, act.at, hearsOfStatus);
      }
    }
  }

  async #fire(until: number): Promise<void> {
    const timers = await runTimers(until, this.#parts, until);
    await this.#follow({ decisions: [], timers });
  }

  async #decide(entries: readonly LogEntry[]): Promise<void> {
    const last = entries.at(-1)?.received_at ?? 0;
    await this.#follow(await runBatch(entries, this.#parts, last));
  }

  /**
   * What Tocsin raised itself goes into the log behind what caused it, as it does in earnest. What it
   * would raise after the end waits for nothing now.
   */
  async #follow(ran: Ran): Promise<void> {
    if (this.#isOver) return;
    this.#plan.onRan?.(ran);
    const raised = [
      ...ran.timers.flatMap(({ cell, changes }) => withTime(changes.notices, cell.due_at)),
      ...ran.decisions.flatMap(({ entry, changes }) =>
        withTime(changes.notices, entry.received_at),
      ),
    ];
    if (raised.length === 0) return;
    await this.#decide(raised.map(({ notice, at }) => this.#entryOf(notice, at)));
  }

  #entryOf({ source, key, body }: Notice, at: number): EventEntry {
    this.#position += BETWEEN;
    this.#raised.set(this.#position, body);
    return {
      position: this.#position as Position,
      receipt: 0,
      source,
      kind: source,
      stream: source,
      key: source === "tocsin" ? `tocsin:${key}:${at}` : key,
      received_at: at,
      repaired: [],
      body: Buffer.from(JSON.stringify(body)),
      quarantine: null,
    };
  }

  #documents(positions: readonly number[]): ReturnType<DocumentReader> {
    const documents = new Map(this.#plan.documents(positions.filter(Number.isInteger)));
    for (const position of positions) {
      const body = this.#raised.get(position);
      if (body) documents.set(position, body);
    }
    return documents;
  }
}

function withTime(notices: readonly Notice[], at: number) {
  return notices.map((notice) => ({ notice, at }));
}
