/** A trace in words, one line a step. */
import type { TraceStep } from "../alert/schema.ts";

/** `route       routed       route_matched  routes=[…] deliveries=[…]`, aligned. */
export function explainTrace(trace: readonly TraceStep[]): string[] {
  const width = (pick: (step: TraceStep) => string): number =>
    Math.max(0, ...trace.map((step) => pick(step).length));
  const stage = width((step) => step.stage);
  const outcome = width((step) => step.outcome);
  const reason = width((step) => step.reason);
  return trace.map((step) =>
    [
      step.stage.padEnd(stage),
      step.outcome.padEnd(outcome),
      step.reason.padEnd(reason),
      valuesOf(step),
    ]
      .join("  ")
      .trimEnd(),
  );
}

function valuesOf(step: TraceStep): string {
  return Object.entries(step.values)
    .filter(([, value]) => !isEmpty(value))
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0);
}
