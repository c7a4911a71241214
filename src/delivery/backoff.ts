/** When a delivery that failed is tried again. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Pauses after the first, second … failed try; the last one repeats. */
export const RETRY_PAUSES: readonly number[] = [
  5 * SECOND,
  30 * SECOND,
  2 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  60 * MINUTE,
];

/** How far a pause is moved at random, so that many deliveries do not come back at once. */
const JITTER = 0.2;

/**
 * Milliseconds to wait after a failed try.
 * @param failures tries that failed so far, at least 1
 * @param random from 0 to 1
 * @param asked what the peer asked to wait (`Retry-After`), never undercut
 */
export function retryPause(failures: number, random: number, asked?: number): number {
  const index = Math.min(failures, RETRY_PAUSES.length) - 1;
  const pause = RETRY_PAUSES[index] ?? MINUTE;
  const moved = pause * (1 - JITTER + 2 * JITTER * random);
  return Math.round(Math.max(moved, asked ?? 0));
}
