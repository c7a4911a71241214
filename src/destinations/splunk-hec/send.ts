/** Events that are sent at the same time go out in one request, one object after the other. */
import type { Secret } from "../../config/secret.ts";
import { createBatcher, sendHalves } from "../batch.ts";
import type { Destination, DestinationContext, SendContext, Verdict } from "../destination.ts";
import { verdictOfError } from "../http-verdict.ts";
import { createJsonCall, joinUrl } from "../json-call.ts";
import { readAnswer, type Reading } from "./answer.ts";

export interface SendOptions {
  readonly url: string;
  readonly token: Secret;
  readonly channel?: string | undefined;
}

/** Splunk Cloud advises requests of no more. */
const MAX_BYTES = 1_000_000;
const MAX_ITEMS = 200;
const REQUESTS = 2;

type Post = (events: readonly string[], sending: SendContext) => Promise<Reading>;

/** Makes the function that sends rendered events. */
export function createSend(
  options: SendOptions,
  context: DestinationContext,
): Destination<string>["send"] {
  const post = createPost(options, context);
  const send = createBatcher<string>({
    maxItems: MAX_ITEMS,
    maxBytes: MAX_BYTES,
    requests: REQUESTS,
    sizeOf: (event) => Buffer.byteLength(event),
    sendAll: (events, sending) => sendAll(events, sending, post),
  });
  return (event, _message, sending) => send(event, sending);
}

function createPost({ url, token, channel }: SendOptions, context: DestinationContext): Post {
  const authorization = `Splunk ${token.reveal()}`;
  const headers = { authorization, ...(channel && { "x-splunk-request-channel": channel }) };
  const call = createJsonCall({ headers, secrets: [authorization, token.reveal()] }, context);
  const place = joinUrl(url, "/services/collector/event");
  return async (events, sending) => {
    try {
      const answer = await call({ url: place, body: events.join("\n") }, sending);
      return readAnswer(answer, context.now());
    } catch (error) {
      return { verdict: verdictOfError(error) };
    }
  };
}

/**
 * Splunk reads events until one is wrong: those before it are in, those behind it were not looked at and
 * are sent again.
 */
async function sendAll(
  events: readonly string[],
  sending: SendContext,
  post: Post,
): Promise<readonly Verdict[]> {
  const { verdict, invalid, split } = await post(events, sending);
  if (events.length === 1 || verdict.kind === "delivered") return events.map(() => verdict);
  if (invalid !== undefined && invalid < events.length) {
    const rest = events.slice(invalid + 1);
    const accepted = events
      .slice(0, invalid)
      .map((): Verdict => ({ kind: "delivered", status: 200 }));
    const later = rest.length === 0 ? [] : await sendAll(rest, sending, post);
    return [...accepted, verdict, ...later];
  }
  if (split) return await sendHalves(events, (half) => sendAll(half, sending, post));
  return events.map(() => verdict);
}
