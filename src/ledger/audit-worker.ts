/** Runs one audit on a thread of its own; `audit-thread.ts` starts it and hears its answer. */
import { parentPort, workerData } from "node:worker_threads";
import { ERRORS, messageOf, TocsinError } from "../errors.ts";
import { auditData, type AuditOptions, type AuditReport } from "./audit.ts";
import type { LedgerPaths } from "./files.ts";

/** What the thread is started with. */
export interface AuditWork {
  readonly paths: LedgerPaths;
  readonly options: AuditOptions;
}

/** What it says: errors do not survive the way between threads, so their parts go. */
export type AuditAnswer =
  | { readonly ok: true; readonly report: AuditReport }
  | {
      readonly ok: false;
      readonly code: keyof typeof ERRORS;
      readonly message: string;
      readonly hint: string | undefined;
    };

parentPort?.postMessage(answer(workerData as AuditWork));

function answer({ paths, options }: AuditWork): AuditAnswer {
  try {
    return { ok: true, report: auditData(paths, options) };
  } catch (error) {
    if (!(error instanceof TocsinError)) {
      return { ok: false, code: "INTERNAL", message: messageOf(error), hint: undefined };
    }
    const code = error.code as keyof typeof ERRORS;
    return { ok: false, code, message: error.message, hint: error.hint };
  }
}
