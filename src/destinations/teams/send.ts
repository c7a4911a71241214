/**
 * One try at a workflow. It answers 202 without a body when it has taken the card; what becomes of it
 * afterwards nobody is told. One that was built to answer by itself says 200 and some JSON. The webhooks
 * before workflows answered 200 and `1`, or 200 and an error in words.
 */
import { z } from "zod";
import type { HttpAnswer } from "../../net/http.ts";
import type { Destination, DestinationContext, Verdict } from "../destination.ts";
import { retry } from "../http-verdict.ts";
import { createJsonCall, readJson, trying } from "../json-call.ts";
import { verdictInWords } from "../peer-words.ts";
import { secretsOfUrl } from "../secret-url.ts";
import type { TeamsMessage } from "./render.ts";

/** What Power Automate says of a request that it refuses. */
const errorSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

const HINTS: Readonly<Record<number, string>> = {
  401: "copy the URL again from the workflow's trigger, with its signature, and let anyone trigger it",
  403: "copy the URL again from the workflow's trigger, with its signature, and let anyone trigger it",
  404: "the workflow is gone or its URL has changed; copy it again from its trigger",
  410: "the webhook is gone; make a workflow and use its URL",
};

/** Makes the function that posts cards. */
export function createSend(
  url: string,
  context: DestinationContext,
): Destination<TeamsMessage>["send"] {
  // Without a charset it is counted as if every character had two bytes.
  const headers = { "content-type": "application/json; charset=utf-8" };
  const call = createJsonCall({ headers, secrets: secretsOfUrl(url) }, context);
  return (body, _message, sending) =>
    trying(async () => verdictOf(await call({ url, body }, sending), context.now()));
}

function verdictOf(answer: HttpAnswer, now: number): Verdict {
  const said = readJson(answer, errorSchema)?.error;
  const words = said && `${said.code}: ${said.message}`;
  const verdict = verdictInWords(answer, now, { words, hint: HINTS[answer.status] });
  if (verdict.kind !== "delivered") return verdict;
  // A page of a proxy, or the words of a webhook of old.
  return isAnswer(answer) ? verdict : retry(answer, "unexpected_answer", now);
}

function isAnswer(answer: HttpAnswer): boolean {
  if (answer.body.trim() === "") return true;
  return readJson(answer, z.unknown()) !== undefined;
}
