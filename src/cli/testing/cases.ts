/** A data folder with cases, and commands that work on it. */
import { openCaseFolder } from "../../ledger/testing/cases.ts";
import { NOON } from "../../ledger/testing/folder.ts";
import type { DataBench } from "./data.ts";
import { openBench } from "./run.ts";

/** The alerts and cases of `openCaseFolder`, a minute later. */
export async function openCaseBench(): Promise<DataBench> {
  const data = await openCaseFolder();
  const bench = openBench({ env: { TOCSIN_DATA: data.path }, now: () => NOON + 60_000 });
  return {
    ...bench,
    data,
    async close() {
      bench.dispose();
      await data.remove();
    },
  };
}
