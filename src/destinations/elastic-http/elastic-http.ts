/** Alerts for Elastic Agent's Custom HTTP Endpoint Logs, and for whatever takes JSON objects as it does. */
import { z } from "zod";
import { httpUrl } from "../../config/url.ts";
import { duration, secret } from "../../config/values.ts";
import { fail } from "../../errors.ts";
import { defineDestination } from "../destination.ts";
import { renderEvent } from "./render.ts";
import { createSend } from "./send.ts";

/** Headers that the connection or the other settings own. */
const OWN_HEADERS = ["connection", "content-length", "content-type", "content-encoding", "host"];

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, "not a header name")
  .refine((name) => !OWN_HEADERS.includes(name.toLowerCase()), {
    message: "this header is set by the delivery itself — see content_type and gzip",
  });

const headerValue = secret().refine((value) => /^[\t\x20-\x7e]*$/.test(value.reveal()), {
  message: "a header value cannot hold a line break — look at the end of the secret's file",
});

const hmac = z.strictObject({
  header: headerName.describe("As `hmac.header` of the input."),
  secret: secret().describe("As `hmac.key` of the input."),
  algorithm: z.enum(["sha256", "sha1"]).default("sha256").describe("As `hmac.type` of the input."),
  prefix: z.string().default("").describe("Before the signature, as sha256= of `hmac.prefix`."),
  encoding: z.enum(["hex", "base64"]).default("hex"),
});
export type HmacSettings = z.infer<typeof hmac>;

const settings = z.strictObject({
  url: httpUrl().describe("Of the input, with its path: http://agent.lab:8080/."),
  format: z
    .enum(["ecs", "superna"])
    .default("ecs")
    .describe("ecs: the alert in ECS. superna: the twelve fields of Superna's guide."),
  batch: z
    .enum(["object", "array", "ndjson"])
    .default("object")
    .describe("One alert for each request, or several as a JSON array or in lines."),
  method: z.enum(["POST", "PUT", "PATCH"]).default("POST"),
  content_type: z
    .string()
    .regex(/^[\x21-\x7e]+\/[\x20-\x7e]+$/, "not a content type")
    .default("application/json")
    .describe("Byte for byte what the input expects."),
  gzip: z.boolean().default(false).describe("Compress bodies."),
  username: z
    .string()
    .regex(/^[^:]+$/, "a user name has no colon")
    .optional(),
  password: secret().optional(),
  headers: z
    .record(headerName, headerValue)
    .default({})
    .describe("The secret header, or an Authorization of your own. Their values are never shown."),
  hmac: hmac.optional().describe("Signs the bytes on the wire, compressed or not."),
  wait_for_completion: duration()
    .optional()
    .describe("Wait so long until Elasticsearch has it; shorter than the timeout."),
});

const config = settings.check(({ value, issues }) => {
  const add = (path: string, message: string) =>
    issues.push({ code: "custom", input: value, path: [path], message });
  if (!value.username !== !value.password) add("username", "username and password go together");
  const named = Object.keys(value.headers).map((name) => name.toLowerCase());
  if (value.username && named.includes("authorization"))
    add("headers", "give username and password, or an Authorization header");
  if (
    value.wait_for_completion !== undefined &&
    URL.canParse(value.url) &&
    new URL(value.url).search
  )
    add("url", "the input takes no other query beside wait_for_completion");
});
export type ElasticHttpConfig = z.infer<typeof settings>;

export const elasticHttp = defineDestination<ElasticHttpConfig, string>({
  kind: "elastic-http",
  summary: "JSON for Elastic Agent's Custom HTTP Endpoint Logs, in ECS or Superna's fields",
  // Also in Superna's fields: there each state is an event, as Superna's own webhook tells it.
  canUpdate: () => true,
  repeat: {
    kind: "marked",
    by: "tocsin.message.key",
    retry:
      "Posts the document again: tocsin.message.key is the same; the format superna has no such field.",
  },
  limits: [{ of: "event", max: 1_000_000, unit: "bytes", beyond: "left out", source: null }],
  config,
  defaults: { concurrency: 64, statusUpdates: false },
  create: (options, context) => {
    const wait = options.wait_for_completion ?? 0;
    if (wait >= context.sockets.timeout) throw waitsTooLong(context.name);
    return {
      render: (message) => renderEvent(message, options.format),
      show: (event) => ({ type: options.content_type, text: event }),
      send: createSend(options, context),
      close: async () => {},
    };
  },
});

function waitsTooLong(destination: string) {
  return fail("CONFIG_INVALID", {
    component: `destination ${destination}`,
    message: "wait_for_completion is not shorter than the timeout",
    hint: "raise timeout, or every delivery that is waited for fails and comes twice",
  });
}
