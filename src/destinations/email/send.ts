/**
 * Sending, and what becomes of a mail that the server takes for some recipients and not for others. Who
 * has it is kept, so that a retry goes to the rest alone. A delivery is delivered when all have it; one
 * that some will never get is rejected, and says who has it and who has not; sent again by hand it goes
 * to those without. What is kept is lost with the process: then a retry goes to all of them, with the
 * same `Message-ID`.
 */
import type { SMTPPoolSentMessageInfo } from "nodemailer";
import type { Message, SendContext, Verdict } from "../destination.ts";
import type { EmailConfig } from "./email.ts";
import type { Mailer } from "./mailer.ts";
import { showEmail, type Email } from "./render.ts";
import { printReply, type Reply } from "./smtp-verdict.ts";

/** Mails of which it is known that some have them. */
const MAX_KEPT = 1000;

/** Makes the function that sends a mail to all who do not have it yet. */
export function createSend(config: EmailConfig, mailer: Mailer) {
  const everybody = [...config.to, ...config.cc].map(({ address }) => address);
  const having = createNotes();
  return async (email: Email, { key }: Message, context: SendContext): Promise<Verdict> => {
    const had = having.get(key);
    const to = everybody.filter((address) => !had.includes(address));
    const mail = mailOf(email, config, to);
    const sent = await mailer.send(mail, context.signal);
    const verdict = "failed" in sent ? withThose(had, sent.failed) : judge(sent.info, had, mailer);
    if (verdict.kind === "delivered") having.delete(key);
    else if ("info" in sent) having.set(key, [...had, ...sent.info.accepted]);
    const answer = "info" in sent ? mailer.hide(sent.info.response) : "";
    const error = verdict.kind === "delivered" ? "" : verdict.error;
    context.record?.({
      request: showEmail(email, config),
      answer: [answer, error].filter((text) => text !== "").join("\n"),
    });
    return verdict;
  };
}

function mailOf(email: Email, { from, to, cc, reply_to }: EmailConfig, recipients: string[]) {
  const { subject, text, html, messageId, references, headers } = email;
  return {
    from,
    to: [...to],
    cc: [...cc],
    ...(reply_to ? { replyTo: reply_to } : {}),
    subject,
    text,
    ...(html === null ? {} : { html }),
    messageId,
    references: [...references],
    inReplyTo: references.at(-1),
    headers,
    // The size is reckoned in this encoding.
    textEncoding: "quoted-printable" as const,
    envelope: { from: from.address, to: recipients },
  };
}

/** What it means that the server took the mail for some of them. */
function judge(info: SMTPPoolSentMessageInfo, had: readonly string[], mailer: Mailer): Verdict {
  const refused = (info.rejectedErrors ?? []).map(({ recipient, responseCode, response }) => {
    const reply: Reply = { code: responseCode ?? 0, text: mailer.hide(response ?? "") };
    return { address: recipient ?? "", reply };
  });
  if (refused.length === 0) return { kind: "delivered", status: 250 };
  const who = refused.map(({ address, reply }) => `${address}: ${printReply(reply)}`).join("; ");
  const error = `${takenBy([...had, ...info.accepted])}refused for ${who}`;
  const later = refused.find(({ reply }) => reply.code < 500);
  if (later) return { kind: "retry", reason: "server_error", error, status: later.reply.code };
  return { kind: "reject", reason: "rejected_by_peer", error, status: refused[0]?.reply.code };
}

function withThose(had: readonly string[], verdict: Verdict): Verdict {
  if (verdict.kind === "delivered" || had.length === 0) return verdict;
  return { ...verdict, error: `${takenBy(had)}${verdict.error}` };
}

function takenBy(addresses: readonly string[]): string {
  return `taken for ${addresses.join(", ")}; `;
}

/** Who has which mail, the newest so many of them. */
function createNotes() {
  const notes = new Map<string, readonly string[]>();
  return {
    get: (key: string) => notes.get(key) ?? [],
    delete: (key: string) => void notes.delete(key),
    set(key: string, addresses: readonly string[]) {
      notes.delete(key);
      notes.set(key, addresses);
      const [oldest] = notes.keys();
      if (notes.size > MAX_KEPT && oldest !== undefined) notes.delete(oldest);
    },
  };
}
