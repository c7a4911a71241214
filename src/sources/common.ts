/** The settings that every source takes beside those of its kind. */
import { z } from "zod";
import { readListen } from "../config/listen.ts";
import { duration, secret } from "../config/values.ts";
import { fieldMapping } from "./mapping.ts";

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

/** A raw shape: `z.strictObject({ ...sourceCommon, ...kind })` is the schema of a source. */
export const sourceCommon = {
  kind: z.string().describe("What sends: one of the source kinds."),
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
  fields: z.array(fieldMapping).optional().describe("Field mappings of this source's own."),
  tags: z.array(z.string().min(1)).optional().describe("Tags put on every alert."),
  rate: rate.optional().describe("How much one key may send."),
};
