/** Lists deliveries, and shows one with its attempts. */
import type { DeliveryState } from "../pipeline/outcome.ts";
import type { DeliveryDetail, DeliveryRecord } from "./delivery-schema.ts";
import { DELIVERY_COLUMNS, toDelivery, toDeliveryDetail, type DeliveryRow } from "./delivery.ts";
import type { LedgerFiles } from "./files.ts";
import { notFound, positionOfName } from "./names.ts";
import type { List, Page } from "./page.ts";
import { scan } from "./scan.ts";

export {
  deliveryDetailSchema,
  deliveryListSchema,
  type AttemptRecord,
  type DeliveryDetail,
  type DeliveryRecord,
} from "./delivery-schema.ts";

/** Which deliveries are wanted; all conditions must hold. */
export interface DeliveryQuery extends Page {
  readonly state?: DeliveryState | undefined;
  readonly destination?: string | undefined;
  /** Id or number of an alert. */
  readonly alert?: string | undefined;
  /** Only deliveries behind this number: what a follower has not seen. */
  readonly after?: number | undefined;
}

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
  return scan<DeliveryRow, DeliveryRecord>({
    list: "deliveries",
    page: query,
    range: rangeOf(files, query),
    window: WINDOW,
    bound: BOUND,
    read: (low, high) => readRows(files, query, low, high),
    keyOf: (row) => row.id,
    pick: (row) => toDelivery(files, row),
  });
}

/** All deliveries of an alert, with their attempts. */
export function listDeliveriesOf(files: LedgerFiles, alert: number): DeliveryDetail[] {
  return rowsOfAlert(files, alert).map((row) => toDeliveryDetail(files, row));
}

/** One delivery with its attempts. Throws NOT_FOUND. */
export function getDelivery(files: LedgerFiles, id: number): DeliveryDetail {
  const row = files.store.get<DeliveryRow>(
    `SELECT ${DELIVERY_COLUMNS} FROM deliveries WHERE id = ?`,
    id,
  );
  if (!row) throw notFound(`delivery ${id}`);
  return toDeliveryDetail(files, row);
}

function readRows(
  files: LedgerFiles,
  query: DeliveryQuery,
  low: number,
  high: number,
): DeliveryRow[] {
  return files.store.all<DeliveryRow>(
    `SELECT ${DELIVERY_COLUMNS} FROM deliveries
     WHERE id BETWEEN ?1 AND ?2 AND (?3 IS NULL OR state = ?3)
       AND (?4 IS NULL OR destination = ?4) ORDER BY id`,
    low,
    high,
    query.state ?? null,
    query.destination ?? null,
  );
}

function rowsOfAlert(files: LedgerFiles, alert: number): DeliveryRow[] {
  return files.store.all<DeliveryRow>(
    `SELECT ${DELIVERY_COLUMNS} FROM deliveries WHERE alert = ? ORDER BY id DESC`,
    alert,
  );
}

function fits(row: DeliveryRow, { state, destination }: DeliveryQuery): boolean {
  if (state !== undefined && row.state !== state) return false;
  return destination === undefined || row.destination === destination;
}

function rangeOf(files: LedgerFiles, { after = 0 }: DeliveryQuery) {
  const ends = files.store.get<{ low: number | null; high: number | null }>(
    "SELECT (SELECT min(id) FROM deliveries) AS low, (SELECT max(id) FROM deliveries) AS high",
  );
  return ends && ends.low !== null && ends.high !== null
    ? { low: Math.max(ends.low, after + 1), high: ends.high }
    : null;
}
