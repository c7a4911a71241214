/** Keys: the identity of what became or may become an alert. */
import { createHash } from "node:crypto";

/** As long as a key of Tocsin's own may be. */
const LONGEST_KEY = 256;

/**
 * The key itself, or `scheme:sha256-…` of it when it is longer than `longest` characters (256 unless given)
 * or holds control characters.
 */
export function boundKey(key: string, longest = LONGEST_KEY): string {
  if (key.length <= longest && !/\p{Cc}/u.test(key)) return key;
  const scheme = /^[\w.-]{1,64}(?=:)/.exec(key)?.[0] ?? "key";
  return `${scheme}:sha256-${createHash("sha256").update(key).digest("hex")}`;
}

/** The key of a state of what `key` names: `key@version`, bounded as every key. */
export function versionedKey(key: string, version: string): string {
  return boundKey(`${key}@${version}`);
}
