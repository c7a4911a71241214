/** One try: render, send within the time allowed, and turn whatever happens into a verdict. */
import { messageOf, TocsinError } from "../errors.ts";
import type { Destination, Message, Verdict } from "../destinations/destination.ts";
import type { Claim } from "../store/store.ts";
import { reached } from "../telemetry/milestones.ts";
import { digestOf } from "./digest.ts";

/**
 * What is told of a claim. `linkOf` answers where a person reads more. An update of a digest is about
 * the digest's first alert, as the message was that it changes; its key is that of the alert that the
 * update is for.
 */
export function messageOfClaim(claim: Claim, linkOf: (id: string) => string | null): Message {
  const alert = claim.digest?.alerts[0] ?? claim.alert;
  return {
    kind: claim.kind,
    alert,
    digest: claim.digest && digestOf(claim.digest),
    key: deliveryKey(claim.alert.id, claim.destination, claim.sequence),
    thread: claim.thread,
    memory: claim.memory,
    link: linkOf(alert.id),
    test: false,
  };
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
    return { kind: "reject", reason: "render_failed", error: describe(error) };
  }
  try {
    const verdict = await destination.send(rendered, message, { signal: stop });
    reached("message.sent");
    return verdict;
  } catch (error) {
    return { kind: "retry", reason: "unexpected_answer", error: describe(error) };
  }
}

function describe(error: unknown): string {
  return error instanceof TocsinError && error.hint
    ? `${error.message} — ${error.hint}`
    : messageOf(error);
}
