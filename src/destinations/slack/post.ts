/** Posting JSON to Slack, whichever way. */
import type { HttpAnswer } from "../../net/http.ts";
import type { Destination, DestinationContext, SendContext } from "../destination.ts";
import { createJsonCall } from "../json-call.ts";
import type { SlackMessage } from "./render.ts";

export type Send = Destination<SlackMessage>["send"];

/** Throws what `Http.request` throws. */
export type Post = (body: object, sending: SendContext) => Promise<HttpAnswer>;

export interface PostOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Hidden in what is recorded. */
  readonly secrets: readonly string[];
}

/** Makes the function that posts to one URL. Slack warns of JSON that names no charset. */
export function createPost(options: PostOptions, context: DestinationContext): Post {
  const { url, secrets } = options;
  const type = "application/json; charset=utf-8";
  const call = createJsonCall(
    { headers: { "content-type": type, ...options.headers }, secrets },
    context,
  );
  return (body, sending) => call({ url, body }, sending);
}
