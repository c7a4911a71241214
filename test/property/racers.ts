/** Two pipelines at work on one database at once, each with its own connection and reader. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Configuration } from "../../src/app/configuration.ts";
import { takeReceipt } from "../../src/app/intake.ts";
import { compilePipeline } from "../../src/app/pipeline-configuration.ts";
import { auditData, type AuditReport } from "../../src/ledger/audit.ts";
import type { LedgerPaths } from "../../src/ledger/files.ts";
import type { LogEntry, Position } from "../../src/pipeline/entry.ts";
import { runBatch, runTimers, type DecisionStore } from "../../src/pipeline/runner.ts";
import { Database } from "../../src/sqlite/database.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import type { Store } from "../../src/store/store.ts";
import { openSqliteReader } from "../../src/stream/sqlite/reader.ts";
import { openSqliteStream } from "../../src/stream/sqlite/stream.ts";
import { readYaml, START } from "../timeline/scene.ts";
import type { Dice } from "./dice.ts";

/** `same`: both decide all of the log. `halves`: each decides every other entry. */
export type Share = "same" | "halves";

interface Track {
  /** Lets both decide their share and fire what is due in between. */
  race(share: Share): Promise<void>;
  /** Lets both fire all that is due so many milliseconds after the start. */
  fire(after: number): Promise<void>;
  /** Rows of the store. */
  all<Row>(sql: string): Row[];
  audit(): AuditReport;
}

/** Runs something with a log of these bodies, received one second after the other. */
export async function onTrack(
  yaml: string,
  bodies: readonly object[],
  dice: Dice,
  run: (track: Track) => Promise<void>,
): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "tocsin-race-"));
  const paths = { stream: join(root, "stream.db"), store: join(root, "store.db") };
  const configuration = readYaml(yaml, root);
  await fill(paths, configuration, bodies);
  const racers = [0, 1].map((lane) => new Racer(lane, paths, configuration, dice));
  const database = new Database(paths.store, { readOnly: true });
  try {
    await run({
      race: async (share) => void (await Promise.all(racers.map((racer) => racer.decide(share)))),
      fire: async (after) => void (await Promise.all(racers.map((racer) => racer.fire(after)))),
      all: (sql) => database.all(sql),
      audit: () => auditData(paths, { since: null, now: START }),
    });
  } finally {
    database.close();
    for (const racer of racers) await racer.close();
    rmSync(root, { recursive: true, force: true });
  }
}

async function fill(
  { stream: path }: LedgerPaths,
  { sources, limits }: Configuration,
  bodies: readonly object[],
): Promise<void> {
  const source = sources.get("in");
  if (!source) throw new RangeError("no source in");
  const stream = openSqliteStream(path, () => {});
  for (const [index, body] of bodies.entries()) {
    await takeReceipt(stream, source, limits, {
      bytes: Buffer.from(JSON.stringify(body)),
      contentType: "application/json",
      headers: () => ({}),
      idempotencyKey: `event-${index}`,
      via: "test",
      receivedAt: START + index * 1000,
    });
  }
  await stream.close();
}

class Racer {
  readonly #lane: number;
  readonly #dice: Dice;
  readonly #store: Store;
  readonly #reader;
  readonly #parts;

  constructor(lane: number, paths: LedgerPaths, configuration: Configuration, dice: Dice) {
    this.#lane = lane;
    this.#dice = dice;
    this.#store = openSqliteStore(paths.store);
    const reader = openSqliteReader(paths.stream, 0 as Position);
    this.#reader = reader;
    this.#parts = {
      store: dawdling(this.#store, dice),
      configuration: compilePipeline(configuration),
      documents: (positions: readonly number[]) => reader.documents(positions),
    };
  }

  async decide(share: Share): Promise<void> {
    for (;;) {
      const read = await this.#reader.read(1 + this.#dice.below(6));
      const last = read.at(-1);
      if (!last) return;
      const mine = share === "same" ? read : read.filter((entry) => this.#isMine(entry));
      await runBatch(mine, this.#parts, last.received_at);
    }
  }

  async fire(after: number): Promise<void> {
    await runTimers(START + after, this.#parts, START + after);
  }

  async close(): Promise<void> {
    await this.#reader.close();
    await this.#store.close();
  }

  #isMine({ position }: LogEntry): boolean {
    return position % 2 === this.#lane;
  }
}

/** Lets the other one come in between before everything that it is asked. */
function dawdling(store: DecisionStore, dice: Dice): DecisionStore {
  /** Asks after up to three turns. */
  const later = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    for (let turns = dice.below(4); turns > 0; turns -= 1) await nextTurn();
    return ask();
  };
  return {
    loadState: (reads) => later(() => store.loadState(reads)),
    dueCells: (before, limit) => later(() => store.dueCells(before, limit)),
    nextTimer: () => later(() => store.nextTimer()),
    commit: (batch, now) => later(() => store.commit(batch, now)),
  };
}
