/**
 * The settings that sources take beside those of their kind, as raw shapes. Some are common to all;
 * others are for sources that are sent to, others for sources that are read from (*feeds*).
 */
import { z } from "zod";
import { readListen } from "../config/listen.ts";
import { duration, secret } from "../config/values.ts";
import { fieldMapping } from "./mapping.ts";
import type { SourceDefinition } from "./source.ts";

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, "not a header name — write it like x-signature");

const secretHeader = z.strictObject({
  name: headerName.describe("Header that carries the secret."),
  secret: secret(),
});

const hmac = z
  .strictObject({
    header: headerName.optional().describe("Header that carries the signature."),
    secret: secret(),
    algorithm: z.enum(["sha256", "sha1", "sha512"]).default("sha256"),
    encoding: z.enum(["hex", "base64"]).default("hex"),
    prefix: z
      .string()
      .optional()
      .describe("What stands before the signature, for example sha256=."),
    timestamp_header: headerName
      .optional()
      .describe("Header with the time of signing, which is signed with the body."),
    tolerance: duration("5m").describe("How far that time may be from now."),
    scheme: z
      .enum(["plain", "standard-webhooks"])
      .default("plain")
      .describe("standard-webhooks brings its own headers (webhook-id, -timestamp, -signature)."),
  })
  .superRefine(({ scheme, header }, context) => {
    if (scheme === "standard-webhooks" || header !== undefined) return;
    const message = "missing — name the header that carries the signature";
    context.addIssue({ code: "custom", path: ["header"], message });
  });

const listen = z
  .string()
  .refine((text) => readListen(text) !== undefined, "not host:port — write it like 127.0.0.1:5000");

const rate = z.strictObject({
  max: z.number().int().positive().describe("Requests allowed."),
  per: duration(),
});

/** Of every source. */
export const sourceCommon = {
  kind: z.string().describe("What sends, or is read: one of the source kinds."),
  fields: z.array(fieldMapping).optional().describe("Field mappings of this source's own."),
  tags: z.array(z.string().min(1)).optional().describe("Tags put on every alert."),
};

/** Of a source that is sent to. */
export const requestCommon = {
  auth: z
    .enum(["key", "none"])
    .default("key")
    .describe("none is for a listener of its own on loopback."),
  header: secretHeader.optional().describe("A secret header of this source's own."),
  token: secret().optional().describe("Secret last part of the path, for senders without headers."),
  hmac: hmac.optional().describe("Signature that every request must carry."),
  listen: listen.optional().describe("Address of a listener of this source's own."),
  path: z
    .string()
    .startsWith("/", "write it with a leading /")
    .optional()
    .describe("Path of this source's own."),
  rate: rate.optional().describe("How much one key may send."),
};

/** More often would be a load on the cluster, and find nothing that was not there before. */
const SHORTEST_PAUSE_MS = 100;

function pause(fallback: string) {
  return duration(fallback).refine(
    (milliseconds) => milliseconds >= SHORTEST_PAUSE_MS,
    "100ms is the shortest",
  );
}

const reconcile = z.strictObject({
  every: pause("1h").describe("How often."),
  since: duration("24h").describe("How far back it looks."),
});

/** Of a source that is read. */
export const feedCommon = {
  interval: pause("60s").describe("How long to wait after all there was is read."),
  max_lag: duration("15m").describe("Operators are told when reading is behind by more."),
  reconcile: z
    .union([z.literal(false), reconcile], "not false or a map — write false to switch it off")
    .transform((settings) => (settings === false ? null : settings))
    // Both have a default, which the type of `duration` does not say.
    .prefault({} as z.input<typeof reconcile>)
    .describe("Looks for what was missed, and fetches it; `false` switches it off."),
};

/** Durations are milliseconds; `reconcile` is null when it is switched off. */
export type FeedSettings = z.output<z.ZodObject<typeof feedCommon>>;

/** The raw shape that a kind's own settings are joined with. */
export function commonSettings({ open }: Pick<SourceDefinition, "open">): z.ZodRawShape {
  return { ...sourceCommon, ...(open ? feedCommon : requestCommon) };
}
