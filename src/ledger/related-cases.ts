/** Which other cases have artifacts in common with one. */
import { z } from "zod";
import type { ArtifactType } from "../alert/schema.ts";
import { CASE_STATUSES, type Case } from "../case/case.ts";
import { linksOf, relateCases, type RelatedCase } from "../case/related.ts";
import type { StopValues } from "../case/stop-values.ts";
import { findCase } from "../store/sqlite/cases.ts";
import type { LedgerFiles } from "./files.ts";
import { restAfter } from "./scan.ts";

/** Looked at are the newest cases, of each the newest alerts, and so many artifacts. */
const MAX_CASES = 1000;
const MAX_ALERTS = 500;
const MAX_LINKS = 1000;
/** Told are the cases that share the most, of each some of what is shared. */
const MAX_RELATED = 20;
const MAX_SHARED = 10;

export const relatedCaseSchema = z.object({
  id: z.string(),
  title: z.string(),
  status: z.enum(CASE_STATUSES),
  shared: z.array(z.string()).describe(`As \`type:value\`; at most ${MAX_SHARED}.`),
  shared_total: z.number().int().min(1),
});
export type RelatedCaseRecord = z.infer<typeof relatedCaseSchema>;

/** Looks through the newest 1,000 other cases, and answers those that share the most. */
export async function listRelatedCases(
  files: LedgerFiles,
  number: number,
  isStopValue: StopValues,
): Promise<RelatedCaseRecord[]> {
  const own = readLinks(files, number, isStopValue);
  if (own.size === 0) return [];
  const others = new Map<number, ReadonlySet<string>>();
  let since = performance.now();
  for (const other of listNewest(files, number)) {
    since = await restAfter(since);
    const shared = readArtifacts(files, other).flatMap((artifact) => own.get(artifact) ?? []);
    if (shared.length > 0) others.set(other, new Set(shared));
  }
  return relateCases(new Set(own.values()), others)
    .slice(0, MAX_RELATED)
    .flatMap((related) => describe(files, related));
}

/** What links the case, by the ids of the artifacts. */
function readLinks(
  { store }: LedgerFiles,
  number: number,
  isStopValue: StopValues,
): Map<number, string> {
  const rows = store.all<{ id: number; type: ArtifactType; value: string }>(
    `SELECT DISTINCT v.id, v.type, v.value
     FROM (SELECT position FROM alerts WHERE case_number = ? ORDER BY position DESC LIMIT ?) a
     JOIN alert_artifacts x ON x.alert = a.position
     JOIN artifact_values v ON v.id = x.artifact`,
    number,
    MAX_ALERTS,
  );
  const links = new Map<number, string>();
  for (const row of rows) {
    if (links.size === MAX_LINKS) break;
    for (const link of linksOf([row], isStopValue)) links.set(row.id, link);
  }
  return links;
}

function listNewest({ store }: LedgerFiles, but: number): number[] {
  return store
    .all<{ number: number }>(
      "SELECT number FROM cases WHERE number <> ? ORDER BY number DESC LIMIT ?",
      but,
      MAX_CASES,
    )
    .map(({ number }) => number);
}

/** Ids of the artifacts of a case. To filter them here is cheaper than to hand all ids over each time. */
function readArtifacts({ store }: LedgerFiles, number: number): number[] {
  return store
    .all<{ artifact: number }>(
      `SELECT x.artifact
       FROM (SELECT position FROM alerts WHERE case_number = ? ORDER BY position DESC LIMIT ?) a
       JOIN alert_artifacts x ON x.alert = a.position`,
      number,
      MAX_ALERTS,
    )
    .map(({ artifact }) => artifact);
}

function describe(files: LedgerFiles, related: RelatedCase): RelatedCaseRecord[] {
  const found: Case | undefined = findCase(files.store, related.case);
  if (!found) return [];
  const { id, title, status } = found;
  const { shared } = related;
  return [{ id, title, status, shared: shared.slice(0, MAX_SHARED), shared_total: shared.length }];
}
