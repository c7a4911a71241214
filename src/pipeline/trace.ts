/** The trace of an alert that several events made. */
import type { TraceStep } from "../alert/schema.ts";

/** Every event's own trace begins with this stage. */
const FIRST_STAGE = "normalise";

/**
 * The trace of an alert with that of its latest event behind it. What the opening event went
 * through stays; of the events between, only what sent the alert somewhere new: each has its raw form
 * and its outcome, and a trace must not grow with every one of them.
 */
export function continueTrace(
  known: readonly TraceStep[],
  latest: readonly TraceStep[],
): readonly TraceStep[] {
  const second = known.findIndex(({ stage }, index) => index > 0 && stage === FIRST_STAGE);
  if (second === -1) return [...known, ...latest];
  return [...known.slice(0, second), ...known.slice(second).filter(plansDelivery), ...latest];
}

/** There are at most as many of these steps as destinations. */
function plansDelivery({ stage, values: { deliveries } }: TraceStep): boolean {
  return stage === "route" && Array.isArray(deliveries) && deliveries.length > 0;
}
