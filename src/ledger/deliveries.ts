/** Lists deliveries, and shows one with its attempts. */
import { z } from "zod";
import { SEVERITIES, type Severity } from "../alert/severity.ts";
import { DELIVERY_STATES, type DeliveryState } from "../pipeline/outcome.ts";
import type { LedgerFiles } from "./files.ts";
import { notFound, positionOfName } from "./names.ts";
import { listSchema, type List, type Page } from "./page.ts";
import { scan } from "./scan.ts";
import { timeSchema, toTime, toTimeOrNull } from "./time.ts";

export const deliverySchema = z
  .object({
    id: z.number().int(),
    alert: z.object({
      id: z.string(),
      number: z.string(),
      title: z.string(),
      severity: z.enum(SEVERITIES),
    }),
    destination: z.string(),
    route: z.string().describe("The route that asked for it."),
    thread: z.string().nullable().describe("Deliveries of one thread are sent in order."),
    state: z.enum(DELIVERY_STATES),
    reason: z.string(),
    attempt_count: z.number().int(),
    last_error: z.string().nullable().describe("What the newest attempt failed with."),
    created_at: timeSchema,
    due_at: timeSchema.nullable().describe("When it is tried next; null unless pending."),
    done_at: timeSchema.nullable().describe("When it ended; null while pending."),
  })
  .meta({ id: "Delivery" });
export type DeliveryRecord = z.infer<typeof deliverySchema>;
export const deliveryListSchema = listSchema("DeliveryList", deliverySchema);

export const attemptSchema = z
  .object({
    number: z.number().int(),
    at: timeSchema,
    verdict: z.enum(["delivered", "retry", "reject"]),
    reason: z.string(),
    status: z.number().int().nullable().describe("HTTP status of the answer."),
    duration_ms: z.number().int(),
    error: z.string().nullable(),
  })
  .meta({ id: "Attempt" });
export type AttemptRecord = z.infer<typeof attemptSchema>;

export const deliveryDetailSchema = deliverySchema
  .extend({ attempts: z.array(attemptSchema) })
  .meta({ id: "DeliveryDetail" });
export type DeliveryDetail = z.infer<typeof deliveryDetailSchema>;

/** Which deliveries are wanted; all conditions must hold. */
export interface DeliveryQuery extends Page {
  readonly state?: DeliveryState | undefined;
  readonly destination?: string | undefined;
  /** Id or number of an alert. */
  readonly alert?: string | undefined;
}

interface Row {
  readonly id: number;
  readonly alert: number;
  readonly destination: string;
  readonly route: string;
  readonly thread: string | null;
  readonly state: DeliveryState;
  readonly reason: string;
  readonly due_at: number;
  readonly attempts: number;
  readonly created_at: number;
  readonly done_at: number | null;
}

const COLUMNS =
  "id, alert, destination, route, thread, state, reason, due_at, attempts, created_at, done_at";
const WINDOW = 1000;
const BOUND = 500_000;

/** A page of deliveries. Throws REQUEST_INVALID, and NOT_FOUND for an alert that is not there. */
export async function listDeliveries(
  files: LedgerFiles,
  query: DeliveryQuery,
): Promise<List<DeliveryRecord>> {
  if (query.alert !== undefined) {
    const rows = rowsOfAlert(files, positionOfName(files, query.alert));
    const items = rows.filter((row) => fits(row, query)).map((row) => toDelivery(files, row));
    return { items, next: null };
  }
  return scan<Row, DeliveryRecord>({
    list: "deliveries",
    page: query,
    range: rangeOf(files),
    window: WINDOW,
    bound: BOUND,
    read: (low, high) => readRows(files, query, low, high),
    keyOf: (row) => row.id,
    pick: (row) => toDelivery(files, row),
  });
}

/** All deliveries of an alert, with their attempts. */
export function listDeliveriesOf(files: LedgerFiles, alert: number): DeliveryDetail[] {
  return rowsOfAlert(files, alert).map((row) => toDetail(files, row));
}

/** One delivery with its attempts. Throws NOT_FOUND. */
export function getDelivery(files: LedgerFiles, id: number): DeliveryDetail {
  const row = files.store.get<Row>(`SELECT ${COLUMNS} FROM deliveries WHERE id = ?`, id);
  if (!row) throw notFound(`delivery ${id}`);
  return toDetail(files, row);
}

function readRows(files: LedgerFiles, query: DeliveryQuery, low: number, high: number): Row[] {
  return files.store.all<Row>(
    `SELECT ${COLUMNS} FROM deliveries
     WHERE id BETWEEN ?1 AND ?2 AND (?3 IS NULL OR state = ?3)
       AND (?4 IS NULL OR destination = ?4) ORDER BY id`,
    low,
    high,
    query.state ?? null,
    query.destination ?? null,
  );
}

function rowsOfAlert(files: LedgerFiles, alert: number): Row[] {
  return files.store.all<Row>(
    `SELECT ${COLUMNS} FROM deliveries WHERE alert = ? ORDER BY id DESC`,
    alert,
  );
}

function fits(row: Row, { state, destination }: DeliveryQuery): boolean {
  if (state !== undefined && row.state !== state) return false;
  return destination === undefined || row.destination === destination;
}

function rangeOf(files: LedgerFiles) {
  const ends = files.store.get<{ low: number | null; high: number | null }>(
    "SELECT (SELECT min(id) FROM deliveries) AS low, (SELECT max(id) FROM deliveries) AS high",
  );
  return ends && ends.low !== null && ends.high !== null
    ? { low: ends.low, high: ends.high }
    : null;
}

function toDetail(files: LedgerFiles, row: Row): DeliveryDetail {
  return { ...toDelivery(files, row), attempts: listAttempts(files, row.id) };
}

function toDelivery(files: LedgerFiles, row: Row): DeliveryRecord {
  const { due_at, attempts, created_at, done_at, alert, ...rest } = row;
  return {
    ...rest,
    alert: describeAlert(files, alert),
    attempt_count: attempts,
    last_error: findError(files, row.id),
    created_at: toTime(created_at),
    due_at: row.state === "pending" ? toTime(due_at) : null,
    done_at: toTimeOrNull(done_at),
  };
}

function describeAlert(files: LedgerFiles, position: number): DeliveryRecord["alert"] {
  const row = files.store.get<{ found: string }>(
    `SELECT json_extract(document, '$.id', '$.number', '$.title', '$.severity') AS found
     FROM alerts WHERE position = ?`,
    position,
  );
  const [id, number, title, severity] = JSON.parse(row?.found ?? '["","","","unknown"]') as [
    string,
    string,
    string,
    Severity,
  ];
  return { id, number, title, severity };
}

function findError(files: LedgerFiles, delivery: number): string | null {
  const row = files.store.get<{ error: string | null }>(
    "SELECT error FROM attempts WHERE delivery = ? ORDER BY number DESC LIMIT 1",
    delivery,
  );
  return row?.error ?? null;
}

function listAttempts(files: LedgerFiles, delivery: number): AttemptRecord[] {
  return files.store
    .all<Omit<AttemptRecord, "at"> & { at: number }>(
      `SELECT number, at, verdict, reason, status, duration AS duration_ms, error
       FROM attempts WHERE delivery = ? ORDER BY number`,
      delivery,
    )
    .map((row) => ({ ...row, at: toTime(row.at) }));
}
