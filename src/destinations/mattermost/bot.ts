/**
 * Mattermost as a bot: `POST /api/v4/posts` for what is new, `PUT /api/v4/posts/{id}/patch` for what was
 * sent before. https://developers.mattermost.com/api-documentation/#/operations/CreatePost
 *
 * What is remembered of a message. For its thread: the id of the thread's first post. For its updates: the
 * id of the post itself. A post that is gone, or may not be changed any more, is posted anew.
 */
import { z } from "zod";
import type { HttpAnswer } from "../../net/http.ts";
import type {
  Destination,
  DestinationContext,
  Message,
  SendContext,
  Verdict,
} from "../destination.ts";
import { retry } from "../http-verdict.ts";
import { createJsonCall, joinUrl, readJson, type JsonCall } from "../json-call.ts";
import { verdictInWords } from "../peer-words.ts";
import { showPost, type MattermostMessage } from "./render.ts";

export interface BotOptions {
  readonly url: string;
  readonly token: string;
  readonly channel_id: string;
}

const ID = /^[a-z0-9]{26}$/;
const postSchema = z.object({ id: z.string(), channel_id: z.string() });
const errorSchema = z.object({ id: z.string(), message: z.string() });

/** The first post of the thread is gone, or was never one. */
const THREAD_ERRORS = new Set([
  "api.post.create_post.root_id.app_error",
  "api.post.create_post.channel_root_id.app_error",
]);

/** The post is gone, or it is too late to change it. A post that never was is a lack of rights, too. */
const UPDATE_ERRORS = new Set([
  "api.context.permissions.app_error",
  "api.post.update_post.permissions_details.app_error",
  "api.post.update_post.permissions_time_limit.app_error",
  "api.post.update_post.find.app_error",
  "app.post.get.app_error",
]);

const HINTS: Readonly<Record<number, string>> = {
  401: "check the token, and that the bot is enabled",
  403: "add the bot to the team and to the channel",
  404: "check the url, and that the server is there and not a page in front of it",
};

/** An answer, the post's id where it was known before, and the thread that it went to. */
interface Answered {
  readonly answer: HttpAnswer;
  readonly id: string | undefined;
  readonly root: string | null;
}

/** Makes the function that sends as a bot. */
export function createBotSend(
  options: BotOptions,
  context: DestinationContext,
): Destination<MattermostMessage>["send"] {
  const headers = { authorization: `Bearer ${options.token}` };
  const call = createJsonCall({ headers, secrets: [options.token] }, context);
  const url = joinUrl(options.url, "/api/v4/posts");
  return async (rendered, message, sending) => {
    const changed = await change(call, url, rendered, message, sending);
    const post = {
      channel_id: options.channel_id,
      ...showPost(rendered),
      pending_post_id: message.key,
    };
    const answered = changed ?? (await postInThread(call, url, post, message, sending));
    return verdictOf(answered, message, context.now());
  };
}

/** Changes the post that an update names; undefined when what it says needs a new one. */
async function change(
  call: JsonCall,
  url: string,
  rendered: MattermostMessage,
  { kind, memory }: Message,
  sending: SendContext,
): Promise<Answered | undefined> {
  if (kind !== "update" || memory === null || !ID.test(memory)) return undefined;
  const request = {
    method: "PUT",
    url: `${url}/${memory}/patch`,
    body: showPost(rendered),
  } as const;
  const answer = await call(request, sending);
  return failedBecause(answer, UPDATE_ERRORS) ? undefined : { answer, id: memory, root: null };
}

async function postInThread(
  call: JsonCall,
  url: string,
  post: object,
  { kind, thread, memory }: Message,
  sending: SendContext,
): Promise<Answered> {
  // The memory of an update names a post and no thread.
  const root = thread === null || kind === "update" ? null : memory;
  if (root === null)
    return { answer: await call({ url, body: post }, sending), id: undefined, root };
  const answer = await call({ url, body: { ...post, root_id: root } }, sending);
  if (!failedBecause(answer, THREAD_ERRORS)) return { answer, id: undefined, root };
  return { answer: await call({ url, body: post }, sending), id: undefined, root: null };
}

function failedBecause(answer: HttpAnswer, errors: ReadonlySet<string>): boolean {
  return answer.status >= 400 && errors.has(readJson(answer, errorSchema)?.id ?? "");
}

function verdictOf(
  { answer, id, root }: Answered,
  { kind, thread }: Message,
  now: number,
): Verdict {
  const error = readJson(answer, errorSchema);
  const words = error && `${error.message} (${error.id})`;
  const verdict = verdictInWords(answer, now, { words, hint: HINTS[answer.status] });
  if (verdict.kind !== "delivered") return verdict;
  const said = idOf(answer);
  if (said === undefined) return retry(answer, "unexpected_answer", now);
  const reference = id ?? said;
  const isThreaded = thread !== null && kind !== "update";
  return { ...verdict, remember: isThreaded ? (root ?? reference) : undefined, reference };
}

/**
 * A post is answered whole, and a long one does not fit into what is read; its id stands in front. An id
 * that stood in the request's path is hidden in the answer.
 */
function idOf(answer: HttpAnswer): string | undefined {
  return (
    readJson(answer, postSchema)?.id ?? /^\{"id":"([a-z0-9]{26}|<secret>)",/.exec(answer.body)?.[1]
  );
}
