/** From what people and machines call an alert or event to its position, and back. */
import { alertId, positionOfId, positionOfNumber } from "../alert/id.ts";
import { fail, type TocsinError } from "../errors.ts";
import type { LedgerFiles } from "./files.ts";

/** What an entry's id is made from; the key is null when the stream no longer has the entry. */
export interface EntryName {
  readonly received_at: number;
  readonly key: string | null;
  readonly position: number;
}

/** Key and time of an entry, from the stream or, when it has gone there, from its outcome. */
export function findEntryName(files: LedgerFiles, position: number): EntryName | undefined {
  return (
    files.stream.get<EntryName>(
      "SELECT position, received_at, key FROM entries WHERE position = ?",
      position,
    ) ??
    files.store.get<EntryName>(
      "SELECT position, received_at, NULL AS key FROM events WHERE position = ?",
      position,
    )
  );
}

/** The public id of an entry. Without its key the part made from the key is not the original's. */
export function idOf({ received_at, key, position }: EntryName): string {
  return alertId(received_at, key ?? "", position);
}

/** Whether an id is that of an entry: in full, or without the part that needs a key that is gone. */
export function isIdOf(id: string, entry: EntryName): boolean {
  const given = id.toUpperCase();
  const own = idOf(entry);
  if (entry.key !== null) return given === own;
  return given.slice(0, 10) === own.slice(0, 10) && given.slice(18) === own.slice(18);
}

/** The position that an id, or a number like ALR-000123, stands for. Throws NOT_FOUND. */
export function positionOfName(files: LedgerFiles, name: string): number {
  const text = name.trim();
  const numbered = positionOfNumber(text);
  if (numbered !== null) return numbered;
  const position = positionOfId(text);
  if (position === null)
    throw notFound(name, "Write an id (26 characters) or a number like ALR-000123.");
  const entry = findEntryName(files, position);
  if (!entry || !isIdOf(text, entry)) throw notFound(name);
  return position;
}

/** The error for a name that nothing has. */
export function notFound(
  name: string,
  hint = "Retention may have taken it; or it is of another data folder.",
): TocsinError {
  return fail("NOT_FOUND", { component: "ledger", message: `there is no ${name}`, hint });
}
