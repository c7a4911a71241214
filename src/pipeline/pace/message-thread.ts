import type { Alert } from "../../alert/schema.ts";
import type { CompiledRoute } from "../policies.ts";
import { threadKey } from "../thread.ts";

/**
 * The thread of an alert's message at a destination with these thread fields. A message that will be
 * updated has a thread in any case, so that no update overtakes it.
 */
export function messageThread(
  alert: Alert,
  { repeats }: CompiledRoute,
  fields: readonly string[] | undefined,
): string | null {
  return threadKey(alert, fields) ?? (repeats === "update" ? `alert:${alert.id}` : null);
}
