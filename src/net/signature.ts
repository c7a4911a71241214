/** HMAC signatures of webhooks: made for outgoing ones, checked on incoming ones. */
import { createHmac, timingSafeEqual } from "node:crypto";

/** Standard Webhooks marks a base64 secret with this. */
const SECRET_PREFIX = "whsec_";

export interface StandardWebhook {
  /** `whsec_` and base64, or any other text taken as bytes. */
  readonly secret: string;
  /** The value of `webhook-id`; constant over retries. */
  readonly id: string;
  /** The value of `webhook-timestamp`, in unix seconds; renewed with every attempt. */
  readonly timestamp: number;
  readonly body: string | Uint8Array;
}

/**
 * The value of `webhook-signature`: `v1,` and the base64 HMAC-SHA256 of `id.timestamp.body`
 * (Standard Webhooks, https://github.com/standard-webhooks/standard-webhooks, spec).
 */
export function signStandardWebhook(webhook: StandardWebhook): string {
  const hmac = createHmac("sha256", standardKey(webhook.secret));
  hmac.update(`${webhook.id}.${webhook.timestamp}.`).update(webhook.body);
  return `v1,${hmac.digest("base64")}`;
}

export interface SignatureOptions {
  /**
   * `plain`: the HMAC of the body, or of `timestamp.body` where a timestamp is asked for.
   * `standard-webhooks`: HMAC-SHA256 of `id.timestamp.body` with a list of signatures.
   */
  readonly scheme: "plain" | "standard-webhooks";
  readonly secret: string;
  /** The header values as they came; undefined where the header is missing. */
  readonly headers: {
    readonly signature: string | undefined;
    readonly id?: string | undefined;
    /** Unix seconds. */
    readonly timestamp?: string | undefined;
  };
  /** `plain` only. Default sha256. */
  readonly algorithm?: "sha1" | "sha256" | "sha512" | undefined;
  /** `plain` only. Default hex. */
  readonly encoding?: "hex" | "base64" | undefined;
  /** `plain` only: what stands before the signature in its header, as `sha256=`. */
  readonly prefix?: string | undefined;
  /** How far the timestamp may be from now, in ms. `plain` without it has no timestamp. */
  readonly tolerance_ms?: number | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
}

export type SignatureRefusal =
  | "signature_missing"
  | "signature_malformed"
  | "signature_mismatch"
  | "id_missing"
  | "timestamp_missing"
  | "timestamp_malformed"
  | "timestamp_outside_tolerance";

export type SignatureCheck =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: SignatureRefusal };

/** The libraries of Standard Webhooks allow five minutes. */
const DEFAULT_TOLERANCE = 5 * 60_000;

/** Checks the signature of a request in constant time over the raw bytes of its body. */
export function verifySignature(options: SignatureOptions, body: Uint8Array): SignatureCheck {
  const reason =
    options.scheme === "plain" ? checkPlain(options, body) : checkStandard(options, body);
  return reason === undefined ? { ok: true } : { ok: false, reason };
}

function checkPlain(options: SignatureOptions, body: Uint8Array): SignatureRefusal | undefined {
  const { signature, timestamp } = options.headers;
  if (signature === undefined) return "signature_missing";
  const prefix = options.prefix ?? "";
  if (!signature.startsWith(prefix)) return "signature_malformed";
  const given = decodeDigest(signature.slice(prefix.length).trim(), options.encoding ?? "hex");
  if (!given) return "signature_malformed";
  const hmac = createHmac(options.algorithm ?? "sha256", options.secret);
  if (options.tolerance_ms !== undefined) hmac.update(`${timestamp}.`);
  if (!sameBytes(given, hmac.update(body).digest())) return "signature_mismatch";
  // After the signature: a forger learns nothing about the clock.
  return options.tolerance_ms === undefined ? undefined : checkTime(options, options.tolerance_ms);
}

function checkStandard(options: SignatureOptions, body: Uint8Array): SignatureRefusal | undefined {
  const { signature, id, timestamp } = options.headers;
  if (signature === undefined) return "signature_missing";
  if (!id) return "id_missing";
  if (timestamp === undefined) return "timestamp_missing";
  const given = signature.split(" ").flatMap(readVersion1);
  if (given.length === 0) return "signature_malformed";
  const hmac = createHmac("sha256", standardKey(options.secret));
  const wanted = hmac.update(`${id}.${timestamp}.`).update(body).digest();
  if (!given.some((digest) => sameBytes(digest, wanted))) return "signature_mismatch";
  return checkTime(options, options.tolerance_ms ?? DEFAULT_TOLERANCE);
}

/** The digest of one entry of the list; entries of other versions are none of ours. */
function readVersion1(entry: string): Buffer[] {
  if (!entry.startsWith("v1,")) return [];
  const digest = decodeDigest(entry.slice("v1,".length), "base64");
  return digest ? [digest] : [];
}

function checkTime(options: SignatureOptions, tolerance: number): SignatureRefusal | undefined {
  const { timestamp } = options.headers;
  if (timestamp === undefined) return "timestamp_missing";
  if (!/^\d{1,12}$/.test(timestamp)) return "timestamp_malformed";
  const distance = Math.abs(options.now - Number(timestamp) * 1000);
  return distance > tolerance ? "timestamp_outside_tolerance" : undefined;
}

function decodeDigest(text: string, encoding: "hex" | "base64"): Buffer | undefined {
  const pattern = encoding === "hex" ? /^([0-9a-f]{2})+$/i : /^[A-Za-z0-9+/]+={0,2}$/;
  return pattern.test(text) ? Buffer.from(text, encoding) : undefined;
}

function sameBytes(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function standardKey(secret: string): Buffer {
  return secret.startsWith(SECRET_PREFIX)
    ? Buffer.from(secret.slice(SECRET_PREFIX.length), "base64")
    : Buffer.from(secret, "utf8");
}
