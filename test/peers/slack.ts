/**
 * A Slack that is as strict as the real one: an incoming webhook and `chat.postMessage`, both
 * refusing what Slack refuses (limits: https://docs.slack.dev/reference/block-kit/blocks; the sum
 * over all blocks: https://github.com/slackapi/bolt-js/issues/2509). It keeps what it accepted.
 */
import { startPeer, type Peer, type PeerTls, type Received, type Responder } from "./peer.ts";

type Json = Record<string, unknown>;

export interface SlackPost {
  readonly way: "webhook" | "api";
  readonly payload: Json;
  readonly ts: string;
}

export interface FakeSlack extends Peer {
  readonly webhookUrl: string;
  readonly apiUrl: string;
  /** What was accepted, oldest first. */
  readonly posts: SlackPost[];
  /** Answers in Slack's place from now on; undefined lets Slack answer again. */
  misbehave(responder: Responder | undefined): void;
}

export const SLACK_TOKEN = "xoxb-test-0123456789-abcdef";
export const SLACK_CHANNEL = "C0123456789";
export const SLACK_PATH = "/services/T0AAAAAAA/B0BBBBBBB/cCdDeEfFgGhHiIjJkKlLmMnN";

/** Starts a fake Slack. Close it after the test. */
export async function startSlack(tls?: PeerTls): Promise<FakeSlack> {
  const posts: SlackPost[] = [];
  let fault: Responder | undefined;
  const peer = await startPeer((received, response, request) => {
    if (fault) return fault(received, response, request);
    const way = received.path === SLACK_PATH ? "webhook" : "api";
    const ts = `1777975200.${String(posts.length + 1).padStart(6, "0")}`;
    const error = way === "webhook" ? checkWebhook(received) : checkApi(received, posts);
    if (error === undefined) posts.push({ way, payload: JSON.parse(received.body) as Json, ts });
    if (way === "webhook")
      return void response
        .writeHead(error === undefined ? 200 : (STATUS[error] ?? 400), {
          "content-type": "text/html",
        })
        .end(error ?? "ok");
    const said =
      error === undefined ? { ok: true, channel: SLACK_CHANNEL, ts } : { ok: false, error };
    response.writeHead(200, { "content-type": "application/json; charset=utf-8" });
    response.end(JSON.stringify(said));
  }, tls);
  return {
    ...peer,
    posts,
    webhookUrl: `${peer.url}${SLACK_PATH}`,
    apiUrl: `${peer.url}/api`,
    misbehave: (responder) => void (fault = responder),
  };
}

const STATUS: Readonly<Record<string, number>> = { no_service: 404 };

function checkWebhook(received: Received): string | undefined {
  if (received.method !== "POST") return "invalid_payload";
  return checkPayload(received);
}

function checkApi(received: Received, posts: readonly SlackPost[]): string | undefined {
  if (received.path !== "/api/chat.postMessage") return "unknown_method";
  if (received.headers.authorization === undefined) return "not_authed";
  if (received.headers.authorization !== `Bearer ${SLACK_TOKEN}`) return "invalid_auth";
  const error = checkPayload(received);
  if (error !== undefined) return error;
  const payload = JSON.parse(received.body) as Json;
  if (payload["channel"] !== SLACK_CHANNEL) return "channel_not_found";
  const root = payload["thread_ts"];
  if (root === undefined) return undefined;
  return posts.some((post) => post.ts === root) ? undefined : "thread_not_found";
}

const KNOWN = [
  "text",
  "mrkdwn",
  "unfurl_links",
  "unfurl_media",
  "blocks",
  "attachments",
  "channel",
];

function checkPayload(received: Received): string | undefined {
  if (!received.headers["content-type"]?.startsWith("application/json")) return "invalid_payload";
  const payload = parse(received.body);
  if (!payload) return "invalid_payload";
  if (Object.keys(payload).some((key) => ![...KNOWN, "thread_ts"].includes(key)))
    return "invalid_arguments";
  const { text, blocks = [], attachments = [] } = payload;
  if (!Array.isArray(blocks) || !Array.isArray(attachments)) return "invalid_payload";
  if (typeof text !== "string" || text === "") return "no_text";
  if (text.length > 40_000) return "msg_too_long";
  if (attachments.length > 100) return "too_many_attachments";
  const inner = (attachments as Json[]).flatMap((each) => (each["blocks"] ?? []) as Json[]);
  const all = [...(blocks as Json[]), ...inner];
  if (all.length > 50 || !all.every(isBlock)) return "invalid_blocks";
  return countText(all) > 13_200 ? "msg_blocks_too_long" : undefined;
}

function parse(body: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Json)
      : undefined;
  } catch {
    return undefined;
  }
}

function isBlock(block: Json): boolean {
  if (block["type"] === "header") return isText(block["text"], 150, "plain_text");
  if (block["type"] === "context")
    return isList(block["elements"], 10, (each) => isText(each, 3000));
  if (block["type"] === "actions") return isList(block["elements"], 25, isButton);
  if (block["type"] !== "section") return false;
  if (block["fields"] === undefined) return isText(block["text"], 3000);
  return isList(block["fields"], 10, (each) => isText(each, 2000));
}

function isButton(element: unknown): boolean {
  const { type, text, url } = element as Json;
  return (
    type === "button" &&
    isText(text, 75, "plain_text") &&
    typeof url === "string" &&
    /^https?:\/\//.test(url) &&
    url.length <= 3000
  );
}

function isText(object: unknown, max: number, only?: string): boolean {
  const { type, text, emoji, verbatim } = (object ?? {}) as Json;
  if (typeof text !== "string" || text.length < 1 || text.length > max) return false;
  if (only !== undefined && type !== only) return false;
  if (type === "plain_text") return verbatim === undefined;
  return type === "mrkdwn" && emoji === undefined;
}

function isList(list: unknown, max: number, check: (each: unknown) => boolean): boolean {
  return Array.isArray(list) && list.length >= 1 && list.length <= max && list.every(check);
}

/** Every text and URL in the blocks counts. */
function countText(part: unknown): number {
  if (typeof part !== "object" || part === null) return 0;
  return Object.entries(part).reduce((sum, [key, value]) => {
    const own = typeof value === "string" && (key === "text" || key === "url") ? value.length : 0;
    return sum + own + countText(value);
  }, 0);
}
