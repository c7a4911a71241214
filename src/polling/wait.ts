/** Waiting on a clock, cut short when what waits is to stop. */
import { TocsinError } from "../errors.ts";
import type { Clock } from "../telemetry/clock.ts";

/** How long to wait for room when nobody says, in milliseconds. */
const DEFAULT_RETRY_MS = 10_000;

/** Resolves after so many milliseconds, or when the signal is aborted; never rejects. */
export function waitOn(clock: Clock, duration: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      signal.removeEventListener("abort", end);
      resolve();
    };
    const cancel = clock.at(clock.now() + duration, end);
    signal.addEventListener("abort", end);
  });
}

/** Where the intake says whether it can take more. */
export interface Room {
  /** Throws OVERLOADED, with `data.retry_after` in seconds, while it cannot. */
  checkRoom(): void;
  readonly clock: Clock;
}

/**
 * Resolves when there is room, or when the signal is aborted. `onBlocked` is told each time that there
 * is none. Rejects with what else `checkRoom` throws.
 */
export async function waitForRoom(
  { checkRoom, clock }: Room,
  signal: AbortSignal,
  onBlocked: (error: TocsinError) => Promise<void> | void = () => {},
): Promise<void> {
  while (!signal.aborted) {
    try {
      return checkRoom();
    } catch (error) {
      if (!(error instanceof TocsinError) || error.code !== "OVERLOADED") throw error;
      await onBlocked(error);
      await waitOn(clock, retryAfterOf(error), signal);
    }
  }
}

function retryAfterOf({ data }: TocsinError): number {
  const seconds = data?.["retry_after"];
  return typeof seconds === "number" ? seconds * 1000 : DEFAULT_RETRY_MS;
}
