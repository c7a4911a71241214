/** One try at Mattermost: an incoming webhook answers `ok`, a bot is answered as `bot.ts` tells. */
import { z } from "zod";
import type { Secret } from "../../config/secret.ts";
import type { Destination, DestinationContext } from "../destination.ts";
import { retry } from "../http-verdict.ts";
import { createJsonCall, readJson, trying } from "../json-call.ts";
import { verdictInWords } from "../peer-words.ts";
import { secretsOfUrl } from "../secret-url.ts";
import { createBotSend } from "./bot.ts";
import type { MattermostMessage } from "./render.ts";

export interface SendOptions {
  readonly webhook_url?: Secret | undefined;
  readonly url?: string | undefined;
  readonly token?: Secret | undefined;
  readonly channel_id?: string | undefined;
}

type Send = Destination<MattermostMessage>["send"];

const errorSchema = z.object({ message: z.string() });

/** A hook that is not there is answered with 400. */
const HINTS: Readonly<Record<number, string>> = {
  400: "check the webhook's URL, and that webhooks are enabled",
  403: "the channel is archived, or the webhook's owner may not post to it",
  404: "check the webhook's URL; the channel may be gone",
};

/** Makes the function that sends a rendered message the configured way. */
export function createSend(options: SendOptions, context: DestinationContext): Send {
  const { webhook_url, url = "", token, channel_id = "" } = options;
  const send = token
    ? createBotSend({ url, token: token.reveal(), channel_id }, context)
    : createWebhookSend(webhook_url?.reveal() ?? "", context);
  return (rendered, message, sending) => trying(() => send(rendered, message, sending));
}

function createWebhookSend(url: string, context: DestinationContext): Send {
  const call = createJsonCall({ secrets: secretsOfUrl(url) }, context);
  return async (body, _message, sending) => {
    const answer = await call({ url, body }, sending);
    const words = readJson(answer, errorSchema)?.message;
    const verdict = verdictInWords(answer, context.now(), { words, hint: HINTS[answer.status] });
    // Anything but "ok" with a 200 was not said by Mattermost.
    const lie = verdict.kind === "delivered" && answer.body.trim() !== "ok";
    return lie ? retry(answer, "unexpected_answer", context.now()) : verdict;
  };
}
