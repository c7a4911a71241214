/**
 * One try at Telegram: `sendMessage` for what is new, `editMessageText` for what was sent before.
 * https://core.telegram.org/bots/api#making-requests
 *
 * What is remembered of a message. For its thread: the id of the thread's first message, which the others
 * answer. For its updates: `chat:message`. A message that is gone or cannot be edited any more, or whose
 * chat is gone, is sent anew.
 */
import { z } from "zod";
import type { Secret } from "../../config/secret.ts";
import type { HttpAnswer } from "../../net/http.ts";
import type {
  Destination,
  DestinationContext,
  Message,
  SendContext,
  Verdict,
} from "../destination.ts";
import { readRetryAfter, retry } from "../http-verdict.ts";
import { createJsonCall, joinUrl, readJson, trying, type JsonCall } from "../json-call.ts";
import { verdictInWords } from "../peer-words.ts";
import type { TelegramMessage } from "./render.ts";

export interface SendOptions {
  readonly token: Secret;
  readonly chat_id: string;
  readonly topic_id?: number | undefined;
  readonly api_url: string;
}

const sentSchema = z.object({
  ok: z.literal(true),
  result: z.object({ message_id: z.number(), chat: z.object({ id: z.number() }) }),
});
const errorSchema = z.object({
  ok: z.literal(false),
  description: z.string(),
  parameters: z
    .object({ retry_after: z.number().optional(), migrate_to_chat_id: z.number().optional() })
    .optional(),
});
type Refusal = z.infer<typeof errorSchema>;
/** How a message begins: its id, who sent it, its chat. */
const BEGINNING =
  /^\{"ok":true,"result":\{"message_id":(\d{1,15}),[^[\]]*?"chat":\{"id":(-?\d{1,20})[,}]/;

const UNCHANGED = /message is not modified/i;
/** The message is gone, or cannot be edited any more; or it is in a chat of before. */
const NOT_EDITABLE =
  /message to edit not found|message can't be edited|MESSAGE_ID_INVALID|chat not found|upgraded to a supergroup|bot was kicked|not a member/i;

const HINTS: readonly (readonly [words: RegExp, hint: string])[] = [
  [/unauthorized/i, "check the token"],
  [/^not found$/i, "check the token and api_url"],
  [/blocked by the user|user is deactivated/i, "the person has to start the bot again"],
  [/bot was kicked|not a member/i, "add the bot to the chat again"],
  [/chat not found/i, "check chat_id, and that the bot is in the chat"],
  [/not enough rights|need administrator rights/i, "let the bot post there"],
  [/thread not found/i, "check topic_id"],
  [/can't parse entities/i, "check the HTML of the template: Telegram knows a few tags only"],
];

/** Makes the function that sends a rendered message. */
export function createSend(
  options: SendOptions,
  context: DestinationContext,
): Destination<TelegramMessage>["send"] {
  const token = options.token.reveal();
  // What is behind the colon stays as it is, however the peer encodes the rest.
  const secrets = [token, `bot${token}`, token.slice(token.indexOf(":") + 1)];
  const call = createJsonCall({ secrets }, context);
  const url = joinUrl(options.api_url, `/bot${token}`);
  return (rendered, message, sending) =>
    trying(async () => {
      const changed = await change(call, url, rendered, message, sending);
      if (changed) return verdictOf(changed, message, context.now());
      const body = { ...placeOf(options, message), ...rendered };
      const answer = await call({ url: `${url}/sendMessage`, body }, sending);
      return verdictOf(answer, message, context.now());
    });
}

/** Where a new message goes; the root of its thread may have been deleted. */
function placeOf({ chat_id, topic_id }: SendOptions, message: Message) {
  const root = rootOf(message);
  return {
    chat_id,
    ...(topic_id === undefined ? {} : { message_thread_id: topic_id }),
    ...(root === undefined
      ? {}
      : { reply_parameters: { message_id: root, allow_sending_without_reply: true } }),
  };
}

/** The memory of an update names a message and no thread. */
function rootOf({ kind, thread, memory }: Message): number | undefined {
  if (thread === null || kind === "update" || memory === null) return undefined;
  return /^\d{1,15}$/.test(memory) ? Number(memory) : undefined;
}

/** Edits the message that an update names; undefined when what it says needs a new one. */
async function change(
  call: JsonCall,
  url: string,
  rendered: TelegramMessage,
  { kind, memory }: Message,
  sending: SendContext,
): Promise<HttpAnswer | undefined> {
  const [, chat_id, id] = /^(-?\d{1,20}):(\d{1,15})$/.exec(memory ?? "") ?? [];
  if (kind !== "update" || chat_id === undefined) return undefined;
  const body = { chat_id, message_id: Number(id), ...rendered };
  const answer = await call({ url: `${url}/editMessageText`, body }, sending);
  return NOT_EDITABLE.test(refusalOf(answer)?.description ?? "") ? undefined : answer;
}

function verdictOf(answer: HttpAnswer, message: Message, now: number): Verdict {
  const refusal = refusalOf(answer);
  const words = refusal?.description;
  // The update says what stands there already.
  if (answer.status === 400 && UNCHANGED.test(words ?? ""))
    return { kind: "delivered", status: 400, reference: message.memory ?? undefined };
  const verdict = verdictInWords(answer, now, { words, hint: hintOf(refusal) });
  if (verdict.kind === "retry") return { ...verdict, after: waitOf(refusal) ?? verdict.after };
  if (verdict.kind !== "delivered") return verdict;
  const sent = sentOf(answer);
  if (!sent) return retry(answer, "unexpected_answer", now);
  const isThreaded = message.thread !== null && message.kind !== "update";
  const root = rootOf(message) ?? sent.message_id;
  const reference = `${sent.chat.id}:${sent.message_id}`;
  return { ...verdict, remember: isThreaded ? String(root) : undefined, reference };
}

/** An answer repeats the message and the one it answers, and may not fit into what is read of it. */
function sentOf(answer: HttpAnswer) {
  const sent = readJson(answer, sentSchema)?.result;
  if (sent || !answer.cut) return sent;
  const [, id, chat] = BEGINNING.exec(answer.body) ?? [];
  return id && chat ? { message_id: Number(id), chat: { id: Number(chat) } } : undefined;
}

function refusalOf(answer: HttpAnswer): Refusal | undefined {
  return readJson(answer, errorSchema);
}

function hintOf(refusal: Refusal | undefined): string | undefined {
  const moved = refusal?.parameters?.migrate_to_chat_id;
  if (moved !== undefined) return `the group has moved: set chat_id to "${moved}"`;
  const words = refusal?.description.replace(/^[\w ]+: /, "") ?? "";
  return HINTS.find(([pattern]) => pattern.test(words))?.[1];
}

/** How long the body asks to wait, in ms. */
function waitOf(refusal: Refusal | undefined): number | undefined {
  const seconds = refusal?.parameters?.retry_after;
  return seconds === undefined ? undefined : readRetryAfter(String(seconds), 0);
}
