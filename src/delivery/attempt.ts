/** One try: render, send within the time allowed, and turn whatever happens into a verdict. */
import { messageOf, TocsinError } from "../errors.ts";
import type { CaseBrief, Destination, Message, Verdict } from "../destinations/destination.ts";
import type { Claim } from "../store/store.ts";
import { reached } from "../telemetry/milestones.ts";
import { digestOf } from "./digest.ts";

/** Where a person reads more; null when that is not configured. */
export interface MessageLinks {
  /** By id. */
  alert(id: string): string | null;
  /** By number, `CASE-000012`. */
  case(id: string): string | null;
}

/**
 * What is told of a claim. An update of a digest is about the digest's first alert, as the message was
 * that it changes; its key is that of the alert that the update is for.
 */
export function messageOfClaim(claim: Claim, links: MessageLinks): Message {
  const alert = claim.digest?.alerts[0] ?? claim.alert;
  return {
    kind: claim.kind,
    alert,
    digest: claim.digest && digestOf(claim.digest),
    case: claim.case && briefOf(claim.case, links.case(claim.case.id)),
    key: deliveryKey(claim.alert.id, claim.destination, claim.sequence),
    thread: claim.thread,
    memory: claim.memory,
    link: links.alert(alert.id),
    test: false,
  };
}

/** A case as messages tell of it; `link` is where a person reads more. */
export function briefOf(known: Omit<CaseBrief, "link">, link: string | null): CaseBrief {
  const { id, title, status, severity, owner, alert_count } = known;
  return { id, title, status, severity, owner, alert_count, link };
}

/**
 * The idempotency key: the same for every try and replay of one delivery. `sequence` is 0 for the
 * first message about an alert at a destination. ASCII without '.'.
 */
export function deliveryKey(alertId: string, destination: string, sequence: number): string {
  const first = `${alertId}-${destination.replace(/[^A-Za-z0-9_-]/g, "_")}`;
  // No name of a destination holds a '~': the second message to `a` must not look like the first to `a-1`.
  return sequence === 0 ? first : `${first}~${sequence}`;
}

/** Tries once. Never throws: a bug in a destination is a verdict too, or it would stall the queue. */
export async function attempt(
  destination: Destination,
  message: Message,
  stop: AbortSignal,
): Promise<Verdict> {
  let rendered: unknown;
  try {
    rendered = destination.render(message);
  } catch (error) {
    const text = describe(error);
    // The peer has no part in it, so it is no reason to hold back others.
    if (isSlow(error)) return { kind: "retry", reason: "timeout", error: text, alone: true };
    return { kind: "reject", reason: "render_failed", error: text };
  }
  try {
    const verdict = await destination.send(rendered, message, { signal: stop });
    reached("message.sent");
    return verdict;
  } catch (error) {
    return { kind: "retry", reason: "unexpected_answer", error: describe(error) };
  }
}

function isSlow(error: unknown): boolean {
  return error instanceof TocsinError && error.data?.["slow"] === true;
}

function describe(error: unknown): string {
  return error instanceof TocsinError && error.hint
    ? `${error.message} — ${error.hint}`
    : messageOf(error);
}
