/** What silences hid, as far as it is still kept. */
import { z } from "zod";
import { STATUSES, type Status } from "../alert/schema.ts";
import { SEVERITIES } from "../alert/severity.ts";
import { debtOf, type HiddenAlert, type SilenceDebt } from "../silence/debt.ts";
import type { LedgerFiles } from "./files.ts";
import { restAfter } from "./scan.ts";

const count = z.number().int().min(0);

export const silenceDebtSchema = z
  .object({
    alerts: count.describe("Alerts that it held back, also those that were told later."),
    severity: z.enum(SEVERITIES).nullable().describe("The highest of them."),
    open: count.describe("Those that nobody has closed."),
    true_positive: count.describe("Those that turned out to be true."),
    unjudged: count.describe("Those without a verdict."),
  })
  .meta({ id: "SilenceDebt" });

export const hiddenAlertSchema = z.object({
  id: z.string(),
  number: z.string(),
  title: z.string(),
  severity: z.enum(SEVERITIES),
  status: z.enum(STATUSES),
  verdict: z.string().nullable(),
});
export type ListedHiddenAlert = z.infer<typeof hiddenAlertSchema>;

/** Alerts that one statement reads: their documents are looked into. */
const WINDOW = 200;

/** The debt of a silence. Alerts that retention took do not count any more. */
export async function readDebt(files: LedgerFiles, silence: string): Promise<SilenceDebt> {
  const hidden: HiddenAlert[] = [];
  let since = performance.now();
  for (let after = 0; ;) {
    const rows = readHidden(files, silence, after);
    hidden.push(...rows.map(toHidden));
    const last = rows.at(-1);
    if (!last || rows.length < WINDOW) return debtOf(hidden);
    after = last.alert;
    since = await restAfter(since);
  }
}

interface HiddenRow {
  readonly alert: number;
  readonly severity: number;
  readonly status: Status;
  readonly verdict: string | null;
}

function readHidden({ store }: LedgerFiles, silence: string, after: number): HiddenRow[] {
  return store.all<HiddenRow>(
    `SELECT s.alert, a.severity, a.status, json_extract(a.document, '$.verdict') AS verdict
     FROM silenced AS s JOIN alerts AS a ON a.position = s.alert
     WHERE s.silence = ? AND s.alert > ? ORDER BY s.alert LIMIT ${WINDOW}`,
    silence,
    after,
  );
}

function toHidden({ severity, status, verdict }: HiddenRow): HiddenAlert {
  return { severity: SEVERITIES[severity] ?? "unknown", status, verdict };
}

/** The newest alerts that a silence held back, at most `limit`. */
export function listHidden(
  { store }: LedgerFiles,
  silence: string,
  limit: number,
): ListedHiddenAlert[] {
  const rows = store.all<{ found: string }>(
    `SELECT json_extract(document, '$.id', '$.number', '$.title', '$.severity', '$.status',
       '$.verdict') AS found
     FROM silenced JOIN alerts ON position = alert WHERE silence = ? ORDER BY alert DESC LIMIT ?`,
    silence,
    limit,
  );
  return rows.map(({ found }) => toListedHidden(JSON.parse(found) as (string | null)[]));
}

function toListedHidden([id, number, title, severity, status, verdict]: (string | null)[]) {
  return hiddenAlertSchema.parse({ id, number, title, severity, status, verdict });
}
