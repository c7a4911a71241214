/** Calling a JSON API: requests out, answers read, secrets hidden on the way. */
import type { z } from "zod";
import type { HttpAnswer } from "../net/http.ts";
import { USER_AGENT } from "../net/user-agent.ts";
import { writeJson } from "./bound.ts";
import type { DestinationContext, SendContext, Verdict } from "./destination.ts";
import { exchange } from "./http-exchange.ts";
import { verdictOfError } from "./http-verdict.ts";

export interface JsonRequest {
  /** POST unless given. */
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: string;
  /** A text is sent as it is, anything else as JSON. */
  readonly body?: unknown;
}

/** Throws what `Http.request` throws. */
export type JsonCall = (request: JsonRequest, sending: SendContext) => Promise<HttpAnswer>;

export interface JsonCallOptions {
  /** Names in lower case. `content-type` is `application/json` unless given. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Hidden in what is recorded and said of the exchange. */
  readonly secrets: readonly string[];
  /** `public` where URLs hold ids that are looked for in answers, and no secret. `secret` unless given. */
  readonly urls?: "secret" | "public";
}

/** Makes the function that calls a peer with these headers. */
export function createJsonCall(options: JsonCallOptions, context: DestinationContext): JsonCall {
  const fixed = { "user-agent": USER_AGENT, accept: "application/json", ...options.headers };
  return ({ method = "POST", url, body }, sending) => {
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const text = typeof body === "string" || body === undefined ? body : writeJson(body);
    const request = { method, url, headers: { ...type, ...fixed }, body: text };
    return exchange(context.http, request, options.secrets, sending, options.urls);
  };
}

/** An answer's body as JSON that fits the schema; undefined when it is none or does not. */
export function readJson<T>({ body }: HttpAnswer, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}

/** Runs a try at a peer; what `Http.request` throws becomes a verdict. */
export async function trying(send: () => Promise<Verdict>): Promise<Verdict> {
  try {
    return await send();
  } catch (error) {
    return verdictOfError(error);
  }
}

/** A configured base URL with a path behind it; the path's parts must be encoded already. */
export function joinUrl(base: string, path: string): string {
  return `${base.replace(/\/+$/, "")}${path}`;
}
