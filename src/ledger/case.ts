/** One case with everything that is known of it. */
import { z } from "zod";
import { STATUSES, type Status } from "../alert/schema.ts";
import { SEVERITIES, type Severity } from "../alert/severity.ts";
import { caseSchema, timelineEntrySchema, type TimelineEntry } from "../case/case.ts";
import type { StopValues } from "../case/stop-values.ts";
import { findCase } from "../store/sqlite/cases.ts";
import { requireCaseNumber } from "./cases.ts";
import type { LedgerFiles } from "./files.ts";
import { notFound } from "./names.ts";
import { listRelatedCases, relatedCaseSchema } from "./related-cases.ts";
import { timeSchema, toTime } from "./time.ts";

const MAX_ALERTS = 100;
const MAX_TIMELINE = 500;

const total = z.number().int().min(0);

export const caseAlertSchema = z.object({
  id: z.string(),
  number: z.string(),
  title: z.string(),
  severity: z.enum(SEVERITIES),
  status: z.enum(STATUSES),
  received_at: timeSchema,
});
export type CaseAlert = z.infer<typeof caseAlertSchema>;

export const caseDetailSchema = caseSchema
  .extend({
    alerts: z
      .object({ total, items: z.array(caseAlertSchema) })
      .describe(`The newest ${MAX_ALERTS}; all of them are listed at /alerts?case=.`),
    timeline: z
      .object({ total, items: z.array(timelineEntrySchema) })
      .describe(`What happened to it, oldest first; at most the ${MAX_TIMELINE} newest entries.`),
    related: z
      .array(relatedCaseSchema)
      .describe("Other cases with the same artifacts, the most shared first."),
  })
  .meta({ id: "CaseDetail" });
export type CaseDetail = z.infer<typeof caseDetailSchema>;

/** The case of a number (`CASE-000012` or `12`). Throws NOT_FOUND. */
export async function getCase(
  files: LedgerFiles,
  name: string,
  isStopValue: StopValues,
): Promise<CaseDetail> {
  const number = requireCaseNumber(files, name);
  const found = findCase(files.store, number);
  if (!found) throw notFound(`case ${name}`);
  return {
    ...found,
    alerts: listAlertsOf(files, number),
    timeline: listTimelineOf(files, number),
    related: await listRelatedCases(files, number, isStopValue),
  };
}

function listAlertsOf({ store }: LedgerFiles, number: number): CaseDetail["alerts"] {
  const rows = store.all<{ found: string }>(
    `SELECT json_extract(document, '$.id', '$.number', '$.title', '$.severity', '$.status',
       '$.received_at') AS found
     FROM alerts WHERE case_number = ? ORDER BY position DESC LIMIT ?`,
    number,
    MAX_ALERTS,
  );
  const count = "SELECT count(*) AS n FROM alerts WHERE case_number = ?";
  const items = rows.map((row) => toCaseAlert(JSON.parse(row.found) as CaseAlertValues));
  return { total: countRows(store, count, number), items };
}

type CaseAlertValues = [string, string, string, Severity, Status, string];

function toCaseAlert(values: CaseAlertValues): CaseAlert {
  const [id, number, title, severity, status, received_at] = values;
  return { id, number, title, severity, status, received_at };
}

function listTimelineOf({ store }: LedgerFiles, number: number): CaseDetail["timeline"] {
  const rows = store.all<{ at: number; who: string; kind: TimelineEntry["kind"]; detail: string }>(
    `SELECT at, who, kind, detail FROM case_timeline
     WHERE case_number = ? ORDER BY sequence DESC LIMIT ?`,
    number,
    MAX_TIMELINE,
  );
  const items = rows.toReversed().map(({ at, who, kind, detail }) => ({
    at: toTime(at),
    who,
    kind,
    detail: JSON.parse(detail) as TimelineEntry["detail"],
  }));
  const count = "SELECT count(*) AS n FROM case_timeline WHERE case_number = ?";
  return { total: countRows(store, count, number), items };
}

function countRows(store: LedgerFiles["store"], sql: string, number: number): number {
  return store.get<{ n: number }>(sql, number)?.n ?? 0;
}
