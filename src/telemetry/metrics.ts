/** The metrics: what each telemetry event adds to. Registered per program, never globally. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { TelemetryEvent } from "./events.ts";

export class Metrics {
  readonly registry = new Registry();
  readonly #received = this.#counter("tocsin_received_total", "Items received.", [
    "source",
    "outcome",
  ]);
  readonly #refused = this.#counter("tocsin_refused_total", "Requests refused.", [
    "source",
    "code",
  ]);
  readonly #decided = this.#counter("tocsin_decided_total", "Entries decided.", [
    "source",
    "outcome",
  ]);
  readonly #unrouted = this.#counter("tocsin_unrouted_total", "Alerts that no route took.", [
    "source",
  ]);
  readonly #timers = this.#counter(
    "tocsin_timers_total",
    "Timers of decisions that fired: a group's wait is over, a digest is due.",
    ["stage"],
  );
  readonly #attempts = this.#counter("tocsin_attempts_total", "Tries of deliveries.", [
    "destination",
    "verdict",
    "reason",
  ]);
  readonly #dead = this.#counter("tocsin_dead_total", "Deliveries given up.", ["destination"]);
  readonly #opened = this.#counter("tocsin_breaker_opened_total", "Breakers opened.", [
    "destination",
  ]);
  readonly #failures = this.#counter("tocsin_failures_total", "Faults of Tocsin itself.", ["part"]);
  readonly #removed = this.#counter("tocsin_retention_removed_total", "Rows removed.", ["kind"]);
  readonly #ack = this.#histogram("tocsin_receipt_seconds", "From request to durable answer.", []);
  readonly #attemptTime = this.#histogram("tocsin_attempt_seconds", "Time of a try.", [
    "destination",
  ]);

  /** Adds an event. */
  count(event: TelemetryEvent): void {
    switch (event.event) {
      case "receipt_stored":
        return this.#countReceipt(event);
      case "receipt_refused":
        return this.#refused.inc({ source: event.source, code: event.code });
      case "batch_decided":
        return this.#countDecisions(event);
      case "attempt_recorded":
        return this.#countAttempt(event);
      case "breaker_opened":
        return this.#opened.inc({ destination: event.destination });
      case "outlet_failed":
        return this.#failures.inc({ part: "delivery" });
      case "pipeline_failed":
        return this.#failures.inc({ part: "pipeline" });
      case "upkeep_failed":
        return this.#failures.inc({ part: "upkeep" });
      case "audit_finished":
        return;
      case "retention_applied":
        return this.#removed.inc({ kind: event.kind }, event.removed);
    }
  }

  /** A value that is read when the metrics are asked for. */
  gauge(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [this.registry],
      collect: () => gauge.set(read()),
    });
  }

  #countReceipt(event: TelemetryEvent & { event: "receipt_stored" }): void {
    const { source, accepted, duplicates, quarantined, duration } = event;
    if (accepted > 0) this.#received.inc({ source, outcome: "accepted" }, accepted);
    if (duplicates > 0) this.#received.inc({ source, outcome: "duplicate" }, duplicates);
    if (quarantined > 0) this.#received.inc({ source, outcome: "quarantined" }, quarantined);
    this.#ack.observe(duration / 1000);
  }

  #countDecisions({ entries, timers }: TelemetryEvent & { event: "batch_decided" }): void {
    for (const stage of timers) this.#timers.inc({ stage });
    for (const { source, outcome, routing } of entries) {
      this.#decided.inc({ source, outcome });
      if (routing === "unrouted") this.#unrouted.inc({ source });
    }
  }

  #countAttempt(event: TelemetryEvent & { event: "attempt_recorded" }): void {
    const { destination, next, attempt } = event;
    if (next === "dead") this.#dead.inc({ destination });
    if (!attempt) return;
    const { verdict, reason, duration } = attempt;
    this.#attempts.inc({ destination, verdict, reason });
    this.#attemptTime.observe({ destination }, duration / 1000);
  }

  #counter<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
  ): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #histogram<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
  ): Histogram<Label> {
    const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
    return new Histogram({ name, help, labelNames, buckets, registers: [this.registry] });
  }
}
