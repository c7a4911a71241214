/** Verdicts in the peer's own words, for peers that say in JSON why they refuse. */
import type { HttpAnswer } from "../net/http.ts";
import type { Verdict } from "./destination.ts";
import { excerptOf, verdictOfAnswer } from "./http-verdict.ts";

export interface Said {
  /** What the peer says; undefined when it is not known better than from the body. */
  readonly words?: string | undefined;
  /** What whoever runs Tocsin can do about it. */
  readonly hint?: string | undefined;
}

/**
 * The verdict of an answer by its status, with what the peer said and a hint when it is no success.
 * `now` in epoch ms.
 */
export function verdictInWords(answer: HttpAnswer, now: number, { words, hint }: Said): Verdict {
  const verdict = verdictOfAnswer(answer, now);
  if (verdict.kind === "delivered") return verdict;
  const said = excerptOf(words ?? answer.body);
  const text = said === "" ? `HTTP ${answer.status}` : `HTTP ${answer.status}: ${said}`;
  return { ...verdict, error: hint === undefined ? text : `${text} — ${hint}` };
}
