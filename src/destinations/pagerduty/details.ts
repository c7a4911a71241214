/** The details of an event: what responders read, and what rules of PagerDuty can look at. */
import type { Message } from "../destination.ts";
import { artifactLines, factsOf } from "../facts.ts";
import { jsonBytes } from "../fit.ts";
import { clip, clipList, manyLines, oneLine } from "../text.ts";
import { alertLine, originOf } from "../words.ts";

/** Texts and lists of texts by name. */
export type Details = Readonly<Record<string, string | readonly string[]>>;

/** What is left of a detail when the event is too large. */
const SHORT_TEXT = 2000;
const SHORT_LIST = 10;

/** Everything that is known of a message; `text` stands in the place of reason and description. */
export function detailsOf(message: Message, text: string | undefined): Details {
  const { alert, digest } = message;
  const facts = factsOf(message).map(({ label, values }) => [
    label.toLowerCase(),
    values.join(", "),
  ]);
  return {
    ...(Object.fromEntries(facts) as Record<string, string>),
    ...(text === undefined ? textsOf(message) : { text: manyLines(text) }),
    ...(digest ? {} : { artifacts: artifactLines(alert.artifacts), tags: alert.tags.map(oneLine) }),
    ...(digest
      ? { "first alerts": clipList(digest.alerts, digest.alerts.length, alertLine, digest.total) }
      : {}),
    origin: originOf(message),
  };
}

function textsOf({ alert, digest }: Message): Record<string, string> {
  if (digest) return {};
  const { reason, description } = alert;
  return {
    ...(reason ? { reason: manyLines(reason) } : {}),
    ...(description && description !== reason ? { description: manyLines(description) } : {}),
  };
}

/** Anything that holds details. */
interface Holder {
  readonly payload: { readonly custom_details: Details };
}

/**
 * The event with its largest details shortened, the largest first, until it has at most `max` bytes as
 * JSON. Shortened, all of them together have far less.
 */
export function fitDetails<T extends Holder>(event: T, max: number): T {
  const details = event.payload.custom_details;
  const bySize = Object.entries(details).toSorted(([, a], [, b]) => jsonBytes(b) - jsonBytes(a));
  return bySize.reduce((fitted, [name, value]) => {
    return jsonBytes(fitted) <= max ? fitted : withDetail(fitted, name, shorten(value));
  }, event);
}

function withDetail<T extends Holder>(event: T, name: string, value: Details[string]): T {
  const custom_details = { ...event.payload.custom_details, [name]: value };
  return { ...event, payload: { ...event.payload, custom_details } };
}

function shorten(value: Details[string]): Details[string] {
  return typeof value === "string"
    ? clip(value, SHORT_TEXT)
    : clipList(value, SHORT_LIST, (each) => clip(each, SHORT_TEXT));
}
