/** Waits until nothing is left to do for now. */
import { setTimeout as pause } from "node:timers/promises";

const LOOK_AGAIN_MS = 20;

export interface Drain {
  /** Whether all that is in the stream is decided. */
  isDecided(): boolean;
  /** Whether nothing is being decided or sent, or about to be. */
  isIdle(): Promise<boolean>;
}

/**
 * Resolves when the stream is decided and no delivery is under way or due. What waits for its next try,
 * for a timer, or for a destination that is down is not waited for.
 */
export async function drained({ isDecided, isIdle }: Drain): Promise<void> {
  while (!(isDecided() && (await isIdle()))) await pause(LOOK_AGAIN_MS);
}
