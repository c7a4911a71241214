/**
 * What a source is. A source turns the bytes of a receipt into events at the edge (`decode`) and,
 * later and elsewhere, an event into an alert (`normalise`). Both are pure and throw only for
 * bugs: input that cannot be understood is a `rejected` item, not an exception.
 */
import { z } from "zod";
import type { AlertContent } from "../alert/schema.ts";
import type { JsonObject, JsonValue } from "../receipt/json.ts";
import type { Feed, FeedContext } from "./feed.ts";

export type { JsonObject, JsonValue } from "../receipt/json.ts";

/** Why a receipt that was read holds no event. */
export const EMPTY_REASONS = ["no_hits", "recovered", "empty_array", "test_message"] as const;
export type EmptyReason = (typeof EMPTY_REASONS)[number];

/** Why an item could not become an event. */
export const REJECT_REASONS = [
  "unreadable",
  "template_error",
  "not_an_object",
  "not_an_alert",
  "too_deep",
] as const;
export type RejectReason = (typeof REJECT_REASONS)[number];

/** One alert-bearing item, ready to be appended to the stream. */
export interface DecodedEvent {
  /** The rule that raised it, as the vendor names it. */
  readonly stream: string;
  /**
   * Its identity, `scheme:value` (`kibana.alert.uuid:…`, `es:index/id`, `splunk:sid/rowhash`);
   * null when the item carries none: then its hash within a window identifies it.
   */
  readonly key: string | null;
  /** What `normalise` will read, one JSON object. */
  readonly document: JsonObject;
  /**
   * Which state of the thing that `key` names this is, for vendors that rewrite a document as it
   * changes; null for the state in which it begins. Where the key is known already, the event is
   * another one, with the key `key@version`.
   */
  readonly version?: string | null;
  /** It can only change what is known: of a feed it is left out where its key is not. */
  readonly onlyKnown?: boolean;
  /** Repairs specific to this item. */
  readonly repaired?: readonly string[];
}

export interface RejectedItem {
  readonly reason: RejectReason;
  readonly detail: string;
  /** The part that could not be understood, as it came. */
  readonly bytes: Uint8Array;
  /** Its identity, where it has one; otherwise its hash within a window identifies it. */
  readonly key?: string | null;
}

export interface Decoded {
  readonly events: readonly DecodedEvent[];
  readonly rejected: readonly RejectedItem[];
  /** Set when there is neither an event nor a rejected item. */
  readonly empty?: EmptyReason;
}

export interface DecodeContext<Config> {
  readonly config: Config;
  readonly name: string;
}

export interface SourceEvent {
  readonly stream: string;
  readonly document: JsonObject;
  /** Epoch milliseconds. */
  readonly received_at: number;
  readonly repaired: readonly string[];
}

export interface NormaliseContext<Config> {
  readonly config: Config;
  readonly name: string;
  readonly kind: string;
}

/** An alert and, for vendors that re-post one object as it changes, what it is an update of. */
export interface Normalised {
  readonly alert: AlertContent;
  /**
   * Identity of the thing at the vendor that several events speak of (a Superna event id). The
   * first opens an alert, later ones update it and are not sent again where it was sent already.
   */
  readonly subject?: string | undefined;
  /**
   * Key of the event that opened the alert which this one is a later state of; its own key when it is
   * the first. For events with versions, in the place of a subject.
   */
  readonly updates?: string | undefined;
  /** Of a match over several events, their ids. */
  readonly parts?: readonly string[] | undefined;
}

export interface SourceDefinition<Config = unknown> {
  readonly kind: string;
  readonly vendor: string;
  readonly summary: string;
  /** The settings of this kind only; those common to all sources are added by the configuration. */
  readonly config: z.ZodType<Config>;
  /**
   * Member of its samples that names the subject they tell of, where there is one: a test event needs a
   * value of its own there, or it is taken for news of the one before.
   */
  readonly subjectMember?: string;
  /**
   * Status of the answer to a sender that is over its rate, where its kind would give up on the usual
   * 429 and comes back after this one.
   */
  readonly busyStatus?: 503;
  /** Of a source that is read from rather than sent to: opens what it reads. Sends nothing yet. */
  open?(config: Config, context: FeedContext): Feed;
  /**
   * One parsed top-level document of a body (top-level arrays are already taken apart), or one item
   * of a feed; events of a feed need a key.
   */
  decode(document: JsonValue, context: DecodeContext<Config>): Decoded;
  normalise(event: SourceEvent, context: NormaliseContext<Config>): Normalised;
}

/** Identity function that fixes the types of a definition. */
export function defineSource<Config>(
  definition: SourceDefinition<Config>,
): SourceDefinition<Config> {
  return definition;
}
