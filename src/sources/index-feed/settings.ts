import type { JsonObject } from "../../receipt/json.ts";

/** One time field that is read in order. */
export interface Track {
  /** Names its mark in the cursor; letters. */
  readonly name: string;
  /** A date field; an index that does not have it has nothing to read on this track. */
  readonly field: string;
  readonly filter?: readonly JsonObject[];
  /** Only documents that were created since the feed's origin, and not long ago. */
  readonly since?: "origin";
}

/** What a feed over indices reads, and how. Times and durations are milliseconds. */
export interface IndexFeedSettings {
  /** A cluster's name in the configuration. */
  readonly cluster: string;
  /** An index, an alias, a data stream, or several with commas and `*`. */
  readonly index: string;
  /** Documents for each page. */
  readonly size: number;
  /** How much later than its time a document may become visible and is still found by polling. */
  readonly overlap: number;
  /** What is younger is left to the next poll: the index may still be taking it in. */
  readonly settle: number;
  /** Where the first poll begins; null for the moment of the first poll. */
  readonly startTime: StartTime | null;
  /** Whether documents are deleted when they are durable here. */
  readonly consume: "keep" | "delete";
  /** Whether documents without the time of the first track are read too. */
  readonly timeless: boolean;
  /** The first says when a document was created. */
  readonly tracks: readonly Track[];
  /** Conditions on every document, in the cluster's query language. */
  readonly filter: readonly JsonObject[];
  /** The fields that key and stream of a document are made of; null when it takes all of it. */
  readonly identityFields: readonly string[] | null;
}

export type StartTime =
  | { readonly kind: "at"; readonly time: number }
  | { readonly kind: "ago"; readonly duration: number };
