/**
 * What TheHive says. A failure is `{"type":"CreateError","message":"…"}`; types and their statuses:
 * `ErrorHandler.scala` of TheHive-Project/ScalliGraph, and https://docs.strangebee.com/thehive/api-docs/.
 */
import { z } from "zod";
import type { HttpAnswer } from "../../net/http.ts";
import type { Verdict } from "../destination.ts";
import { excerptOf, reject, retry, verdictOfAnswer } from "../http-verdict.ts";
import { readJson } from "../json-call.ts";

/** What was asked for, or the verdict of why it was not to be had. */
export type Outcome<T> =
  | { readonly value: T; readonly failed?: undefined }
  | { readonly failed: Verdict };

const errorSchema = z.object({ type: z.string(), message: z.string().default("") });
export type HiveError = z.infer<typeof errorSchema>;

/** The error in an answer; undefined when it holds none of TheHive's. */
export function readError(answer: HttpAnswer): HiveError | undefined {
  return answer.status < 300 && answer.status !== 207 ? undefined : readJson(answer, errorSchema);
}

const HINTS: Readonly<Record<number, string>> = {
  401: "check the API key, and that its user is not locked",
  402: "TheHive wants a second factor: use the API key of a user without one",
  403: "the profile of the key's user needs manageAlert/create in this organisation, manageAlert/update to change alerts and manageAlert/import for cases; TheHive 4 has one permission, manageAlert",
  413: "TheHive or a proxy before it takes less than what is sent at the least",
};

/** The verdict of an answer by its status, with TheHive's own words and what can be done. */
export function verdictOfHive(answer: HttpAnswer, now: number): Verdict {
  const verdict = verdictOfAnswer(answer, now);
  if (answer.status === 207) return retryAlone(answer, now);
  if (verdict.kind !== "reject") return verdict;
  const reason = answer.status === 402 ? "unauthorized" : verdict.reason;
  return reject(answer, reason, wordsOf(answer));
}

function wordsOf(answer: HttpAnswer): string {
  const error = readError(answer);
  const words = error ? excerptOf(`${error.type} - ${error.message}`) : excerptOf(answer.body);
  return [words, HINTS[answer.status]].filter(Boolean).join(" — ");
}

/** A retry that says nothing of other messages. */
export function retryAlone(answer: HttpAnswer, now: number): Verdict {
  const verdict = retry(answer, "unexpected_answer", now, wordsOf(answer));
  return { ...verdict, alone: true } as Verdict;
}

/**
 * Whether TheHive refuses because it has the alert. TheHive 4 says `CreateError`, 3 `ConflictError`, both
 * with 400; 409 is asked for in https://github.com/TheHive-Project/TheHive/issues/1094.
 */
export function isDuplicate(answer: HttpAnswer): boolean {
  if (answer.status !== 400 && answer.status !== 409) return false;
  const error = readError(answer);
  return (
    error !== undefined && (error.type === "CreateError" || /already exist/i.test(error.message))
  );
}

/** Whether TheHive refuses because the alert is in a case. */
export function isImported(answer: HttpAnswer): boolean {
  return answer.status === 400 && /already/i.test(readError(answer)?.message ?? "");
}

const idSchema = z.object({ _id: z.string() });
/** Ids go into paths. */
const ID = /^~?[\w-]{1,128}$/;

/** The id of what was made; undefined when the answer does not say it. */
export function readId(answer: HttpAnswer): string | undefined {
  const id = readJson(answer, idSchema)?._id ?? readCutId(answer);
  return id !== undefined && isId(id) ? id : undefined;
}

/** TheHive repeats what it was sent, which may be more than is read of an answer. The id stands in front. */
function readCutId({ body }: HttpAnswer): string | undefined {
  return /^\[?\{"_id":"([^"]+)"/.exec(body)?.[1];
}

export function isId(text: string): boolean {
  return ID.test(text);
}

/** An alert that is at TheHive. */
export interface Kept {
  readonly id: string;
  /** The case that it is in; null for none, undefined when that is not known. */
  readonly caseId?: string | null | undefined;
  readonly tags?: readonly string[] | undefined;
}

const foundSchema = z.array(
  z.object({
    _id: z.string().regex(ID),
    caseId: z.string().regex(ID).nullish(),
    tags: z.array(z.string()).optional(),
  }),
);

/** The alert that a query found, null for none; undefined when the answer is not one to a query. */
export function readFound(answer: HttpAnswer): Kept | null | undefined {
  const found = readJson(answer, foundSchema);
  if (!found) {
    const id = readCutId(answer);
    return id !== undefined && answer.cut === true && isId(id) ? { id } : undefined;
  }
  const [first] = found;
  return first ? { id: first._id, caseId: first.caseId ?? null, tags: first.tags } : null;
}
