/**
 * One try at a space's webhook. The message's key is its `requestId`: a repeat is answered with the message
 * that is there.
 * https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages/create
 */
import { z } from "zod";
import type { HttpAnswer } from "../../net/http.ts";
import type { Destination, DestinationContext, Verdict } from "../destination.ts";
import { retry } from "../http-verdict.ts";
import { createJsonCall, readJson, trying } from "../json-call.ts";
import { verdictInWords } from "../peer-words.ts";
import { secretsOfUrl } from "../secret-url.ts";
import type { ChatMessage } from "./render.ts";

/** A webhook is answered with the message's name and that of its thread, and not with all of it. */
const messageSchema = z.object({
  name: z.string(),
  thread: z.object({ name: z.string() }).optional(),
});
const errorSchema = z.object({ error: z.object({ message: z.string(), status: z.string() }) });

const HINTS: Readonly<Record<number, string>> = {
  401: "copy the webhook's URL again, with key and token",
  403: "copy the webhook's URL again; the organisation may have switched webhooks off",
  404: "the webhook or its space is gone; make another and use its URL",
};

/** Makes the function that sends a rendered message. */
export function createSend(
  webhook: string,
  context: DestinationContext,
): Destination<ChatMessage>["send"] {
  const call = createJsonCall({ secrets: secretsOfUrl(webhook) }, context);
  return (body, { key }, sending) =>
    trying(async () => {
      const answer = await call({ url: urlOf(webhook, body, key), body }, sending);
      return verdictOf(answer, context.now());
    });
}

/** Without the option a thread's key is ignored; with it the first message of a key begins the thread. */
function urlOf(webhook: string, { thread }: ChatMessage, key: string): string {
  const url = new URL(webhook);
  url.searchParams.set("requestId", key);
  if (thread) url.searchParams.set("messageReplyOption", "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD");
  return url.href;
}

function verdictOf(answer: HttpAnswer, now: number): Verdict {
  const error = readJson(answer, errorSchema)?.error;
  const words = error && `${error.message} (${error.status})`;
  const verdict = verdictInWords(answer, now, { words, hint: HINTS[answer.status] });
  const isAnswer = readJson(answer, messageSchema) !== undefined;
  if (verdict.kind !== "delivered" || isAnswer) return verdict;
  return retry(answer, "unexpected_answer", now);
}
