/**
 * What the collector's codes mean. It answers `{"text": "…", "code": n}`; codes and status:
 * https://help.splunk.com/en/splunk-enterprise/get-data-in/collect-http-event-data/troubleshoot-http-event-collector
 */
import { z } from "zod";
import type { HttpAnswer } from "../../net/http.ts";
import type { Verdict } from "../destination.ts";
import { excerptOf, reject, retry, verdictOfAnswer } from "../http-verdict.ts";
import { readJson } from "../json-call.ts";

export interface Reading {
  readonly verdict: Verdict;
  /** The first event of the request that is wrong, counted from 0; all before it are in. */
  readonly invalid?: number | undefined;
  /** One of the events, or their size together, is refused: fewer may be taken. */
  readonly split?: boolean;
}

const answerSchema = z.object({
  text: z.string(),
  code: z.number(),
  "invalid-event-number": z.number().int().min(0).optional(),
});
type Said = z.infer<typeof answerSchema>;

const HINTS: Readonly<Record<number, string>> = {
  1: "enable the token in Splunk",
  2: "set the token",
  3: "write the token alone, without the word Splunk",
  4: "check the token",
  7: "allow the token to write to the index, and check the index's name",
  10: "the token has indexer acknowledgment: set channel to a GUID",
  11: "channel must be a GUID",
  14: "the token has no indexer acknowledgment: leave channel out",
};

/** Of one event; the others may be right. With any other, no event of the request is in. */
const OF_ONE_EVENT: ReadonlySet<number> = new Set([6, 12, 13, 15]);

/** The verdict of an answer, and to which events it applies. `now` in epoch ms. */
export function readAnswer(answer: HttpAnswer, now: number): Reading {
  const verdict = verdictOfAnswer(answer, now);
  const said = readJson(answer, answerSchema);
  if (!said) return unknown(answer, verdict, now);
  if (verdict.kind === "delivered")
    return { verdict: said.code === 0 ? verdict : retry(answer, "unexpected_answer", now) };
  if (said.code === 9) return { verdict: retry(answer, "rate_limited", now, describe(said)) };
  if (verdict.kind === "retry")
    return { verdict: { ...verdict, error: describeWith(answer, said) } };
  const refused = reject(answer, verdict.reason, describe(said));
  if (!OF_ONE_EVENT.has(said.code)) return { verdict: refused, split: answer.status === 413 };
  return { verdict: refused, invalid: said["invalid-event-number"], split: true };
}

/** Not of the collector: a proxy's page, or one that refuses the size. */
function unknown(answer: HttpAnswer, verdict: Verdict, now: number): Reading {
  if (verdict.kind === "delivered") return { verdict: retry(answer, "unexpected_answer", now) };
  return { verdict, split: answer.status === 413 };
}

function describe({ text, code }: Said): string {
  const hint = HINTS[code];
  const words = `${excerptOf(text)} (code ${code})`;
  return hint === undefined ? words : `${words} — ${hint}`;
}

function describeWith({ status }: HttpAnswer, said: Said): string {
  return `HTTP ${status}: ${describe(said)}`;
}
