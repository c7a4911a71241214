/**
 * The message as JSON in so many bytes: valid whatever is cut. Texts become shorter and lists lose their
 * end until it fits; `truncated` says so. It is ASCII, so that no byte order mark has to stand in front.
 */
import type { Message } from "../destination.ts";
import { messageJson } from "../message-json.ts";
import type { Words } from "./render.ts";

/** Entries of each list that are tried, one after the other. */
const LISTS = [1000, 100, 20, 5, 1];
/** A text with fewer characters says nothing: then rather fewer entries. */
const SHORT = 64;
/** Ids and numbers of alerts are whole in as many. */
const SHORTEST = 26;

/** Halves of characters, which many parsers refuse. */
const UNPAIRED = /\p{Surrogate}/gu;

interface Body {
  readonly key: string;
  /** It is already less than the whole. */
  readonly truncated?: true;
}

/** JSON of the message in at most `room` bytes, of which some 650 are needed. Its key is never cut. */
export function jsonWithin(message: Message, room: number, words: Words): string {
  const whole = { ...messageJson(message), ...words };
  for (const [body, shortest] of [
    [whole, SHORT],
    [{ ...whole, ...essence(message), truncated: true }, SHORTEST],
  ] as const) {
    for (const entries of LISTS) {
      const fitting = longestWithin(body, entries, shortest, room);
      if (fitting !== undefined) return fitting;
    }
  }
  return asciiJson({ key: message.key, truncated: true });
}

/** Of a message that does not fit otherwise, what must not be missing. */
function essence({ alert, digest, case: brief }: Message) {
  const { id, number, title, severity, status, source, rule, received_at, count } = alert;
  const named = { source: { name: source.name }, rule: { name: rule.name } };
  return {
    alert: { id, number, title, severity, status, ...named, received_at, count },
    ...(brief ? { case: { id: brief.id } } : {}),
    ...(digest ? { digest: { ...digest, rules: [], hosts: [], alerts: [] } } : {}),
  };
}

/** The longest that fits, found by halving how long its texts may be. */
function longestWithin(body: Body, entries: number, shortest: number, room: number) {
  const attempt = (length: number) => {
    const text = asciiJson(shorten(body, length, entries));
    return text.length <= room ? text : undefined;
  };
  const whole = attempt(room);
  if (whole !== undefined) return whole;
  let best = attempt(shortest);
  for (let low = shortest, high = room; best !== undefined && high - low > 1;) {
    const middle = Math.floor((low + high) / 2);
    const found = attempt(middle);
    if (found === undefined) high = middle;
    else [best, low] = [found, middle];
  }
  return best;
}

function shorten(body: Body, length: number, entries: number): object {
  let isCut = false;
  const walk = (value: unknown): unknown => {
    if (typeof value === "string") {
      const isWhole = value.length <= length;
      isCut ||= !isWhole;
      return (isWhole ? value : `${value.slice(0, length - 3)}...`).replace(UNPAIRED, "\ufffd");
    }
    if (Array.isArray(value)) {
      isCut ||= value.length > entries;
      return value.slice(0, entries).map(walk);
    }
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, walk(each)]));
  };
  const shortened = { ...(walk(body) as object), key: body.key };
  return isCut || body.truncated ? { ...shortened, truncated: true } : shortened;
}

function asciiJson(value: object): string {
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
