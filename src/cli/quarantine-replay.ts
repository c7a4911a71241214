/** Replaying from quarantine on the files of the data folder, beside a server or without one. */
import type { Configuration } from "../app/configuration.ts";
import type { TakenEvent } from "../app/intake.ts";
import type { DataPaths } from "../app/paths.ts";
import { findReplayable, replayEntry, resolutionOf } from "../app/replay.ts";
import { idOf } from "../ledger/names.ts";
import { resolveQuarantine } from "../store/sqlite/admin.ts";
import { openSqliteStream } from "../stream/sqlite/stream.ts";
import { changeStore, withLedger } from "./data.ts";

export interface ReplayRequest {
  readonly id: string;
  /** What is read instead of the bytes that were kept. */
  readonly repaired: Uint8Array | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * Takes an item in again and marks it as resolved. Throws NOT_FOUND or CONFLICT when it cannot be
 * replayed, BODY_UNREADABLE when it still cannot be read; then nothing is changed. A crash between
 * the two steps leaves it open; replaying it again then changes nothing but that, for the keys are
 * known.
 */
export async function replayQuarantined(
  paths: DataPaths,
  configuration: Configuration,
  { id, repaired, now }: ReplayRequest,
): Promise<{ readonly id: string; readonly events: readonly TakenEvent[] }> {
  const entry = await withLedger(
    paths,
    () => now,
    (ledger) => findReplayable(ledger, id, repaired),
  );
  const stream = openSqliteStream(paths.stream);
  try {
    const { events } = await replayEntry(stream, configuration, { entry, repaired, now });
    const resolution = resolutionOf(events);
    changeStore(paths, (database) => resolveQuarantine(database, entry.position, resolution, now));
    return { id: idOf(entry), events };
  } finally {
    await stream.close();
  }
}
