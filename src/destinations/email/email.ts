/** Alerts as mails, through an SMTP server. */
import { z } from "zod";
import { secret, size } from "../../config/values.ts";
import { defineDestination } from "../destination.ts";
import { escapeHtml } from "../escape.ts";
import { hostSetting, portSetting } from "../host-settings.ts";
import { compileParts, templateSetting } from "../parts.ts";
import { disarmed } from "./content.ts";
import { mailbox } from "./mailbox.ts";
import { createMailer } from "./mailer.ts";
import { createRender, fixedSize, MAX_SUBJECT, showEmail, type Email } from "./render.ts";
import { createSend } from "./send.ts";

/** A server has to take so many recipients of one mail (RFC 5321 §4.5.3.1.8). */
const MAX_RECIPIENTS = 100;
const MAX_SIZE = "1MiB";
const MIN_SIZE = 64 * 1024;

const settings = z.strictObject({
  host: hostSetting().describe("The SMTP server."),
  port: portSetting().describe("587 with starttls, 465 with tls, 25 with none unless given."),
  security: z
    .enum(["starttls", "tls", "none"])
    .default("starttls")
    .describe(
      "starttls and tls send nothing over a connection that is not encrypted; none never encrypts.",
    ),
  user: z.string().min(1).optional(),
  password: secret().optional(),
  from: mailbox().describe("soc@example.org or SOC <soc@example.org>."),
  to: z.array(mailbox()).min(1),
  cc: z.array(mailbox()).default([]),
  reply_to: mailbox().optional(),
  max_size: size(MAX_SIZE)
    .refine((bytes) => bytes >= MIN_SIZE, "less than 64KiB has no room for a mail")
    .describe("Bytes of a mail; long texts are cut to keep within."),
  template: templateSetting({
    subject: `One line of at most ${MAX_SUBJECT} characters.`,
    text: "Plain text.",
    html: "HTML; without it and with text, the text is shown.",
  }),
});

const config = settings.check(({ value, issues }) => {
  const add = (path: string, message: string) =>
    issues.push({ code: "custom", input: value, path: [path], message });
  if (!value.user !== !value.password) add("user", "user and password go together");
  const addresses = [...value.to, ...value.cc].map(({ address }) => address.toLowerCase());
  if (addresses.length > MAX_RECIPIENTS)
    add("to", `at most ${MAX_RECIPIENTS} recipients — give a list's address for more`);
  if (fixedSize(value) > value.max_size / 2)
    add(
      "max_size",
      "has no room for so many recipients — make it larger, or give a list's address",
    );
  if (new Set(addresses).size < addresses.length) add("to", "an address stands there twice");
});
export type EmailConfig = z.infer<typeof settings>;

export const email = defineDestination<EmailConfig, Email>({
  kind: "email",
  summary: "Mails with text and HTML through an SMTP server, one thread for each alert or case",
  // An update is one more mail in the thread of its alert.
  canUpdate: () => true,
  repeat: {
    kind: "marked",
    by: "Message-ID",
    retry:
      "Sends the mail again with the same Message-ID to those who were not known to have it; some mailboxes then keep one.",
  },
  limits: [
    { of: "subject", max: MAX_SUBJECT, unit: "characters", beyond: "cut", source: null },
    { of: "mail", max: 1024 ** 2, unit: "bytes", beyond: "cut", source: null },
  ],
  config,
  defaults: { concurrency: 2, statusUpdates: false },
  create(options, context) {
    const escapes = {
      subject: null,
      text: { text: disarmed, link: (url: string) => url },
      html: { text: (text: string) => escapeHtml(disarmed(text)), link: escapeHtml },
    };
    const component = `destination ${context.name}`;
    const mailer = createMailer(options, context.sockets);
    return {
      render: createRender(options, compileParts(options.template, escapes, component)),
      show: (mail) => ({ type: "message/rfc822", text: showEmail(mail, options) }),
      send: createSend(options, mailer),
      close: () => mailer.close(),
    };
  },
});
