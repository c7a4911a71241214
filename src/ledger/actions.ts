/** What people did by hand. */
import { z } from "zod";
import { listActionsOn } from "../store/sqlite/actions.ts";
import type { LedgerFiles } from "./files.ts";
import { timeSchema, toTime } from "./time.ts";

export const actionSchema = z
  .object({
    at: timeSchema,
    who: z.string().describe("A key of the API or a person."),
    kind: z.string().describe("`alert.changed`, `alert.commented` …"),
    detail: z.record(z.string(), z.unknown()),
  })
  .meta({ id: "Action" });
export type ActionRecord = z.infer<typeof actionSchema>;

/** What was done to the alert, case or silence of this name, the oldest first. */
export function listActions({ store }: LedgerFiles, target: string): ActionRecord[] {
  return listActionsOn(store, target).map(({ at, who, kind, detail }) => ({
    at: toTime(at),
    who,
    kind,
    detail,
  }));
}
