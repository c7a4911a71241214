/** A data folder with a little history, for commands that decide it again. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openSqliteStore } from "../../store/sqlite/store.ts";
import { openSqliteStream } from "../../stream/sqlite/stream.ts";
import { NOW, openBench, type Bench } from "./run.ts";

/** Two destinations; what is high goes to one, the rest to the other. */
export const SPLIT = `sources: { sensor: { kind: generic } }
destinations: { soc: { kind: log }, archive: { kind: log } }
routes:
  - { name: urgent, match: "severity >= high", to: [soc] }
  - { name: rest, to: [archive] }
`;

export interface PastEvent {
  /** Milliseconds before now. */
  readonly ago: number;
  readonly title: string;
  readonly severity: string;
}

/** A bench whose `data` folder has these events, not decided, and whose configuration is `text`. */
export async function openHistoryBench(text: string, events: readonly PastEvent[]): Promise<Bench> {
  const bench = openBench();
  const data = join(bench.folder, "data");
  mkdirSync(data);
  writeFileSync(join(bench.folder, "tocsin.yaml"), text);
  await openSqliteStore(join(data, "store.db")).close();
  const stream = openSqliteStream(join(data, "stream.db"), () => {});
  for (const [index, { ago, ...body }] of events.entries()) {
    const entry = { stream: "s", key: `event-${index}`, window: null, repaired: [] };
    await stream.append({
      source: "sensor",
      kind: "generic",
      received_at: NOW - ago,
      via: "none",
      entries: [{ ...entry, body: Buffer.from(JSON.stringify(body)), quarantine: null }],
      empty: null,
      original: null,
    });
  }
  await stream.close();
  return bench;
}
