/** What became of a delivery, or will become of it, in words. */
import type { TraceStep } from "../alert/schema.ts";
import { endsAt, type Silence } from "../silence/silence.ts";
import type { DeliveryDetail } from "./delivery-schema.ts";
import { say, sayCount, sayHold, sayTime } from "./explain-words.ts";

/** What is known besides the delivery. */
export interface DeliveryContext {
  readonly trace: readonly TraceStep[];
  /** Those that deliveries name as their cause, as they are now. */
  readonly silences: readonly Silence[];
  /** Epoch milliseconds. */
  readonly now: number;
}

/** One line about a delivery. */
export function deliveryText(delivery: DeliveryDetail, context: DeliveryContext): string {
  switch (delivery.state) {
    case "pending":
      return delivery.hold === null
        ? dueText(delivery)
        : heldText(delivery, delivery.hold, context);
    case "delivered":
      return `${what(delivery)} delivered to ${delivery.destination} ${sayTime(delivery.done_at)}${digestText(delivery)}`;
    case "folded":
      return foldedText(delivery);
    case "suppressed":
      return suppressedText(delivery, context);
    case "dead":
      return deadText(delivery);
  }
}

function what({ kind, reason }: DeliveryDetail): string {
  // A try gives a reason of its own.
  if (kind === "update" && reason === "status_changed") return "the update of its status";
  return kind === "alert" ? "the alert" : `the ${kind}`;
}

function dueText(delivery: DeliveryDetail): string {
  const { destination, attempt_count: tries, due_at, last_error } = delivery;
  const so = tries === 0 ? "not tried yet" : `tried ${sayCount(tries, "time")}`;
  const error = last_error === null ? "" : `, last ${say(last_error)}`;
  return `${what(delivery)} is to be sent to ${destination}, due ${sayTime(due_at)} (${so}${error})${digestText(delivery)}`;
}

function heldText(delivery: DeliveryDetail, hold: string, { now }: DeliveryContext): string {
  const { kind, destination, held_until } = delivery;
  const why = sayHold(hold);
  if (held_until === null) return `pending for ${destination} (${why}), and no timer is set`;
  const at = sayTime(held_until);
  // A moment passes between a timer's time and what it does; longer, and nothing runs.
  const when = Date.parse(held_until) <= now ? `due since ${at}` : `until ${at}`;
  if (kind === "alert") return `pending for ${destination} ${when} (${why})`;
  return `${kind} for ${destination} ${when.replace("until", "at")} (${why})`;
}

function digestText({ digest, alert_count, cause }: DeliveryDetail): string {
  if (digest === null) return "";
  const by = cause === null ? "" : ` ${say(cause)}`;
  return `, in a digest of ${sayCount(alert_count, "alert")} (${digest.replaceAll("_", " ")}${by})`;
}

function foldedText({ destination, carrier }: DeliveryDetail): string {
  if (!carrier) return `folded into a digest for ${destination} that retention has taken`;
  const { alert, state, done_at, id } = carrier;
  const end = done_at === null ? state : `${state} ${sayTime(done_at)}`;
  return `folded into the digest for ${destination} carried by ${alert} (delivery ${id}), ${end}`;
}

function suppressedText(delivery: DeliveryDetail, context: DeliveryContext): string {
  const { destination, reason, cause, route } = delivery;
  const would = `${what(delivery)} would have been sent to ${destination}`;
  switch (reason) {
    case "shadow_route":
      return `${would}; route ${route} is a shadow, which sends nothing`;
    case "silence":
      return `${would}; suppressed by ${silenceText(delivery, context)}`;
    case "inhibited":
      return `${would}; inhibited by policy ${say(cause)}`;
    case "closed_meanwhile":
      return `${would}; the alert was ${cause === "acknowledged" ? "acknowledged" : "closed"} while it waited`;
    default:
      return `${would}; ${reason.replaceAll("_", " ")}`;
  }
}

/** `silence S-12 (version 2) until …, and is told of in a digest then`. */
function silenceText(delivery: DeliveryDetail, context: DeliveryContext): string {
  const { cause, hold, held_until } = delivery;
  const silence = context.silences.find(({ id }) => id === cause);
  const step = context.trace.findLast(({ reason, values }) => {
    return reason === "silence" && values["silence"] === cause;
  });
  const version = step?.values["version"] ?? silence?.version;
  const name = `silence ${say(cause)}${version === undefined ? "" : ` (version ${say(version)})`}`;
  if (hold === null) return `${name}${endText(step?.values["until"], silence, context)}`;
  if (held_until === null) return `${name}, which has no end; told of in a digest when it is ended`;
  return `${name} until ${sayTime(held_until)}, and is told of in a digest then`;
}

function endText(until: unknown, silence: Silence | undefined, { now }: DeliveryContext): string {
  const ended = silence ? endsAt(silence) : Number.POSITIVE_INFINITY;
  if (ended <= now) return `, which ended ${sayTime(ended)}; it is not told of`;
  return typeof until === "string" ? ` until ${sayTime(until)}; it is not told of then` : "";
}

function deadText(delivery: DeliveryDetail): string {
  const { id, destination, reason, attempt_count, last_error } = delivery;
  const error = last_error === null ? "" : `: ${say(last_error)}`;
  return `${what(delivery)} was given up for ${destination} after ${attempt_count === 1 ? "1 try" : `${attempt_count} tries`} (${reason}${error}); again with: tocsin dead replay ${id}`;
}
