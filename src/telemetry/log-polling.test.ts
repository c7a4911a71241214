import { pino } from "pino";
import { expect, it } from "vitest";
import { fail } from "../errors.ts";
import type { TelemetryEvent } from "./events.ts";
import { logEvent } from "./log.ts";

/** Level and text of an event's line, with the hint where it has one. */
function lineOf(event: TelemetryEvent): string {
  const lines: string[] = [];
  const logger = pino({ level: "debug", base: null }, { write: (line) => void lines.push(line) });
  logEvent(logger, event);
  const { level, msg, hint } = JSON.parse(lines.join("")) as Record<string, string | number>;
  const name = pino.levels.labels[Number(level)];
  return [`${name}: ${msg}`, hint].filter(Boolean).join(" — ");
}

const source = "lab";
const counts = { accepted: 2, duplicates: 1, quarantined: 0, duration: 5 };
const error = fail("CLUSTER_REFUSED", {
  component: "cluster lab",
  message: "the key lacks read",
  hint: "give it the role",
});

it("names the source of a failure and what to do, and says the same at the lowest level", () => {
  const line =
    "source lab cannot be read and is tried again: the key lacks read — give it the role";
  expect(lineOf({ event: "poll_failed", source, error, repeated: false })).toBe(`warn: ${line}`);
  expect(lineOf({ event: "poll_failed", source, error, repeated: true })).toBe(`debug: ${line}`);
  expect(lineOf({ event: "reconcile_failed", source, error })).toBe(
    "warn: source lab could not be compared with its index: the key lacks read — give it the role",
  );
});

it("speaks up for what people must see, and is quiet about what is as it should be", () => {
  const poll = { event: "poll_finished", source, pages: 3, ...counts } as const;
  const compared = { event: "reconcile_finished", source, found: 9, duration: 5 } as const;
  const events: TelemetryEvent[] = [
    { event: "page_taken", source, ...counts },
    { event: "page_taken", source, ...counts, quarantined: 1 },
    { ...poll, recovered: false },
    { ...poll, recovered: true },
    { event: "poll_blocked", source, error },
    { event: "source_behind", source, lag: 960_000 },
    { event: "source_caught_up", source, duration: 90_000 },
    { ...compared, missing: 0, backfilled: 0 },
    { ...compared, missing: 2, backfilled: 2 },
  ];
  expect(events.map(lineOf)).toEqual([
    "debug: read lab: 2 accepted, 1 duplicate, 0 quarantined",
    "warn: read lab: 2 accepted, 1 duplicate, 1 quarantined",
    "debug: source lab is read to its end",
    "info: source lab is read again",
    "warn: reading lab waits: the key lacks read — give it the role",
    "warn: source lab is behind by 960 s",
    "info: source lab is no longer behind, after 90 s",
    "debug: source lab has all 9 events",
    "warn: 2 of 9 events of lab were missing, 2 were fetched",
  ]);
});
