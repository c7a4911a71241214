/** One try at Slack: an incoming webhook answers `ok`, the Web API JSON with `ok` and `ts`. */
import type { Secret } from "../../config/secret.ts";
import type { HttpAnswer } from "../../net/http.ts";
import { USER_AGENT } from "../../net/user-agent.ts";
import type { Destination, DestinationContext, Message, Verdict } from "../destination.ts";
import { exchange } from "../http-exchange.ts";
import { retry, verdictOfAnswer, verdictOfError } from "../http-verdict.ts";
import { isThreadError, readApiAnswer, verdictOfApi } from "./answer.ts";
import type { SlackMessage } from "./render.ts";

export interface SendOptions {
  readonly webhook_url?: Secret | undefined;
  readonly token?: Secret | undefined;
  readonly channel?: string | undefined;
  readonly api_url: string;
}

type Send = Destination<SlackMessage>["send"];
type Post = (body: object, sending: Parameters<Send>[2]) => Promise<HttpAnswer>;

/** Makes the function that sends a rendered message the configured way. */
export function createSend(options: SendOptions, context: DestinationContext): Send {
  const send = options.token
    ? createBotSend(options, options.token, context)
    : createWebhookSend(options.webhook_url?.reveal() ?? "", context);
  return (rendered, message, sending) =>
    send(rendered, message, sending).catch((error: unknown) => verdictOfError(error));
}

function createPost(
  url: string,
  authorization: Record<string, string>,
  secrets: readonly string[],
  context: DestinationContext,
): Post {
  const type = "application/json; charset=utf-8";
  const headers = { "user-agent": USER_AGENT, "content-type": type, ...authorization };
  return (body, sending) => {
    const request = { method: "POST", url, headers, body: JSON.stringify(body) };
    return exchange(context.http, request, secrets, sending);
  };
}

function createWebhookSend(url: string, context: DestinationContext): Send {
  const post = createPost(url, {}, [url], context);
  return async (rendered, _message, sending) => {
    const answer = await post(rendered, sending);
    const verdict = verdictOfAnswer(answer, context.now());
    // Anything but "ok" with a 200 was not said by Slack.
    const lie = verdict.kind === "delivered" && answer.body.trim() !== "ok";
    return lie ? retry(answer, "unexpected_answer", context.now()) : verdict;
  };
}

function createBotSend(options: SendOptions, token: Secret, context: DestinationContext): Send {
  const url = `${options.api_url.replace(/\/$/, "")}/chat.postMessage`;
  const bearer = { authorization: `Bearer ${token.reveal()}` };
  const post = createPost(url, bearer, [token.reveal()], context);
  return async (rendered, message, sending) => {
    const root = message.thread === null ? null : message.memory;
    const body = { channel: options.channel, ...rendered };
    const answer = await post(root === null ? body : { ...body, thread_ts: root }, sending);
    // The thread's first message may have been deleted; the alert must not be lost with it.
    if (root === null || !isThreadError(answer)) return verdictOf(answer, message, root, context);
    return verdictOf(await post(body, sending), message, null, context);
  };
}

function verdictOf(
  answer: HttpAnswer,
  message: Message,
  root: string | null,
  context: DestinationContext,
): Verdict {
  const verdict = verdictOfApi(answer, context.now());
  if (verdict.kind !== "delivered" || message.thread === null) return verdict;
  const remember = root ?? readApiAnswer(answer)?.ts;
  return remember === undefined ? verdict : { ...verdict, remember };
}
