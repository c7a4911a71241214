import { z } from "zod";

/** A time of an answer. */
export const timeSchema = z.iso.datetime().describe("UTC, RFC 3339 with milliseconds.");

/** Epoch milliseconds as text. */
export function toTime(epoch: number): string {
  return new Date(epoch).toISOString();
}

/** Epoch milliseconds as text; null stays null. */
export function toTimeOrNull(epoch: number | null): string | null {
  return epoch === null ? null : toTime(epoch);
}
