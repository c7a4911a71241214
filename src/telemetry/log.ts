/** The log: one structured line per telemetry event that somebody would want to read. */
import { pino, type Logger } from "pino";
import { messageOf } from "../errors.ts";
import type { TelemetryEvent } from "./events.ts";
import { errorFields } from "./log-fields.ts";
import { logPolling } from "./log-polling.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: "text" | "json";
}

/** A logger that writes whole lines to standard error; standard output belongs to people. */
export function createLogger(options: LogOptions): Logger {
  const stream = pino.destination({ fd: 2, sync: true });
  const settings = { level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  if (options.format === "json") return pino(settings, stream);
  return pino(settings, { write: (line: string) => void stream.write(asText(line)) });
}

/** Writes an event's line, at the level it deserves. */
export function logEvent(logger: Logger, event: TelemetryEvent): void {
  switch (event.event) {
    case "receipt_stored": {
      const { event: name, ...rest } = event;
      const level = event.quarantined > 0 ? "warn" : "debug";
      return logger[level]({ event: name, ...rest }, receiptText(event));
    }
    case "receipt_refused":
      return logger.warn(
        { event: event.event, source: event.source, code: event.code, request: event.request },
        `refused a request for ${event.source}: ${event.detail}`,
      );
    case "callback_taken": {
      const { event: name, ...rest } = event;
      const level = event.detail === null ? "debug" : "warn";
      const why = event.detail === null ? "" : `: ${event.detail}`;
      const text = `a button of ${event.destination} was used, ${event.outcome}${why}`;
      return logger[level]({ event: name, ...rest }, text);
    }
    case "page_taken":
    case "poll_finished":
    case "poll_failed":
    case "poll_blocked":
    case "source_behind":
    case "source_caught_up":
    case "reconcile_finished":
    case "reconcile_failed":
      return logPolling(logger, event);
    case "batch_decided":
      return logger.debug(
        {
          event: event.event,
          entries: event.entries.length,
          timers: event.timers.length,
          duration: event.duration,
        },
        `decided ${event.entries.length} entries and ${event.timers.length} timers`,
      );
    case "attempt_recorded":
      return logAttempt(logger, event);
    case "breaker_opened":
      return logger.warn(
        { event: event.event, destination: event.destination, error: event.error },
        `destination ${event.destination} keeps failing and is paused: ${event.error}`,
      );
    case "outlet_failed":
      return logger.error(
        { event: event.event, destination: event.destination, ...errorFields(event.error) },
        messageOf(event.error),
      );
    case "pipeline_failed":
      return logger.error(
        { event: event.event, ...errorFields(event.error) },
        `the pipeline could not commit and will try again: ${messageOf(event.error)}`,
      );
    case "upkeep_failed":
      return logger.error(
        { event: event.event, ...errorFields(event.error) },
        `retention failed and will try again: ${messageOf(event.error)}`,
      );
    case "audit_finished":
      return logAudit(logger, event);
    case "retention_applied":
      return logger.debug({ ...event }, `retention removed ${event.removed} ${event.kind}`);
  }
}

function receiptText(event: TelemetryEvent & { event: "receipt_stored" }): string {
  const { source, accepted, duplicates, quarantined } = event;
  return `received from ${source}: ${accepted} accepted, ${duplicates} duplicate, ${quarantined} quarantined`;
}

function logAttempt(logger: Logger, event: TelemetryEvent & { event: "attempt_recorded" }): void {
  const { alert, destination, next, attempt } = event;
  const fields = { event: event.event, destination, alert, next, ...attempt };
  if (next === "delivered") return logger.debug(fields, `delivered ${alert} to ${destination}`);
  const why = attempt?.error ?? "given up";
  if (next === "dead")
    return logger.error(fields, `${alert} for ${destination} is a dead letter: ${why}`);
  return logger.warn(fields, `${alert} for ${destination} failed and will be tried again: ${why}`);
}

function logAudit(
  logger: Logger,
  { event, gaps }: TelemetryEvent & { event: "audit_finished" },
): void {
  if (gaps === 0) return logger.debug({ event, gaps }, "the audit balances");
  return logger.error({ event, gaps }, `the audit found ${gaps} gaps — see tocsin audit`);
}

/** `12:01:02 warn  message (hint)` for people at a terminal. */
function asText(line: string): string {
  const { time, level, msg, hint } = JSON.parse(line) as Record<string, unknown>;
  const name = pino.levels.labels[Number(level)] ?? "info";
  const tail = typeof hint === "string" ? ` — ${hint}` : "";
  return `${String(time).slice(11, 19)} ${name.padEnd(5)} ${String(msg)}${tail}\n`;
}
