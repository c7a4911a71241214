/** Alerts posted to any HTTP endpoint, signed as Standard Webhooks asks where a secret is given. */
import { z } from "zod";
import { httpUrl } from "../../config/url.ts";
import { secret } from "../../config/values.ts";
import { defineDestination } from "../destination.ts";
import { templateSetting } from "../parts.ts";
import { createRender } from "./render.ts";
import { createSend } from "./send.ts";

/** Headers that the connection or the delivery owns. */
const OWN_HEADERS = [
  "connection",
  "content-length",
  "content-type",
  "expect",
  "host",
  "idempotency-key",
  "keep-alive",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "webhook-id",
  "webhook-signature",
  "webhook-timestamp",
];

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, "not a header name")
  .refine((name) => !OWN_HEADERS.includes(name.toLowerCase()), {
    message: "this header is set by the delivery itself — use content_type or secret for theirs",
  });

const headerValue = secret().refine((value) => /^[\t\x20-\x7e\x80-\xff]*$/.test(value.reveal()), {
  message: "a header value cannot hold a line break — look at the end of the secret's file",
});

const signingSecret = secret().refine(
  (value) => /^(whsec_[A-Za-z0-9+/]{16,}={0,2}|(?!whsec_)[^]{16,})$/.test(value.reveal()),
  { message: "write whsec_ and base64, or any text of at least 16 characters" },
);

const contentType = z.string().regex(/^[\x21-\x7e]+\/[\x20-\x7e]+$/, "not a content type");

const config = z.strictObject({
  url: httpUrl().describe("Put tokens into headers: a URL is shown in many places."),
  method: z.enum(["POST", "PUT", "PATCH"]).default("POST"),
  headers: z.record(headerName, headerValue).default({}).describe("Their values are never shown."),
  content_type: contentType.default("application/json"),
  template: templateSetting({
    body: "The whole body; without it JSON with kind, alert, case, digest, key and link.",
  }),
  secret: signingSecret.optional().describe("Signs every message as Standard Webhooks asks."),
});
export type WebhookConfig = z.infer<typeof config>;

export const webhook = defineDestination<WebhookConfig, string>({
  kind: "webhook",
  summary: "JSON or a body of your own to any HTTP endpoint, signed",
  repeat: {
    kind: "marked",
    by: "Idempotency-Key",
    retry:
      "Posts the same again: Idempotency-Key, and webhook-id when signed, are constant over all tries.",
  },
  limits: [],
  config,
  canUpdate: () => true,
  defaults: { concurrency: 32, statusUpdates: false },
  create: (settings, context) => ({
    render: createRender(settings, `destination ${context.name}`),
    show: (body) => ({ type: settings.content_type, text: body }),
    send: createSend(settings, context),
    close: async () => {},
  }),
});
