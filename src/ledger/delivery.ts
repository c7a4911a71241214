/** One delivery as the ledger answers it, put together from its row and what the row points at. */
import type { Severity } from "../alert/severity.ts";
import { numberOf } from "../alert/id.ts";
import type { Position } from "../pipeline/entry.ts";
import type { DeliveryId, DeliveryReason, DeliveryState } from "../pipeline/outcome.ts";
import { countFolded, listFolded, type CarrierRow } from "../store/sqlite/digests.ts";
import {
  MOST_MEMBERS,
  type AttemptRecord,
  type Carrier,
  type DeliveredAlert,
  type DeliveryDetail,
  type DeliveryRecord,
} from "./delivery-schema.ts";
import type { LedgerFiles } from "./files.ts";
import { toTime, toTimeOrNull } from "./time.ts";

export interface DeliveryRow {
  readonly id: DeliveryId;
  readonly alert: Position;
  readonly destination: string;
  readonly route: string;
  readonly kind: DeliveryRecord["kind"];
  readonly sequence: number;
  readonly thread: string | null;
  readonly state: DeliveryState;
  readonly reason: string;
  readonly cause: string | null;
  readonly hold: string | null;
  readonly into_delivery: number | null;
  readonly digest: DeliveryReason | null;
  readonly due_at: number;
  readonly attempts: number;
  readonly created_at: number;
  readonly done_at: number | null;
}

/** The columns of a `DeliveryRow`. */
export const DELIVERY_COLUMNS = `id, alert, destination, route, kind, sequence, thread, state, reason,
  cause, hold, into_delivery, digest, due_at, attempts, created_at, done_at`;

/** A delivery without its attempts. */
export function toDelivery(files: LedgerFiles, row: DeliveryRow): DeliveryRecord {
  const { due_at, attempts, created_at, done_at, alert, into_delivery, ...rest } = row;
  const isDue = row.state === "pending" && row.hold === null;
  return {
    ...rest,
    alert: describeAlert(files, alert),
    held_until: row.hold === null ? null : toTimeOrNull(findTimer(files, row.hold)),
    carrier: into_delivery === null ? null : findCarrier(files, into_delivery),
    alert_count: isCarrier(row) ? 1 + countFolded(files.store, row) : 1,
    attempt_count: attempts,
    last_error: findError(files, row.id),
    created_at: toTime(created_at),
    due_at: isDue ? toTime(due_at) : null,
    done_at: toTimeOrNull(done_at),
  };
}

/** A delivery with its attempts and the members of its digest. */
export function toDeliveryDetail(files: LedgerFiles, row: DeliveryRow): DeliveryDetail {
  return {
    ...toDelivery(files, row),
    members: isCarrier(row) ? listMembers(files, row) : [],
    attempts: listAttempts(files, row.id),
  };
}

function isCarrier(row: DeliveryRow): row is DeliveryRow & CarrierRow {
  return row.digest !== null;
}

function listMembers(files: LedgerFiles, carrier: CarrierRow): DeliveredAlert[] {
  const folded = listFolded(files.store, carrier, MOST_MEMBERS - 1);
  return [carrier.alert, ...folded].map((position) => describeAlert(files, position));
}

/** When the timer comes that a delivery waits for: epoch milliseconds. */
function findTimer(files: LedgerFiles, hold: string): number | null {
  const colon = hold.indexOf(":");
  const row = files.store.get<{ due_at: number | null }>(
    "SELECT due_at FROM decision_state WHERE stage = ? AND key = ?",
    hold.slice(0, colon),
    hold.slice(colon + 1),
  );
  return row?.due_at ?? null;
}

function findCarrier(files: LedgerFiles, id: number): Carrier | null {
  const row = files.store.get<Pick<DeliveryRow, "id" | "alert" | "state" | "done_at">>(
    "SELECT id, alert, state, done_at FROM deliveries WHERE id = ?",
    id,
  );
  return row ? { ...row, alert: numberOf(row.alert), done_at: toTimeOrNull(row.done_at) } : null;
}

function describeAlert(files: LedgerFiles, position: number): DeliveredAlert {
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
