/** A data folder with a history, and commands that look at it. */
import { anEntry, aRejectedEntry, NOON, TestFolder } from "../../ledger/testing/folder.ts";
import { openBench, type Bench } from "./run.ts";

export interface DataBench extends Bench {
  readonly data: TestFolder;
  close(): Promise<void>;
}

/** Clears the screen and rings: what no alert may make a terminal do. */
export const EVIL = "\u001b[2Jcleared\u0007\u202e";

/**
 * A folder in which three alerts were received and decided: ALR-000001 (high, for chat and desk),
 * ALR-000002 (medium, for chat and in shadow for desk) and ALR-000003 (unrouted); then a repeat of
 * the first, and an item that nobody could read. Nothing was sent yet.
 */
export async function openDataBench(now = NOON + 60_000): Promise<DataBench> {
  const data = new TestFolder();
  await data.receive([
    anEntry("k:1", { host: { name: "web-01" } }),
    anEntry("k:2", { alert: { severity: "medium", title: `Medium ${EVIL}` } }),
    anEntry("k:3", { alert: { severity: "critical", title: "Nobody's" } }),
  ]);
  await data.receive([aRejectedEntry("q:1", `{"broken": ${EVIL}`)]);
  await data.decide();
  const bench = openBench({ env: { TOCSIN_DATA: data.path }, now: () => now });
  return {
    ...bench,
    data,
    async close() {
      bench.dispose();
      await data.remove();
    },
  };
}
