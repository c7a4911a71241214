/** Lines of the log about sources that are read. */
import type { Logger } from "pino";
import { messageOf } from "../errors.ts";
import type { TelemetryEvent } from "./events.ts";
import { errorFields } from "./log-fields.ts";

/** The events that pollers emit. */
export type PollingEvent = Extract<
  TelemetryEvent,
  {
    event:
      | "page_taken"
      | "poll_finished"
      | "poll_failed"
      | "poll_blocked"
      | "source_behind"
      | "source_caught_up"
      | "reconcile_finished"
      | "reconcile_failed";
  }
>;

/** Writes an event's line, at the level it deserves. */
export function logPolling(logger: Logger, event: PollingEvent): void {
  const { source } = event;
  switch (event.event) {
    case "page_taken": {
      const { accepted, duplicates, quarantined } = event;
      const counts = `${accepted} accepted, ${duplicates} duplicate, ${quarantined} quarantined`;
      return logger[quarantined > 0 ? "warn" : "debug"]({ ...event }, `read ${source}: ${counts}`);
    }
    case "poll_finished":
      if (event.recovered) return logger.info({ ...event }, `source ${source} is read again`);
      return logger.debug({ ...event }, `source ${source} is read to its end`);
    case "poll_failed":
      return logger[event.repeated ? "debug" : "warn"](
        { event: event.event, source, ...errorFields(event.error) },
        `source ${source} cannot be read and is tried again: ${messageOf(event.error)}`,
      );
    case "poll_blocked":
      return logger.warn(
        { event: event.event, source, ...errorFields(event.error) },
        `reading ${source} waits: ${messageOf(event.error)}`,
      );
    case "source_behind":
      return logger.warn({ ...event }, `source ${source} is behind by ${inSeconds(event.lag)}`);
    case "source_caught_up":
      return logger.info(
        { ...event },
        `source ${source} is no longer behind, after ${inSeconds(event.duration)}`,
      );
    case "reconcile_finished":
      return logReconciled(logger, event);
    case "reconcile_failed":
      return logger.warn(
        { event: event.event, source, ...errorFields(event.error) },
        `source ${source} could not be compared with its index: ${messageOf(event.error)}`,
      );
  }
}

function logReconciled(
  logger: Logger,
  event: TelemetryEvent & { event: "reconcile_finished" },
): void {
  const { source, found, missing, backfilled } = event;
  if (missing === 0) return logger.debug({ ...event }, `source ${source} has all ${found} events`);
  return logger.warn(
    { ...event },
    `${missing} of ${found} events of ${source} were missing, ${backfilled} were fetched`,
  );
}

function inSeconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)} s`;
}
