/** Telemetry: business code says what happened, once; here it becomes a log line and a metric. */
import type { Logger } from "pino";
import type { TelemetryEvent } from "./events.ts";
import { logEvent } from "./log.ts";
import type { Metrics } from "./metrics.ts";

export interface Telemetry {
  emit(event: TelemetryEvent): void;
}

/** Telemetry that goes to a log and to metrics. */
export function createTelemetry(logger: Logger, metrics: Metrics): Telemetry {
  return {
    emit(event) {
      metrics.count(event);
      logEvent(logger, event);
    },
  };
}

/** Telemetry that nobody reads. */
export const silentTelemetry: Telemetry = { emit: () => {} };
