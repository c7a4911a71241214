import { fail } from "../errors.ts";
import { startThread } from "../thread.ts";
import type { AuditOptions, AuditReport } from "./audit.ts";
import type { AuditAnswer, AuditWork } from "./audit-worker.ts";
import type { LedgerPaths } from "./files.ts";

/** Audits on a thread of its own, so that the caller's stays free. Rejects as `auditData` throws. */
export function auditInThread(paths: LedgerPaths, options: AuditOptions): Promise<AuditReport> {
  const { stream, store } = paths;
  const work: AuditWork = { paths: { stream, store }, options };
  const worker = startThread("./audit-worker", import.meta.url, work);
  return new Promise((resolve, reject) => {
    worker.once("message", (answer: AuditAnswer) => {
      if (answer.ok) resolve(answer.report);
      else reject(fail(answer.code, { component: "audit", ...answer }));
    });
    worker.once("error", reject);
    worker.once("exit", () => reject(endedEarly()));
  });
}

function endedEarly(): Error {
  return fail("INTERNAL", {
    component: "audit",
    message: "the audit's thread ended without an answer",
    hint: "It may have run out of memory; try `tocsin audit` by hand.",
  });
}
