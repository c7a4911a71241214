/** The documents that alerts were made from, as the stream keeps them until retention. */
import type { Alert } from "../alert/schema.ts";
import type { KqlRecord } from "../kql/index.ts";
import { alertRecord } from "../pipeline/record.ts";
import type { LedgerFiles } from "./files.ts";

export type RawDocument = Readonly<Record<string, unknown>>;

/** The document of an event; null when retention has taken it. */
export function readDocument(files: LedgerFiles, position: number): RawDocument | null {
  const row = files.stream.get<{ body: Uint8Array | null }>(
    "SELECT body FROM entries WHERE position = ? AND reason IS NULL",
    position,
  );
  if (!row?.body) return null;
  return JSON.parse(new TextDecoder().decode(row.body)) as RawDocument;
}

/**
 * What a query sees of an alert: the same as when it was routed. The document is read only when a
 * query asks for a field that the alert itself does not have, for most queries never do.
 */
export function queriedRecord(alert: Alert, read: () => RawDocument | null): KqlRecord {
  const own = alertRecord(alert, {});
  let whole: KqlRecord | undefined;
  const opened = (): KqlRecord => (whole ??= alertRecord(alert, read() ?? {}));
  return {
    values: (field) => firstOf(own.values(field), () => opened().values(field)),
    fields: () => opened().fields(),
    elements: (field) => firstOf(own.elements(field), () => opened().elements(field)),
  };
}

function firstOf<Value>(own: readonly Value[], other: () => readonly Value[]): readonly Value[] {
  return own.length > 0 ? own : other();
}
