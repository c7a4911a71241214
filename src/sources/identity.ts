import { createHash } from "node:crypto";
import { boundKey } from "../alert/key.ts";
import { canonicalJson } from "../receipt/canonical.ts";
import type { DecodedEvent } from "./source.ts";

/** Who an event is: seeing the same key again is not a new event. */
export interface EventIdentity {
  /** `scheme:value`, at most 256 characters, none of them a control character. */
  readonly key: string;
  /**
   * Milliseconds from the first sighting within which the key stands for the same event; null
   * when it does so for ever.
   */
  readonly window: number | null;
  /** Which state of what the key names this is; null for the first, and where that is not known. */
  readonly version: string | null;
}

/** Where an event stands: its source, its receipt, and the receipt's idempotency header. */
export interface IdentityContext {
  /** The source's name in the configuration. */
  readonly source: string;
  /** The value of an explicit idempotency header; empty counts as none. */
  readonly idempotencyKey?: string | undefined;
  /** Position of the event in its receipt, from 0. */
  readonly index: number;
  /** How many events the receipt has. */
  readonly count: number;
}

/**
 * Kibana retries an action after 30 s and again after about 5 min, with identical bytes
 * (elastic/kibana, task_manager/server/task_running); the window covers both with room to spare.
 */
export const HASH_WINDOW_MS = 15 * 60_000;
const LONGEST_VERSION = 80;

/**
 * The identity of an event, first that applies: the idempotency header, the key its source found
 * in it, the hash of its document within 15 minutes. A version belongs to the source's key.
 */
export function identify(event: DecodedEvent, context: IdentityContext): EventIdentity {
  const header = context.idempotencyKey?.trim() ?? "";
  if (header !== "") {
    const suffix = context.count > 1 ? `#${context.index}` : "";
    const key = boundKey(`header:${context.source}:${header}${suffix}`);
    return { key, window: null, version: null };
  }
  if (event.key !== null) {
    const version = event.version ?? null;
    const bounded = version === null ? null : boundVersion(version);
    return { key: boundKey(event.key), window: null, version: bounded };
  }
  const hash = sha256(canonicalJson(event.document));
  const key = boundKey(`sha256:${context.source}:${hash}`);
  return { key, window: HASH_WINDOW_MS, version: null };
}

/** The version itself, or its hash when it is too long or holds control characters. */
function boundVersion(version: string): string {
  return version.length <= LONGEST_VERSION && !/\p{Cc}/u.test(version) ? version : sha256(version);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
