/** Whether a request comes from Slack. https://docs.slack.dev/authentication/verifying-requests-from-slack */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { CallbackRequest } from "../callback.ts";

/** How far Slack's clock may be from ours, in seconds, either way: an old request is a repeated one. */
const TOLERANCE = 300;

export type SignatureFlaw =
  | "signature_missing"
  | "timestamp_missing"
  | "timestamp_malformed"
  | "signature_mismatch"
  | "timestamp_outside_tolerance";

/**
 * What is wrong with a request's signature, `v0=` and the hex HMAC-SHA256 of `v0:timestamp:body` over
 * the bytes as they came; undefined when nothing is.
 */
export function findFlaw(
  secret: string,
  { headers, body, now }: CallbackRequest,
): SignatureFlaw | undefined {
  const signature = headers["x-slack-signature"];
  const timestamp = headers["x-slack-request-timestamp"];
  if (!signature) return "signature_missing";
  if (!timestamp) return "timestamp_missing";
  if (!/^\d{1,12}$/.test(timestamp)) return "timestamp_malformed";
  const hmac = createHmac("sha256", secret).update(`v0:${timestamp}:`).update(body);
  if (!isSame(signature, `v0=${hmac.digest("hex")}`)) return "signature_mismatch";
  // After the signature: a forger learns nothing about the clock.
  const distance = Math.abs(now / 1000 - Number(timestamp));
  return distance > TOLERANCE ? "timestamp_outside_tolerance" : undefined;
}

/** Takes as long wherever the difference is. */
function isSame(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}
