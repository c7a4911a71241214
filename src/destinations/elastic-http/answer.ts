/**
 * What the endpoint's answers mean. It decides in the order credentials, method, content type, signature,
 * query, room, encoding, body, and says what it found as `{"message": "…"}`.
 * https://github.com/elastic/beats, x-pack/filebeat/input/http_endpoint
 */
import { z } from "zod";
import type { HttpAnswer } from "../../net/http.ts";
import type { Verdict } from "../destination.ts";
import { excerptOf, reject, retry, verdictOfAnswer } from "../http-verdict.ts";
import { readJson } from "../json-call.ts";

export interface Reading {
  readonly verdict: Verdict;
  /** Nothing of the request was taken, and less of it may be. */
  readonly split: boolean;
}

/** What the endpoint says, and what to do about it. */
const HINTS: readonly (readonly [status: number, says: RegExp, hint: string])[] = [
  [
    400,
    /unexpected URL query/i,
    "this input does not know wait_for_completion, or url has a query",
  ],
  [400, /malformed JSON/i, "too large a body is cut by max_body_bytes of the input: raise it"],
  [401, /username or password/i, "check username and password"],
  [401, /secret/i, "check the secret header under headers"],
  [401, /hmac/i, "check header, secret, algorithm, prefix and encoding of hmac"],
  [401, /./, "check the credentials"],
  [405, /./, "set method to the one that the input takes"],
  [406, /./, "something on the way took the body away"],
  [413, /./, "something before the input refuses bodies of this size"],
  [415, /encoding/i, "set gzip: false"],
  [415, /./, "content_type must be byte for byte that of the input"],
];

const saidSchema = z.object({
  message: z.string().optional(),
  warn: z.string().optional(),
  error: z.string().optional(),
});

/** The verdict of an answer, and whether less at once may do better. `now` in epoch ms. */
export function readAnswer(answer: HttpAnswer, now: number): Reading {
  const { status, body } = answer;
  const { message, warn, error } = readJson(answer, saidSchema) ?? {};
  const said = excerptOf(message ?? warn ?? error ?? body);
  const verdict = verdictOf(answer, said, now);
  const isFull = status === 500 && error !== undefined && IN_FLIGHT.test(error);
  return {
    verdict,
    split: isFull || ((status === 400 || status === 413) && !/URL query/i.test(said)),
  };
}

const IN_FLIGHT = /in flight bytes/i;

function verdictOf(answer: HttpAnswer, said: string, now: number): Verdict {
  const { status } = answer;
  const verdict = verdictOfAnswer(answer, now);
  // What the input answers can be configured, but it is never a page.
  if (verdict.kind === "delivered" && isPage(answer))
    return retry(answer, "unexpected_answer", now);
  // A body that says it is compressed and is not: a proxy unpacked it, and will again.
  if (status === 500 && /gzip/i.test(said))
    return reject(answer, "rejected_by_peer", `${said} — set gzip: false`);
  if (status >= 500 && IN_FLIGHT.test(said)) return retry(answer, "rate_limited", now, said);
  // Nobody knows whether it came through: it is queued, and Elasticsearch was slow.
  if (status === 504) return retry(answer, "timeout", now, said);
  if (verdict.kind !== "reject") return verdict;
  const hint = HINTS.find(([code, says]) => code === status && says.test(said))?.[2];
  return reject(answer, verdict.reason, hint === undefined ? said : `${said} — ${hint}`);
}

function isPage({ headers, body }: HttpAnswer): boolean {
  return /^text\/html/i.test(headers["content-type"] ?? "") || /^\s*<(!doctype|html)/i.test(body);
}
