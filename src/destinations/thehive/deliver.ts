/**
 * One try at delivering an alert to TheHive.
 *
 * Terms. An alert's *identity* is its type, source and sourceRef, which TheHive has once in an
 * organisation. Its *reference* is the id that TheHive gave it.
 *
 * What happens. A first message or a reminder creates the alert. When TheHive has it, because an earlier
 * answer was lost or it was told of before, it is looked up and changed. An update changes the alert of its
 * reference, or the one of its identity, and creates it when there is none. Then the alert goes into its
 * case (`case.ts`). Every step can be repeated: nothing is made twice.
 */
import type { HttpAnswer } from "../../net/http.ts";
import type { Message, Verdict } from "../destination.ts";
import { retry } from "../http-verdict.ts";
import {
  isDuplicate,
  isId,
  type Kept,
  type Outcome,
  readId,
  retryAlone,
  verdictOfHive,
} from "./answer.ts";
import type { HiveApi } from "./api.ts";
import { createBody } from "./body.ts";
import { joinCase } from "./case.ts";
import { changeAlert, type StatusNames } from "./change.ts";
import { leaveOut, NOTHING_LEFT_OUT } from "./left-out.ts";
import type { HiveAlert } from "./model.ts";

/** Creates or changes the alert, and puts it into its case. Throws what `Http.request` throws. */
export async function deliver(
  api: HiveApi,
  alert: HiveAlert,
  { kind, memory }: Message,
  statuses: StatusNames,
): Promise<Verdict> {
  const isUpdate = kind === "update";
  const kept = await (isUpdate
    ? update(api, alert, memory, statuses)
    : create(api, alert, statuses));
  if (kept.failed) return kept.failed;
  const { id } = kept.value;
  const reference = alert.isDigest ? `${DIGEST}${id}` : id;
  // The memory of an update names an alert and no case.
  if (isUpdate || alert.caseTitle === null) return { kind: "delivered", reference };
  const joined = await joinCase(api, kept.value, alert.caseTitle, memory, () => api.find(alert));
  return joined.failed ?? { kind: "delivered", reference, remember: joined.value };
}

/** In front of the reference of a digest: no id, so that an update of one of its alerts misses it. */
const DIGEST = "digest:";

function readReference(memory: string | null, isDigest: boolean): string | undefined {
  const prefix = isDigest ? DIGEST : "";
  const id = memory?.startsWith(prefix) ? memory.slice(prefix.length) : "";
  return isId(id) ? id : undefined;
}

async function update(
  api: HiveApi,
  alert: HiveAlert,
  memory: string | null,
  statuses: StatusNames,
): Promise<Outcome<Kept>> {
  const id = readReference(memory, alert.isDigest);
  if (id !== undefined) {
    const changed = await changeAlert(api, id, alert, statuses);
    if (changed.failed) return changed;
    if (changed.value) return { value: changed.value };
  }
  const found = await api.find(alert);
  if (found.failed) return found;
  return await (found.value
    ? changeFound(api, found.value, alert, statuses)
    : create(api, alert, statuses));
}

async function create(
  api: HiveApi,
  alert: HiveAlert,
  statuses: StatusNames,
): Promise<Outcome<Kept>> {
  const answer = await post(api, alert);
  if (isDuplicate(answer)) return await settle(api, answer, alert, statuses);
  // Something of it failed; whether the alert is there is only to be found by looking.
  if (answer.status === 207) return await settle(api, answer, alert);
  const verdict = verdictOfHive(answer, api.now());
  if (verdict.kind !== "delivered") return { failed: verdict };
  const id = readId(answer);
  if (id !== undefined) return { value: { id, caseId: null } };
  // It is there, and TheHive said more of it than is read of an answer.
  if (answer.cut === true) return await settle(api, answer, alert);
  return { failed: retry(answer, "unexpected_answer", api.now()) };
}

/** Creates the alert, without what TheHive refuses the whole of it for. */
async function post(api: HiveApi, alert: HiveAlert): Promise<HttpAnswer> {
  let left = NOTHING_LEFT_OUT;
  for (;;) {
    const answer = await api.create(createBody(alert, api.dialect, left));
    const less = isDuplicate(answer) ? undefined : leaveOut(answer, left, alert);
    if (!less) return answer;
    left = less;
  }
}

/** Confirms by a query what an answer only hints at: that TheHive has the alert. Changes it if asked. */
async function settle(
  api: HiveApi,
  answer: HttpAnswer,
  alert: HiveAlert,
  statuses?: StatusNames,
): Promise<Outcome<Kept>> {
  const found = await api.find(alert);
  if (found.failed) return found;
  // Not there: its index may be behind what it has stored.
  if (!found.value) return { failed: retryAlone(answer, api.now()) };
  return statuses ? await changeFound(api, found.value, alert, statuses) : { value: found.value };
}

/** An alert that is gone again in the meantime is one to try again. */
async function changeFound(
  api: HiveApi,
  found: Kept,
  alert: HiveAlert,
  statuses: StatusNames,
): Promise<Outcome<Kept>> {
  const changed = await changeAlert(api, found, alert, statuses);
  if (changed.failed) return changed;
  if (changed.value) return { value: changed.value };
  const error = "TheHive found the alert and then did not have it";
  return { failed: { kind: "retry", reason: "unexpected_answer", error, alone: true } };
}
