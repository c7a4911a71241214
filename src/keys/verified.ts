/**
 * Remembers for a moment which keys were right: senders come often, and always with the same key.
 * A key that is revoked is refused at the latest when that moment is over.
 */
import type { Verification } from "./keys.ts";

const MOMENT_MS = 1000;
const MOST = 1000;

/** `verify` with a memory. Only keys that are right are remembered, so guessing fills nothing. */
export function rememberVerified(
  verify: (presented: string) => Verification,
  now: () => number,
): (presented: string) => Verification {
  const verified = new Map<
    string,
    { readonly verification: Verification; readonly until: number }
  >();
  return (presented) => {
    const known = verified.get(presented);
    if (known && now() < known.until) return known.verification;
    const verification = verify(presented);
    if (verified.size >= MOST) verified.clear();
    if (verification.ok) verified.set(presented, { verification, until: now() + MOMENT_MS });
    else verified.delete(presented);
    return verification;
  };
}
