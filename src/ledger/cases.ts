/** Lists cases, with filters and KQL. */
import type { Severity } from "../alert/severity.ts";
import { severityId } from "../alert/severity.ts";
import { CASE_STATUSES, caseNumber, caseSchema, isOpen, type Case } from "../case/case.ts";
import { kqlPredicate, recordOf, type KqlPredicate } from "../kql/index.ts";
import type { LedgerFiles } from "./files.ts";
import { notFound } from "./names.ts";
import { listSchema, type List, type Page } from "./page.ts";
import { scan } from "./scan.ts";

export const listedCaseSchema = caseSchema.meta({ id: "Case" });
export const caseListSchema = listSchema("CaseList", listedCaseSchema);

/** `open` is new, in progress or on hold. */
export const CASE_STATES = ["open", ...CASE_STATUSES] as const;

/** Which cases are wanted; all conditions must hold. */
export interface CaseQuery extends Page {
  /** KQL over the fields of a case. */
  readonly q?: string | undefined;
  readonly status?: (typeof CASE_STATES)[number] | undefined;
  readonly owner?: string | undefined;
  readonly severity?: Severity | undefined;
}

interface Row {
  readonly number: number;
  readonly status: Case["status"];
  readonly severity: number;
  readonly document: string;
}

const WINDOW = 200;
const BOUND = 50_000;

/** A page of cases. Throws KQL_INVALID or REQUEST_INVALID. `now` is for date math in the query. */
export async function listCases(
  files: LedgerFiles,
  query: CaseQuery,
  now: number,
): Promise<List<Case>> {
  const predicate = query.q === undefined ? null : kqlPredicate(query.q);
  return scan<Row, Case>({
    list: "cases",
    page: query,
    range: rangeOf(files),
    window: WINDOW,
    bound: BOUND,
    read: (low, high) => readRows(files, low, high),
    keyOf: (row) => row.number,
    pick: (row) => pickCase(row, query, predicate, now),
  });
}

function readRows({ store }: LedgerFiles, low: number, high: number): Row[] {
  return store.all<Row>(
    `SELECT number, status, severity, document FROM cases
     WHERE number BETWEEN ? AND ? ORDER BY number`,
    low,
    high,
  );
}

function pickCase(
  row: Row,
  { status, severity, owner }: CaseQuery,
  predicate: KqlPredicate | null,
  now: number,
): Case | undefined {
  if (status !== undefined && !(status === "open" ? isOpen(row) : row.status === status)) return;
  if (severity !== undefined && row.severity !== severityId(severity)) return undefined;
  const found = JSON.parse(row.document) as Case;
  if (owner !== undefined && found.owner !== owner) return undefined;
  return !predicate || predicate(recordOf(found), now) ? found : undefined;
}

function rangeOf({ store }: LedgerFiles) {
  const ends = store.get<{ low: number | null; high: number | null }>(
    "SELECT (SELECT min(number) FROM cases) AS low, (SELECT max(number) FROM cases) AS high",
  );
  if (!ends || ends.low === null || ends.high === null) return null;
  return { low: ends.low, high: ends.high };
}

/** The number of a case that is there, from `CASE-000012` or `12`. Throws NOT_FOUND. */
export function requireCaseNumber({ store }: LedgerFiles, name: string): number {
  const number = caseNumber(name);
  if (number === null) throw notFound(`case ${name}`, "Write a number like CASE-000012.");
  if (store.get("SELECT 1 FROM cases WHERE number = ?", number)) return number;
  throw notFound(
    `case ${name}`,
    "tocsin case list and GET /api/v1/cases show those that there are.",
  );
}
