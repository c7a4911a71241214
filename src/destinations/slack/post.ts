/** Posting JSON to Slack, whichever way. */
import type { HttpAnswer } from "../../net/http.ts";
import { USER_AGENT } from "../../net/user-agent.ts";
import type { Destination, DestinationContext, SendContext } from "../destination.ts";
import { exchange } from "../http-exchange.ts";
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

/** Makes the function that posts to one URL. */
export function createPost(options: PostOptions, context: DestinationContext): Post {
  const { url, secrets } = options;
  const type = "application/json; charset=utf-8";
  const headers = { "user-agent": USER_AGENT, "content-type": type, ...options.headers };
  return (body, sending) => {
    const request = { method: "POST", url, headers, body: JSON.stringify(body) };
    return exchange(context.http, request, secrets, sending);
  };
}
