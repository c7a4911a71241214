/**
 * The ids by which mail programs tell mails apart and put them into threads (RFC 5322 §3.6.4). All are
 * made of what the message is about: a retry has the same `Message-ID`, and an update or a reminder finds
 * the thread of its alert without anybody remembering what was sent before.
 */
import { createHash } from "node:crypto";
import type { Message } from "../destination.ts";
import { domainOf, type Mailbox } from "./mailbox.ts";

export interface MailIds {
  /** Of this mail. */
  readonly id: string;
  /**
   * The roots that it belongs below, the widest first: of its case or thread, then of its alert. No mail
   * has a root for its own id; mail programs put those below one root together all the same.
   */
  readonly references: readonly string[];
}

/** All ids in angle brackets. */
export function idsOf(message: Message, from: Mailbox): MailIds {
  const idOf = (kind: string, text: string) => `<${kind}.${text}@${domainOf(from)}>`;
  const { key, thread, alert, digest } = message;
  const wide = thread ?? (message.case && `case:${message.case.id}`);
  return {
    id: idOf("message", SAFE.test(key) ? key : hashOf(key)),
    references: [
      // A case's number is not one of a kind the world over; who tells of it makes it so.
      ...(wide === null ? [] : [idOf("thread", hashOf(`${from.address}\n${wide}`))]),
      idOf(digest ? "digest" : "alert", alert.id),
    ],
  };
}

/** What may stand in an id as it is: none of it has a meaning there (RFC 5322 §3.2.3). */
const SAFE = /^[\w~-]{1,100}$/;

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
