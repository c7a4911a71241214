/** Alerts as syslog messages (RFC 5424) over TLS, TCP or UDP, as CEF or JSON. */
import { hostname } from "node:os";
import { z } from "zod";
import { size } from "../../config/values.ts";
import { defineDestination } from "../destination.ts";
import { hostSetting, portSetting } from "../host-settings.ts";
import { compileParts, templateSetting } from "../parts.ts";
import { createLink } from "./link.ts";
import { FACILITIES } from "./line.ts";
import { createRender, LONGEST } from "./render.ts";
import { createSend } from "./send.ts";

/** What names stand for in the header: printable ASCII without spaces (RFC 5424 §6). */
const printable = (max: number) =>
  z.string().regex(new RegExp(`^[\\x21-\\x7e]{1,${max}}$`), `not 1 to ${max} printable characters`);

const config = z.strictObject({
  host: hostSetting().describe("The collector."),
  port: portSetting().describe("6514 with tls, 514 with tcp and udp unless given."),
  transport: z
    .enum(["tls", "tcp", "udp"])
    .default("tls")
    .describe("Over udp nobody is told when a message is lost."),
  framing: z
    .enum(["octets", "lines"])
    .default("octets")
    .describe(
      "What stands between messages of a connection: their length in front, or a line break.",
    ),
  format: z.enum(["cef", "json"]).default("cef"),
  facility: z.enum(FACILITIES).default("local0"),
  app_name: printable(48).default("tocsin"),
  hostname: printable(255).optional().describe("Who the messages say they are from; this machine."),
  max_size: size()
    .refine((bytes) => bytes >= 1024 && bytes <= 65_000, "not between 1KiB and 65000B")
    .optional()
    .describe("Bytes of a message; what is longer is cut. 8KiB, with udp 2KiB."),
  template: templateSetting({
    title: "In CEF the name of the event, at most 512 characters; in JSON the member title.",
    text: "In CEF its msg, at most 1023 characters; in JSON the member text.",
  }),
});

export type SyslogConfig = z.infer<typeof config>;

const RFC_5425 = "RFC 5425 §4.3.1";

export const syslog = defineDestination<SyslogConfig, string>({
  kind: "syslog",
  summary: "RFC 5424 messages to a collector over TLS, TCP or UDP, as CEF or JSON",
  // An update is one more message about the same alert.
  canUpdate: () => true,
  repeat: {
    kind: "marked",
    by: "key",
    retry: "Sends the message again with the same key (in CEF cs6).",
  },
  limits: [{ of: "message", max: LONGEST.tls, unit: "bytes", beyond: "cut", source: RFC_5425 }],
  config,
  defaults: { concurrency: 64, statusUpdates: false },
  create(options, context) {
    const parts = { title: null, text: null };
    const component = `destination ${context.name}`;
    const render = createRender(
      { ...options, hostname: options.hostname ?? nameOfMachine() },
      compileParts(options.template, parts, component),
    );
    const link = createLink(options, context.sockets);
    return {
      render,
      show: (line) => ({ type: "text/plain", text: line }),
      send: createSend(options, link),
      close: () => link.close(),
    };
  },
});

/** `-` says that it is not known. */
function nameOfMachine(): string {
  return (
    hostname()
      .replace(/[^\x21-\x7e]/g, "")
      .slice(0, 255) || "-"
  );
}
