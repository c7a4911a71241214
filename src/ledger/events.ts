/** Events: what became of each entry of the stream. */
import { z } from "zod";
import { numberOf } from "../alert/id.ts";
import type { Outcome } from "../pipeline/outcome.ts";
import type { LedgerFiles } from "./files.ts";
import { idOf, notFound, positionOfName } from "./names.ts";
import { timeSchema, toTime } from "./time.ts";

/** What an event can come to; the order is that of tables. */
export const OUTCOMES = [
  "alert",
  "updated",
  "repeat",
  "duplicate",
  "quarantined",
] as const satisfies readonly Outcome["kind"][];

export const eventSchema = z
  .object({
    id: z.string(),
    position: z.number().int().describe("Place in the stream."),
    key: z.string().nullable().describe("Its identity; null when the stream no longer has it."),
    source: z.string(),
    received_at: timeSchema,
    outcome: z
      .enum([...OUTCOMES, "in_flight"])
      .describe("`in_flight`: durable, and not decided yet."),
    reason: z.string().nullable(),
    detail: z.string().nullable(),
    alert: z.string().nullable().describe("Number of the alert that it opened or belongs to."),
    times: z.number().int().nullable().describe("How often its key has come, the first included."),
  })
  .meta({ id: "Event" });
export type EventRecord = z.infer<typeof eventSchema>;

interface EventRow {
  readonly position: number;
  readonly source: string;
  readonly received_at: number;
  readonly outcome: Exclude<EventRecord["outcome"], "in_flight">;
  readonly reason: string;
  readonly detail: string | null;
  readonly alert: number | null;
}

interface EntryRow {
  readonly position: number;
  readonly source: string;
  readonly received_at: number;
  readonly key: string;
}

/** Newest events of one alert that are shown; one that repeats for ever has no end of them. */
const MOST_EVENTS = 200;

/** The event with this id. Throws NOT_FOUND. */
export function getEvent(files: LedgerFiles, id: string): EventRecord {
  const event = findEvent(files, positionOfName(files, id));
  if (!event) throw notFound(`event ${id}`);
  return event;
}

/** What became of the entry at a position; undefined when neither file knows of it. */
export function findEvent(files: LedgerFiles, position: number): EventRecord | undefined {
  // The outcome first: an entry that is decided between the two reads is then in flight, which it was.
  const event = files.store.get<EventRow>(
    `SELECT position, source, received_at, outcome, reason, detail, alert
     FROM events WHERE position = ?`,
    position,
  );
  const entry = findEntry(files, position);
  return event || entry ? describe(files, position, event, entry) : undefined;
}

/** The event that opened an alert, then the newest that updated or repeated it, the oldest first. */
export function listEventsOf(files: LedgerFiles, alert: number): EventRecord[] {
  const positions = files.store.all<{ position: number }>(
    `SELECT position FROM events
     WHERE alert = ? AND outcome IN ('updated', 'duplicate', 'repeat')
     ORDER BY position DESC LIMIT ${MOST_EVENTS}`,
    alert,
  );
  return [alert, ...positions.map(({ position }) => position).toReversed()].flatMap(
    (position) => findEvent(files, position) ?? [],
  );
}

function findEntry(files: LedgerFiles, position: number): EntryRow | undefined {
  return files.stream.get<EntryRow>(
    "SELECT position, source, received_at, key FROM entries WHERE position = ?",
    position,
  );
}

function describe(
  files: LedgerFiles,
  position: number,
  event: EventRow | undefined,
  entry: EntryRow | undefined,
): EventRecord {
  const key = entry?.key ?? null;
  const received_at = event?.received_at ?? entry?.received_at ?? 0;
  const alert = event?.alert ?? null;
  return {
    id: idOf({ received_at, key, position }),
    position,
    key,
    source: event?.source ?? entry?.source ?? "",
    received_at: toTime(received_at),
    outcome: event?.outcome ?? "in_flight",
    reason: event?.reason ?? null,
    detail: event?.detail ?? null,
    alert: alert === null ? null : numberOf(alert),
    times: countTimes(files, position),
  };
}

/** A key that came again after its window belongs to a later entry; this one's count is not known. */
function countTimes(files: LedgerFiles, position: number): number | null {
  const row = files.stream.get<{ times: number }>(
    `SELECT times FROM entries JOIN seen USING (digest)
     WHERE entries.position = ? AND seen.position = entries.position`,
    position,
  );
  return row?.times ?? null;
}
