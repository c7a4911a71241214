/** Claims for the tests of delivery. */
import { aDecision } from "../../pipeline/testing/builders.ts";
import type { Claim, DeliveryId } from "../../store/store.ts";

/** A claim of the first message to `d` about an alert; `change` replaces members of it. */
export function aClaim(change: Partial<Claim> = {}): Claim {
  const { alert } = aDecision(1);
  if (!alert) throw new RangeError("the builder makes alerts");
  return {
    id: 1 as DeliveryId,
    destination: "d",
    kind: "alert",
    sequence: 0,
    alert,
    digest: null,
    case: null,
    thread: null,
    memory: null,
    attempts: 0,
    created_at: 0,
    ...change,
  };
}
