/**
 * Slack as a bot: `chat.postMessage` for what is new, `chat.update` for what was sent before.
 *
 * What is remembered of a message. For its thread: the `ts` of the thread's first message, which
 * stays the same however many answers follow. For its updates: a reference, `channel:ts`, with the
 * channel's id as Slack answered it, the only name that `chat.update` takes.
 * https://docs.slack.dev/reference/methods/chat.update
 */
import type { HttpAnswer } from "../../net/http.ts";
import type { DestinationContext, Message, SendContext, Verdict } from "../destination.ts";
import { isThreadError, isUpdateError, readApiAnswer, verdictOfApi } from "./answer.ts";
import { createPost, type Post, type Send } from "./post.ts";
import type { SlackMessage } from "./render.ts";

export interface BotOptions {
  readonly token: string;
  readonly channel: string;
  readonly api_url: string;
}

/** An answer, and the thread that its message went to. */
interface Answered {
  readonly answer: HttpAnswer;
  readonly root: string | null;
}

/** Makes the function that sends as a bot. */
export function createBotSend(options: BotOptions, context: DestinationContext): Send {
  const { channel } = options;
  const post = createMethod("chat.postMessage", options, context);
  const update = createMethod("chat.update", options, context);
  return async (rendered, message, sending) => {
    const changed = await change(update, rendered, message, sending);
    const body = { channel, ...rendered };
    const answered = changed ?? (await postInThread(post, body, rootOf(message), sending));
    return verdictOf(answered, message, channel, context.now());
  };
}

function createMethod(name: string, options: BotOptions, context: DestinationContext): Post {
  const url = `${options.api_url.replace(/\/$/, "")}/${name}`;
  const headers = { authorization: `Bearer ${options.token}` };
  return createPost({ url, headers, secrets: [options.token] }, context);
}

/** Changes the message that an update names; undefined when what it says needs a new message. */
async function change(
  update: Post,
  { text, blocks, attachments }: SlackMessage,
  message: Message,
  sending: SendContext,
): Promise<Answered | undefined> {
  const target = message.kind === "update" ? readReference(message.memory) : undefined;
  if (!target) return undefined;
  // Unlike for a new message, Slack would look for links and mentions by itself.
  const answer = await update({ ...target, text, blocks, attachments, parse: "none" }, sending);
  return isUpdateError(answer) ? undefined : { answer, root: null };
}

async function postInThread(
  post: Post,
  body: object,
  root: string | null,
  sending: SendContext,
): Promise<Answered> {
  if (root === null) return { answer: await post(body, sending), root };
  const answer = await post({ ...body, thread_ts: root }, sending);
  if (!isThreadError(answer)) return { answer, root };
  // The thread's first message may have been deleted; the alert must not be lost with it.
  return { answer: await post(body, sending), root: null };
}

/** The memory of an update names a message and no thread. */
function rootOf({ kind, thread, memory }: Message): string | null {
  return thread === null || kind === "update" ? null : memory;
}

function verdictOf(
  { answer, root }: Answered,
  { kind, thread }: Message,
  channel: string,
  now: number,
): Verdict {
  const verdict = verdictOfApi(answer, now);
  if (verdict.kind !== "delivered") return verdict;
  const said = readApiAnswer(answer);
  const isThreaded = thread !== null && kind !== "update";
  return {
    ...verdict,
    remember: isThreaded ? (root ?? said?.ts) : undefined,
    reference: said?.ts === undefined ? undefined : `${said.channel ?? channel}:${said.ts}`,
  };
}

function readReference(reference: string | null): { channel: string; ts: string } | undefined {
  const [, channel, ts] = /^([^:]+):(\d+\.\d+)$/.exec(reference ?? "") ?? [];
  return channel === undefined || ts === undefined ? undefined : { channel, ts };
}
