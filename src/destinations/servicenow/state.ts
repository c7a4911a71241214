/**
 * The state of a record, as far as the alert's status asks for it. The values are those of the table
 * `incident`: 1 new, 2 in progress, 3 on hold, 6 resolved, 7 closed, 8 canceled.
 */
import type { Alert } from "../../alert/schema.ts";

export interface StateOptions {
  readonly states: {
    readonly new?: string | undefined;
    readonly acknowledged?: string | undefined;
    readonly closed?: string | undefined;
  };
  readonly close_code: string;
}

const FRESH = ["1"];
const OVER = ["6", "7", "8"];

/** What to set of a record that is in this state; nothing when it is where it should be. */
export function stateChange(
  { status, verdict, number }: Alert,
  current: string,
  { states, close_code }: StateOptions,
): Readonly<Record<string, string>> {
  const state = states[status];
  if (state === undefined || state === current || !isDue(status, current)) return {};
  if (status !== "closed") return { state };
  const words = verdict === null ? "" : ` as ${verdict.replaceAll("_", " ")}`;
  return { state, close_code, close_notes: `${number} was closed in Tocsin${words}.` };
}

/** People may have moved it on by hand: then it stays, unless its alert is open and the record is not. */
function isDue(status: Alert["status"], current: string): boolean {
  const isOver = OVER.includes(current);
  if (status === "closed") return !isOver;
  return status === "acknowledged" ? isOver || FRESH.includes(current) : isOver;
}
