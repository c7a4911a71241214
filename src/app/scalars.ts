/** Small things that several settings are made of. */
import { z } from "zod";
import { duration } from "../config/values.ts";

/** A name that the configuration gives to something. */
export const name = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/,
    "not a name — use letters and digits, and - _ . between them, 63 characters at most",
  );

/** Names of fields of the alert. */
export const fields = z.array(z.string().min(1)).min(1);

/** A length of time in whole milliseconds, longer than nothing. */
export function span(fallback?: string) {
  return wait(fallback).refine((length) => length > 0, "must be longer than nothing");
}

/** A length of time in whole milliseconds. */
export function wait(fallback?: string) {
  return duration(fallback).transform(Math.ceil);
}
