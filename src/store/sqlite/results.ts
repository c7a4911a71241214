import type { Database } from "../../sqlite/database.ts";
import type { DeliveryResult } from "../store.ts";
import { dateStatus } from "./alert-changes.ts";
import { insertAttempt, saveReference, updateDelivery } from "./deliveries.ts";
import { saveMemory } from "./memories.ts";

/** Writes down what a try came to. Part of a transaction. */
export function writeResult(database: Database, result: DeliveryResult): void {
  const { claim, attempt, at } = result;
  const attempts = claim.attempts + (attempt ? 1 : 0);
  if (attempt) insertAttempt(database, claim.id, attempts, at, attempt);
  updateDelivery(database, claim.id, {
    state: result.next,
    reason: result.next === "dead" ? result.reason : (attempt?.reason ?? "untried"),
    due_at: result.next === "pending" ? result.due_at : null,
    attempts,
    done_at: result.next === "pending" ? null : at,
  });
  if (result.next !== "delivered") return;
  const { remember, reference } = result;
  if (reference !== null) saveReference(database, claim.id, reference);
  if (remember === null || claim.thread === null) return;
  if (claim.kind === "status") dateStatus(database, claim.id, remember, at);
  else saveMemory(database, claim.destination, claim.thread, remember, at);
}
