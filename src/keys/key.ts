/** What an API key is, and what it allows. */
import { z } from "zod";

/**
 * - `ingest`: send to sources; bound to those the key names, to all when it names none.
 * - `read`: everything that changes nothing.
 * - `write`: replay, repair, test. Does not include `read`.
 * - `admin`: all of the above for every source, and keys.
 */
export const SCOPES = ["ingest", "read", "write", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** A key as the rest of the program sees it, once it is verified. */
export interface Key {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Sources that `ingest` is bound to; empty for all. */
  readonly sources: readonly string[];
}

const scopes = z.array(z.enum(SCOPES)).min(1);
const sources = z.array(z.string().min(1));
const time = z.iso.datetime();

/** What somebody who asks for a key says. */
export const newKeySchema = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    scopes,
    sources: sources.default([]),
    expiresAt: z.number().int().nullable().default(null).describe("Epoch milliseconds."),
  })
  .refine((key) => key.sources.length === 0 || isBindable(key.scopes), {
    path: ["sources"],
    message: "sources bind the ingest scope; a key without it, or with admin, cannot be bound",
  });
export type NewKey = z.input<typeof newKeySchema>;

/** A key as it is listed. Its secret is not known to Tocsin. */
export const keyRecordSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes,
    sources,
    created_at: time,
    expires_at: time.nullable(),
    used_at: time.nullable().describe("Last use, to within some seconds."),
    revoked_at: time.nullable(),
  })
  .meta({ id: "Key" });
export type KeyRecord = z.infer<typeof keyRecordSchema>;

/** A key that was just made: the only time that its text is known. */
export const createdKeySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes,
    sources,
    expires_at: time.nullable(),
    key: z.string().describe("Shown this once; keep it."),
  })
  .meta({ id: "CreatedKey" });
export type CreatedKey = z.infer<typeof createdKeySchema>;

/** Whether a key may do something; for `ingest`, to `source`. */
export function allows(key: Key, scope: Scope, source?: string): boolean {
  if (key.scopes.includes("admin")) return true;
  if (!key.scopes.includes(scope)) return false;
  if (scope !== "ingest" || key.sources.length === 0) return true;
  return source !== undefined && key.sources.includes(source);
}

function isBindable(wanted: readonly Scope[]): boolean {
  return wanted.includes("ingest") && !wanted.includes("admin");
}
