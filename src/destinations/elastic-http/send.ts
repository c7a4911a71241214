/** One request to the endpoint: body, signature, credentials, and what the answer means. */
import { createHmac } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { USER_AGENT } from "../../net/user-agent.ts";
import { createBatcher, sendHalves } from "../batch.ts";
import type { Destination, DestinationContext, SendContext, Verdict } from "../destination.ts";
import { exchange } from "../http-exchange.ts";
import { verdictOfError } from "../http-verdict.ts";
import { readAnswer } from "./answer.ts";
import type { ElasticHttpConfig, HmacSettings } from "./elastic-http.ts";

const compress = promisify(gzip);

/** Of one request. */
const MAX_ITEMS = 500;
const MAX_BYTES = 5_000_000;
/** Under way at the same time, where alerts are sent together. */
const REQUESTS = 2;

type Batch = ElasticHttpConfig["batch"];

/** Makes the function that sends rendered events. */
export function createSend(
  options: ElasticHttpConfig,
  context: DestinationContext,
): Destination<string>["send"] {
  const post = createPost(options, context);
  const alone = options.batch === "object";
  const send = createBatcher<string>({
    maxItems: alone ? 1 : MAX_ITEMS,
    maxBytes: MAX_BYTES,
    requests: alone ? Number.POSITIVE_INFINITY : REQUESTS,
    sizeOf: (event) => Buffer.byteLength(event),
    sendAll: (events, sending) => sendAll(events, sending, post),
  });
  return (event, _message, sending) => send(event, sending);
}

type Post = (events: readonly string[], sending: SendContext) => ReturnType<typeof readAnswer>;

/** A request is taken as a whole or not at all, so a part of it can be sent again. */
async function sendAll(
  events: readonly string[],
  sending: SendContext,
  post: (...args: Parameters<Post>) => Promise<ReturnType<Post>>,
): Promise<readonly Verdict[]> {
  const { verdict, split } = await post(events, sending);
  if (!split || events.length === 1) return events.map(() => verdict);
  return await sendHalves(events, (half) => sendAll(half, sending, post));
}

function createPost(options: ElasticHttpConfig, { http, now }: DestinationContext) {
  const { method, batch, hmac } = options;
  const url = urlOf(options);
  const credentials = credentialsOf(options);
  const secrets = [...Object.values(credentials), ...plainSecrets(options)];
  const fixed = {
    "user-agent": USER_AGENT,
    "content-type": options.content_type,
    ...(options.gzip && { "content-encoding": "gzip" }),
    ...credentials,
  };
  return async (events: readonly string[], sending: SendContext) => {
    const text = bodyOf(events, batch);
    const body = options.gzip ? await compress(text) : text;
    const headers = { ...fixed, ...(hmac && signatureOf(body, hmac)) };
    const recording = options.gzip ? recordingText(sending, text) : sending;
    try {
      const request = { method, url, headers, body };
      return readAnswer(await exchange(http, request, secrets, recording), now());
    } catch (error) {
      return { verdict: verdictOfError(error), split: false };
    }
  };
}

/** The input takes one object, an array of them, or one after the other. Never an empty array: it dies of it. */
function bodyOf(events: readonly string[], batch: Batch): string {
  return batch === "array" ? `[${events.join(",")}]` : events.join("\n");
}

/** Compressed bytes cannot be read, so the text is recorded instead. */
function recordingText(sending: SendContext, text: string): SendContext {
  const { record } = sending;
  if (!record) return sending;
  return {
    signal: sending.signal,
    record: ({ request, answer }) => record({ request: `${request}${text}`, answer }),
  };
}

/** Go reads durations such as 1.5s. */
function urlOf({ url, wait_for_completion: wait }: ElasticHttpConfig): string {
  if (wait === undefined) return url;
  const whole = new URL(url);
  whole.searchParams.set("wait_for_completion_timeout", `${wait / 1000}s`);
  return whole.href;
}

function credentialsOf({ headers, username, password }: ElasticHttpConfig): Record<string, string> {
  const own = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.reveal()]);
  const basic =
    username !== undefined && password
      ? { authorization: `Basic ${toBase64(`${username}:${password.reveal()}`)}` }
      : {};
  return { ...(Object.fromEntries(own) as Record<string, string>), ...basic };
}

function plainSecrets({ password, hmac }: ElasticHttpConfig): string[] {
  return [password, hmac?.secret].flatMap((each) => each?.reveal() ?? []);
}

/** Over the bytes as they go out, which is what the input checks. */
function signatureOf(body: string | Uint8Array, hmac: HmacSettings): Record<string, string> {
  const { header, secret, algorithm, prefix, encoding } = hmac;
  const digest = createHmac(algorithm, secret.reveal()).update(body).digest(encoding);
  return { [header.toLowerCase()]: `${prefix}${digest}` };
}

function toBase64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}
