/** The metrics: what each telemetry event adds to. Registered per program, never globally. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { TelemetryEvent } from "./events.ts";

export class Metrics {
  readonly registry = new Registry();
  readonly #received = this.#counter("tocsin_received_total", "Items received.", [
    "source",
    "outcome",
  ]);
  readonly #polls = this.#counter("tocsin_polls_total", "Polls of sources that are read.", [
    "source",
    "outcome",
  ]);
  readonly #reconciles = this.#counter(
    "tocsin_reconciles_total",
    "Comparisons of a source with its index.",
    ["source", "outcome"],
  );
  readonly #backfilled = this.#counter(
    "tocsin_reconcile_backfilled_total",
    "Events that were missing and were fetched.",
    ["source"],
  );
  readonly #callbacks = this.#counter("tocsin_callbacks_total", "Buttons of messages used.", [
    "destination",
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
      case "callback_taken":
        return this.#callbacks.inc({ destination: event.destination, outcome: event.outcome });
      case "page_taken":
        return this.#countItems(event);
      case "poll_finished":
        return this.#polls.inc({ source: event.source, outcome: "finished" });
      case "poll_failed":
        return this.#polls.inc({ source: event.source, outcome: "failed" });
      case "poll_blocked":
        return this.#polls.inc({ source: event.source, outcome: "blocked" });
      case "source_behind":
      case "source_caught_up":
        return;
      case "reconcile_finished":
        this.#backfilled.inc({ source: event.source }, event.backfilled);
        return this.#reconciles.inc({ source: event.source, outcome: "finished" });
      case "reconcile_failed":
        return this.#reconciles.inc({ source: event.source, outcome: "failed" });
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

  /** A value for each source, read when the metrics are asked for. */
  gaugeOfSources(
    name: string,
    help: string,
    read: () => Iterable<readonly [string, number]>,
  ): void {
    const gauge: Gauge<"source"> = new Gauge({
      name,
      help,
      labelNames: ["source"],
      registers: [this.registry],
      collect: () => {
        gauge.reset();
        for (const [source, value] of read()) gauge.set({ source }, value);
      },
    });
  }

  #countReceipt(event: TelemetryEvent & { event: "receipt_stored" }): void {
    this.#countItems(event);
    this.#ack.observe(event.duration / 1000);
  }

  #countItems(event: TelemetryEvent & { event: "receipt_stored" | "page_taken" }): void {
    const { source, accepted, duplicates, quarantined } = event;
    if (accepted > 0) this.#received.inc({ source, outcome: "accepted" }, accepted);
    if (duplicates > 0) this.#received.inc({ source, outcome: "duplicate" }, duplicates);
    if (quarantined > 0) this.#received.inc({ source, outcome: "quarantined" }, quarantined);
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
