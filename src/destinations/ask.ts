/** Calls of a JSON API that need more than one question before a message is delivered. */
import type { z } from "zod";
import type { HttpAnswer } from "../net/http.ts";
import type { SendContext, Verdict } from "./destination.ts";
import { retry } from "./http-verdict.ts";
import { readJson, type JsonCall, type JsonRequest } from "./json-call.ts";
import { verdictInWords, type Said } from "./peer-words.ts";

/** What the peer answered, or the verdict that ends the try. */
export type Asked<T> =
  | { readonly ok: true; readonly value: T; readonly status: number }
  | { readonly ok: false; readonly verdict: Verdict };

/**
 * Takes from a successful answer what was asked for: a schema that the body fits, or, where the answer may
 * be longer than is read of one, a function. Undefined was not said by the peer.
 */
export type Wanted<T> = z.ZodType<T> | ((answer: HttpAnswer) => T | undefined);

/** Asks with one request. An answer without what is wanted is `unexpected_answer`. */
export type Ask = <T>(
  request: JsonRequest,
  wanted: Wanted<T>,
  sending: SendContext,
) => Promise<Asked<T>>;

/** Makes the function that asks a peer; `read` finds its own words in an answer that is no success. */
export function createAsk(
  call: JsonCall,
  read: (answer: HttpAnswer) => Said,
  now: () => number,
): Ask {
  return async <T>(request: JsonRequest, wanted: Wanted<T>, sending: SendContext) => {
    const answer = await call(request, sending);
    const verdict = verdictInWords(answer, now(), read(answer));
    if (verdict.kind !== "delivered") return { ok: false, verdict };
    const value = take(answer, wanted);
    if (value === undefined)
      return { ok: false, verdict: retry(answer, "unexpected_answer", now()) };
    return { ok: true, value, status: answer.status };
  };
}

function take<T>(answer: HttpAnswer, wanted: Wanted<T>): T | undefined {
  if (typeof wanted === "function") return wanted(answer);
  // 204 says all there is to say without a body.
  return answer.status === 204 ? wanted.safeParse(null).data : readJson(answer, wanted);
}

/** Whether a try ended because what was asked for is not there (any more). */
export function isGone(asked: Asked<unknown>): boolean {
  return !asked.ok && asked.verdict.kind === "reject" && asked.verdict.reason === "not_found";
}
