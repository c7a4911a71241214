/** One try at Slack: an incoming webhook answers `ok`, the Web API as `bot.ts` tells. */
import type { Secret } from "../../config/secret.ts";
import type { DestinationContext } from "../destination.ts";
import { retry, verdictOfAnswer, verdictOfError } from "../http-verdict.ts";
import { createBotSend } from "./bot.ts";
import { createPost, type Send } from "./post.ts";

export interface SendOptions {
  readonly webhook_url?: Secret | undefined;
  readonly token?: Secret | undefined;
  readonly channel?: string | undefined;
  readonly api_url: string;
}

/** Makes the function that sends a rendered message the configured way. */
export function createSend(options: SendOptions, context: DestinationContext): Send {
  const { webhook_url, token, channel = "", api_url } = options;
  const send = token
    ? createBotSend({ token: token.reveal(), channel, api_url }, context)
    : createWebhookSend(webhook_url?.reveal() ?? "", context);
  return (rendered, message, sending) =>
    send(rendered, message, sending).catch((error: unknown) => verdictOfError(error));
}

function createWebhookSend(url: string, context: DestinationContext): Send {
  const post = createPost({ url, headers: {}, secrets: [url] }, context);
  return async (rendered, _message, sending) => {
    const answer = await post(rendered, sending);
    const verdict = verdictOfAnswer(answer, context.now());
    // Anything but "ok" with a 200 was not said by Slack.
    const lie = verdict.kind === "delivered" && answer.body.trim() !== "ok";
    return lie ? retry(answer, "unexpected_answer", context.now()) : verdict;
  };
}
