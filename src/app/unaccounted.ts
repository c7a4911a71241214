/** Runs the audit now and then, so that a gap raises a metric and a log line by itself. */
import type { AuditReport } from "../ledger/audit.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

const EVERY_MS = 5 * 60_000;

export interface StandingAudit {
  /** Gaps that the last audit found; 0 before the first. */
  gaps(): number;
  stop(): void;
}

/** Starts the standing audit. `audit` must not hold the thread. */
export function startStandingAudit(
  audit: () => Promise<AuditReport>,
  telemetry: Telemetry,
): StandingAudit {
  let gaps = 0;
  const run = async (): Promise<void> => {
    try {
      const report = await audit();
      gaps = report.gap_count;
      telemetry.emit({ event: "audit_finished", gaps });
    } catch (error) {
      telemetry.emit({ event: "upkeep_failed", error });
    }
  };
  const timer = setInterval(() => void run(), EVERY_MS).unref();
  return { gaps: () => gaps, stop: () => clearInterval(timer) };
}
