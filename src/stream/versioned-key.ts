import { createHash } from "node:crypto";

/** As long as a key may be anywhere. */
const LONGEST_KEY = 256;

/**
 * The key of a state of what `key` names: `key@version`, or `scheme:sha256-…` of that where it would
 * be longer than 256 characters. Both parts are bounded and free of control characters already.
 */
export function versionedKey(key: string, version: string): string {
  const whole = `${key}@${version}`;
  if (whole.length <= LONGEST_KEY) return whole;
  const scheme = /^[\w.-]{1,64}(?=:)/.exec(key)?.[0] ?? "key";
  return `${scheme}:sha256-${createHash("sha256").update(whole).digest("hex")}`;
}
