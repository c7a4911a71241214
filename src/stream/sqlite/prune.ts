/** Removes what retention gives up. */
import { versionedKey } from "../../alert/key.ts";
import type { Database } from "../../sqlite/database.ts";
import { digestOf } from "../../sqlite/digest.ts";
import type { PruneRequest } from "../stream.ts";
import { forgetKey } from "./seen.ts";

const RECEIPTS_AT_ONCE = 200;

/** Carries a request out, inside the caller's transaction. Doing it again changes nothing. */
export function pruneRows(database: Database, request: PruneRequest): void {
  for (const position of request.bodies) dropBody(database, position);
  for (const position of request.entries) dropEntry(database, position);
  dropReceipts(database, request.receiptsBefore);
}

function dropBody(database: Database, position: number): void {
  database.run("UPDATE entries SET body = NULL WHERE position = ?", position);
  database.run(
    "UPDATE receipts SET body = NULL WHERE id = (SELECT receipt FROM entries WHERE position = ?)",
    position,
  );
}

interface Dropped {
  readonly receipt: number;
  readonly digest: Uint8Array;
  readonly key: string;
  readonly version: string | null;
}

function dropEntry(database: Database, position: number): void {
  const row = database.get<Dropped>(
    "SELECT receipt, digest, key, version FROM entries WHERE position = ?",
    position,
  );
  if (!row) return;
  forgetKey(database, row.digest, position);
  if (row.version !== null) {
    forgetKey(database, digestOf(versionedKey(row.key, row.version)), position);
  }
  database.run("DELETE FROM entries WHERE position = ?", position);
  database.run("UPDATE receipts SET pruned = pruned + 1 WHERE id = ?", row.receipt);
}

/** Only from the old end: a receipt that still has an entry keeps those after it. */
function dropReceipts(database: Database, before: number): void {
  database.run(
    `DELETE FROM receipts WHERE id IN (
       SELECT id FROM receipts
       WHERE received_at < ?
         AND id < coalesce((SELECT receipt FROM entries ORDER BY position LIMIT 1), id + 1)
       ORDER BY id LIMIT ${RECEIPTS_AT_ONCE})`,
    before,
  );
}
