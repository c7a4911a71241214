/** The quarantine: what could not be understood, with its bytes and the reason. */
import { z } from "zod";
import type { LogEntry, Position } from "../pipeline/entry.ts";
import { readEntry } from "../stream/sqlite/reader.ts";
import { getCursor } from "../store/sqlite/meta.ts";
import type { LedgerFiles } from "./files.ts";
import { idOf, notFound, positionOfName } from "./names.ts";
import { listSchema, type List, type Page } from "./page.ts";
import { scan } from "./scan.ts";
import { timeSchema, toTime, toTimeOrNull } from "./time.ts";

export const QUARANTINE_STATES = ["open", "resolved", "all"] as const;

export const quarantinedSchema = z
  .object({
    id: z.string().describe("The `quarantine_id` that the sender was told."),
    position: z.number().int(),
    source: z.string(),
    kind: z.string().nullable(),
    reason: z.string(),
    detail: z.string(),
    size: z.number().int().describe("Bytes."),
    received_at: timeSchema,
    resolved_at: timeSchema.nullable(),
    resolution: z.string().nullable().describe("`replayed`, `dismissed`; null while open."),
  })
  .meta({ id: "Quarantined" });
export type Quarantined = z.infer<typeof quarantinedSchema>;
export const quarantineListSchema = listSchema("QuarantineList", quarantinedSchema);

export const quarantinedDetailSchema = quarantinedSchema
  .extend({
    bytes: z.base64().nullable().describe("As they came; null once retention has taken them."),
    text: z.string().nullable().describe("The beginning of them, read as UTF-8."),
    receipt: z
      .object({
        id: z.number().int(),
        via: z.string().describe("How the sender authenticated."),
        items: z.number().int(),
        headers: z.record(z.string(), z.string()).nullable().describe("Secrets removed."),
      })
      .nullable(),
  })
  .meta({ id: "QuarantinedDetail" });
export type QuarantinedDetail = z.infer<typeof quarantinedDetailSchema>;

/** Which items are wanted; all conditions must hold. */
export interface QuarantineQuery extends Page {
  /** `open` by default. */
  readonly state?: (typeof QUARANTINE_STATES)[number] | undefined;
  readonly source?: string | undefined;
}

/** What the store says of an item, or the stream of one that is not decided yet. */
interface Row {
  readonly position: number;
  readonly source: string;
  readonly received_at: number;
  readonly reason: string;
  readonly detail: string | null;
  readonly resolved_at: number | null;
  readonly resolution: string | null;
}

const WINDOW = 5000;
const BOUND = 500_000;
/** Characters of the text that is shown beside the bytes. */
const TEXT_LENGTH = 4096;

/** A page of the quarantine. Throws REQUEST_INVALID. */
export async function listQuarantine(
  files: LedgerFiles,
  query: QuarantineQuery,
): Promise<List<Quarantined>> {
  const cursor = getCursor(files.store);
  return scan<Row, Quarantined>({
    list: "quarantine",
    page: query,
    range: rangeOf(files),
    window: WINDOW,
    bound: BOUND,
    read: (low, high) => [
      ...readDecided(files, query, low, Math.min(high, cursor)),
      ...(query.state === "resolved" ? [] : readUndecided(files, Math.max(low, cursor + 1), high)),
    ],
    keyOf: (row) => row.position,
    pick: (row) =>
      query.source === undefined || query.source === row.source
        ? toQuarantined(files, row)
        : undefined,
  });
}

/** One item with its bytes. Throws NOT_FOUND. */
export function getQuarantined(files: LedgerFiles, id: string): QuarantinedDetail {
  const position = positionOfName(files, id);
  const all = { state: "all" } as const;
  const row =
    readDecided(files, all, position, position)[0] ?? readUndecided(files, position, position)[0];
  if (!row) throw notFound(`${id} in the quarantine`);
  const body = findBody(files, position);
  return {
    ...toQuarantined(files, row),
    bytes: body && Buffer.from(body).toString("base64"),
    text: body && new TextDecoder().decode(body.subarray(0, TEXT_LENGTH * 4)).slice(0, TEXT_LENGTH),
    receipt: findReceipt(files, position),
  };
}

/**
 * The entry of an item, for replaying it. Throws NOT_FOUND when it is not in quarantine or its
 * bytes are gone.
 */
export function getQuarantinedEntry(files: LedgerFiles, id: string): LogEntry {
  const { position, bytes } = getQuarantined(files, id);
  const entry = readEntry(files.stream, position as Position);
  if (entry && bytes !== null) return entry;
  throw notFound(`bytes of ${id}`, "Retention has taken them.");
}

function readDecided(
  files: LedgerFiles,
  { state = "open" }: QuarantineQuery,
  low: number,
  high: number,
): Row[] {
  const condition = {
    open: "AND resolved_at IS NULL",
    resolved: "AND resolved_at NOT NULL",
    all: "",
  };
  return files.store.all<Row>(
    `SELECT position, source, received_at, reason, detail, resolved_at, resolution FROM events
     WHERE position BETWEEN ? AND ? AND outcome = 'quarantined' ${condition[state]}
     ORDER BY position`,
    low,
    high,
  );
}

/** What the edge put aside a moment ago, or while the pipeline stood still. */
function readUndecided(files: LedgerFiles, low: number, high: number): Row[] {
  return files.stream.all<Row>(
    `SELECT position, source, received_at, reason, detail, NULL AS resolved_at, NULL AS resolution
     FROM entries WHERE position BETWEEN ? AND ? AND reason IS NOT NULL ORDER BY position`,
    low,
    high,
  );
}

function toQuarantined(files: LedgerFiles, row: Row): Quarantined {
  const { position, source, received_at, reason, detail } = row;
  const entry = files.stream.get<{ key: string; kind: string; size: number | null }>(
    "SELECT key, kind, length(body) AS size FROM entries WHERE position = ?",
    position,
  );
  return {
    id: idOf({ received_at, key: entry?.key ?? null, position }),
    position,
    source,
    kind: entry?.kind ?? null,
    reason,
    detail: detail ?? "",
    size: entry?.size ?? 0,
    received_at: toTime(received_at),
    resolved_at: toTimeOrNull(row.resolved_at),
    resolution: row.resolution,
  };
}

function findBody(files: LedgerFiles, position: number): Uint8Array | null {
  const sql = "SELECT body FROM entries WHERE position = ?";
  return files.stream.get<{ body: Uint8Array | null }>(sql, position)?.body ?? null;
}

function findReceipt(files: LedgerFiles, position: number): QuarantinedDetail["receipt"] {
  const row = files.stream.get<{ id: number; via: string; items: number; headers: string | null }>(
    `SELECT id, via, items, headers FROM receipts
     WHERE id = (SELECT receipt FROM entries WHERE position = ?)`,
    position,
  );
  if (!row) return null;
  return { ...row, headers: row.headers === null ? null : JSON.parse(row.headers) };
}

function rangeOf(files: LedgerFiles) {
  const low = files.store.get<{ low: number | null }>("SELECT min(position) AS low FROM events");
  const high = files.stream.get<{ high: number | null }>(
    "SELECT max(position) AS high FROM entries",
  );
  const top = Math.max(high?.high ?? 0, getCursor(files.store));
  return top === 0 ? null : { low: low?.low ?? 1, high: top };
}
