/**
 * Putting an alert into the case of TheHive that stands for its case in Tocsin.
 *
 * Messages of a case come one after the other and share a memory: the id of the case at TheHive. The first
 * alert makes the case, later ones are merged into it. When the answer of the first was lost, the next try
 * finds the alert in a case and remembers that one: the alert itself says whether the case was made.
 */
import type { HttpAnswer } from "../../net/http.ts";
import { retry } from "../http-verdict.ts";
import { isId, isImported, type Kept, type Outcome, readId, verdictOfHive } from "./answer.ts";
import type { HiveApi } from "./api.ts";

/**
 * Puts an alert into the case that is remembered, or into a new one with this title; answers the id of the
 * case. `find` looks for the alert again. Throws what `Http.request` throws.
 */
export async function joinCase(
  api: HiveApi,
  { id, caseId }: Kept,
  title: string,
  memory: string | null,
  find: () => Promise<Outcome<Kept | null>>,
): Promise<Outcome<string>> {
  if (caseId) return { value: caseId };
  const remembered = memory !== null && isId(memory) ? memory : undefined;
  const answer = await join(api, id, title, remembered);
  if (isImported(answer)) return await caseOf(answer, api, find, remembered);
  const verdict = verdictOfHive(answer, api.now());
  if (verdict.kind !== "delivered") return { failed: verdict };
  // Both calls answer with the case.
  const made = readId(answer);
  return made === undefined
    ? { failed: retry(answer, "unexpected_answer", api.now()) }
    : { value: made };
}

/** A case that was deleted, or that the key cannot see any more, is made again. */
async function join(
  api: HiveApi,
  id: string,
  title: string,
  remembered: string | undefined,
): Promise<HttpAnswer> {
  const merged = remembered === undefined ? undefined : await api.merge(id, remembered);
  if (merged && merged.status !== 404) return merged;
  // 4 takes the title from the alert, and answers with the case that is there if there is one.
  return await api.createCase(id, api.dialect.version === 5 ? { title } : {});
}

/** The case that an alert is in by now. */
async function caseOf(
  answer: HttpAnswer,
  api: HiveApi,
  find: () => Promise<Outcome<Kept | null>>,
  remembered: string | undefined,
): Promise<Outcome<string>> {
  const found = await find();
  if (found.failed) return found;
  const caseId = found.value?.caseId ?? remembered;
  return caseId ? { value: caseId } : { failed: verdictOfHive(answer, api.now()) };
}
