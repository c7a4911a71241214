/** What a rehearsal came to, in numbers: messages by destination and hour, and who was reached. */
import { z } from "zod";
import { SEVERITIES, type Severity } from "../alert/severity.ts";
import { isAlive, placeOf } from "../pipeline/flow.ts";
import type { Ran } from "../pipeline/runner.ts";
import type { SentMessage } from "./message.ts";

const HOUR_MS = 3_600_000;
/** Alerts of a list that are shown; all are counted. */
const SHOWN = 100;

const count = z.number().int();

export const rehearsedDestinationSchema = z.object({
  name: z.string(),
  messages: count,
  alerts: count.describe("How many times an alert was told of."),
  hours: z.array(z.object({ hour: z.iso.datetime(), messages: count })),
});

export const rehearsalReportSchema = z
  .object({
    entries: count,
    outcomes: z.record(z.string(), count),
    suppressed: z.record(z.string(), count).describe("Deliveries not sent, by reason."),
    messages: count,
    destinations: z.array(rehearsedDestinationSchema),
    waiting: count.describe("Messages that still wait at the end of the window."),
    unreached: count.describe("Events that nobody was told of, and nobody will be."),
  })
  .meta({ id: "RehearsalReport" });
export type RehearsalReport = z.infer<typeof rehearsalReportSchema>;

export const lostEventSchema = z.object({
  id: z.string(),
  number: z.string(),
  title: z.string(),
  severity: z.enum(SEVERITIES),
});

export const comparisonSchema = z
  .object({
    destinations: z.array(
      z.object({ name: z.string(), before: count, after: count, difference: count }),
    ),
    lost: count.describe("Events that reached somebody before and would reach nobody."),
    lost_events: z.array(lostEventSchema).describe("The first of them."),
    gained: count.describe("Events that reached nobody before and would reach somebody."),
  })
  .meta({ id: "RehearsalComparison" });
export type Comparison = z.infer<typeof comparisonSchema>;

interface SeenEvent {
  readonly id: string;
  readonly number: string;
  readonly title: string;
  readonly severity: Severity;
  /** Where the alert is that it opened or changed. */
  readonly place: number;
}

interface DestinationTally {
  messages: number;
  alerts: number;
  readonly hours: Map<number, number>;
}

/** Adds up a rehearsal while it runs. */
export class RehearsalTally {
  readonly #events = new Map<number, SeenEvent>();
  readonly #reached = new Set<number>();
  readonly #outcomes = new Map<string, number>();
  readonly #suppressed = new Map<string, number>();
  readonly #destinations = new Map<string, DestinationTally>();
  #entries = 0;
  #messages = 0;
  #waiting = 0;

  noteMessage({ at, destination, alerts }: SentMessage): void {
    this.#messages += 1;
    const tally = this.#destinations.get(destination) ?? {
      messages: 0,
      alerts: 0,
      hours: new Map(),
    };
    this.#destinations.set(destination, tally);
    tally.messages += 1;
    tally.alerts += alerts.length;
    const hour = Math.floor(at / HOUR_MS) * HOUR_MS;
    tally.hours.set(hour, (tally.hours.get(hour) ?? 0) + 1);
    for (const { position } of alerts) this.#reached.add(position);
  }

  /** What is sent later reaches its alerts, but is no message of this window. */
  noteWaiting({ alerts }: SentMessage): void {
    this.#waiting += 1;
    for (const { position } of alerts) this.#reached.add(position);
  }

  noteRan({ decisions, timers }: Ran): void {
    for (const decision of decisions) {
      this.#entries += 1;
      add(this.#outcomes, decision.outcome.kind);
      for (const { state, reason } of decision.deliveries) {
        if (state === "suppressed") add(this.#suppressed, reason);
      }
      // What Tocsin raised itself differs from configuration to configuration.
      if (!isAlive(decision) || decision.entry.receipt === 0) continue;
      const { id, number, title, severity } = decision.event;
      const place = placeOf(decision);
      this.#events.set(decision.entry.position, { id, number, title, severity, place });
    }
    for (const { changes } of timers) {
      for (const { to, reason } of changes.moves)
        if (to === "suppress") add(this.#suppressed, reason);
    }
  }

  /** Whether somebody was told of an event, or of the alert that it is part of. */
  isReached(position: number): boolean {
    const event = this.#events.get(position);
    return event !== undefined && this.#reached.has(event.place);
  }

  report(): RehearsalReport {
    return {
      entries: this.#entries,
      outcomes: Object.fromEntries(this.#outcomes),
      suppressed: Object.fromEntries(this.#suppressed),
      messages: this.#messages,
      destinations: [...this.#destinations]
        .map(([name, { messages, alerts, hours }]) => ({
          name,
          messages,
          alerts,
          hours: [...hours]
            .toSorted(([a], [b]) => a - b)
            .map(([hour, sent]) => ({ hour: new Date(hour).toISOString(), messages: sent })),
        }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      waiting: this.#waiting,
      unreached: [...this.#events.keys()].filter((position) => !this.isReached(position)).length,
    };
  }

  /** This one as before, another as after. Both must be of the same entries. */
  compare(after: RehearsalTally): Comparison {
    const events = [...this.#events];
    const lost = events.filter(([at]) => this.isReached(at) && !after.isReached(at));
    const gained = events.filter(([at]) => !this.isReached(at) && after.isReached(at));
    return {
      destinations: this.#compareDestinations(after),
      lost: lost.length,
      lost_events: lost.slice(0, SHOWN).map(([, { id, number, title, severity }]) => {
        return { id, number, title, severity };
      }),
      gained: gained.length,
    };
  }

  #compareDestinations(after: RehearsalTally): Comparison["destinations"] {
    const names = new Set([...this.#destinations.keys(), ...after.#destinations.keys()]);
    return [...names].toSorted().map((name) => {
      const before = this.#destinations.get(name)?.messages ?? 0;
      const later = after.#destinations.get(name)?.messages ?? 0;
      return { name, before, after: later, difference: later - before };
    });
  }
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
