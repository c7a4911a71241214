/** Changing an alert that is at TheHive: its title, description, severity and tags, and its status if asked. */
import type { Status } from "../../alert/schema.ts";
import type { HttpAnswer } from "../../net/http.ts";
import { retry } from "../http-verdict.ts";
import { type Kept, type Outcome, readError, readId, verdictOfHive } from "./answer.ts";
import type { HiveApi } from "./api.ts";
import { updateBody } from "./body.ts";
import type { HiveAlert } from "./model.ts";

/** Names of TheHive 5's own statuses, by ours; what has none leaves the status alone. */
export type StatusNames = Readonly<Partial<Record<Status, string | undefined>>>;

/** Changes an alert, given by its id or as it was found; null when TheHive does not have it. */
export async function changeAlert(
  api: HiveApi,
  target: string | Kept,
  alert: HiveAlert,
  statuses: StatusNames,
): Promise<Outcome<Kept | null>> {
  const status = api.dialect.version === 5 && !alert.isDigest ? statuses[alert.status] : undefined;
  const looked = await look(api, target, status !== undefined);
  if (looked.failed || !looked.value) return looked;
  const kept = looked.value;
  const answer = await patch(api, kept, alert, kept.caseId ? undefined : status);
  if (answer.status === 404 && readError(answer)) return { value: null };
  const verdict = verdictOfHive(answer, api.now());
  if (verdict.kind !== "delivered") return { failed: verdict };
  // 4 answers with the alert, 5 with nothing; anything else is a page of somebody else.
  const isTaken = answer.status === 204 || readId(answer) !== undefined;
  return isTaken ? { value: kept } : { failed: retry(answer, "unexpected_answer", api.now()) };
}

/** Without the status where TheHive refuses it: required custom fields keep an alert from being closed. */
async function patch(
  api: HiveApi,
  { id, tags }: Kept,
  alert: HiveAlert,
  status: string | undefined,
): Promise<HttpAnswer> {
  const answer = await api.update(id, updateBody(alert, api.dialect, { tags, status }));
  const isRefused = status !== undefined && answer.status === 400 && readError(answer);
  return isRefused ? await api.update(id, updateBody(alert, api.dialect, { tags })) : answer;
}

/** TheHive 4 replaces all tags, so they must be known; a status must not be set on what is in a case. */
async function look(
  api: HiveApi,
  target: string | Kept,
  needsCase: boolean,
): Promise<Outcome<Kept | null>> {
  if (typeof target !== "string") return { value: target };
  return api.dialect.version === 4 || needsCase
    ? await api.find(target)
    : { value: { id: target } };
}
