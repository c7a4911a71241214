/**
 * A Slack that is as strict as the real one: an incoming webhook, `chat.postMessage` and
 * `chat.update`, all refusing what Slack refuses (https://docs.slack.dev/reference/methods; limits of
 * messages are in `slack-blocks.ts`). It keeps what it accepted.
 *
 * People can use the buttons of what stands in the channel: `slack-clicks.ts`.
 */
import type { ServerResponse } from "node:http";
import { startFaultyPeer, type FaultyPeer, type PeerTls, type Received } from "./peer.ts";
import { checkBlocks } from "./slack-blocks.ts";
import { pressIn, takeReply, type Press, type Reply, type SignedRequest } from "./slack-clicks.ts";

export { signSlack, SLACK_SIGNING_SECRET } from "./slack-clicks.ts";

type Json = Record<string, unknown>;

export interface SlackPost {
  readonly way: "webhook" | "api";
  readonly payload: Json;
  readonly ts: string;
}

export interface FakeSlack extends FaultyPeer {
  readonly webhookUrl: string;
  readonly apiUrl: string;
  /** What stands in the channel, oldest first; an update replaces what it changes. */
  readonly posts: SlackPost[];
  /** The updates that were accepted. */
  readonly updates: Json[];
  /** What people were told in answer to their clicks. */
  readonly told: Reply[];
  /** What Slack posts when somebody uses a button or menu of a message; it throws when there is none. */
  press(press: Press): SignedRequest;
}

export const SLACK_TOKEN = "xoxb-test-0123456789-abcdef";
export const SLACK_CHANNEL = "C0123456789";
/** The channel's name: enough to post, not to update. */
export const SLACK_CHANNEL_NAME = "#soc";
export const SLACK_PATH = "/services/T0AAAAAAA/B0BBBBBBB/cCdDeEfFgGhHiIjJkKlLmMnN";

/** Starts a fake Slack. Close it after the test. */
export async function startSlack(tls?: PeerTls): Promise<FakeSlack> {
  const posts: SlackPost[] = [];
  const updates: Json[] = [];
  const told: Reply[] = [];
  const peer = await startFaultyPeer((received, response) => {
    if (received.path === SLACK_PATH) return answerWebhook(received, response, posts);
    if (received.path.startsWith("/actions/")) return takeReply(received, response, told);
    const said = takeCall(received, posts, updates);
    response.writeHead(200, { "content-type": "application/json; charset=utf-8" });
    response.end(JSON.stringify(said));
  }, tls);
  return {
    ...peer,
    posts,
    updates,
    told,
    press: (press) => pressIn(press, `${peer.url}/actions/T0AAAAAAA`),
    webhookUrl: `${peer.url}${SLACK_PATH}`,
    apiUrl: `${peer.url}/api`,
  };
}

/** For the guides: a webhook and a bot. */
export async function startForDocs() {
  const fake = await startSlack();
  return {
    url: fake.apiUrl,
    env: { SLACK_WEBHOOK: fake.webhookUrl, SLACK_BOT_TOKEN: SLACK_TOKEN },
    kept: () => fake.posts.map(({ payload }) => payload),
    close: () => fake.close(),
  };
}

function answerWebhook(received: Received, response: ServerResponse, posts: SlackPost[]): void {
  const error = received.method === "POST" ? checkPayload(received, POST_ARGUMENTS) : NOT_A_POST;
  if (error === undefined) keep(posts, "webhook", received);
  response.writeHead(error === undefined ? 200 : 400, { "content-type": "text/html" });
  response.end(error ?? "ok");
}

const NOT_A_POST = "invalid_payload";

/** A call of the Web API and its answer. */
function takeCall(received: Received, posts: SlackPost[], updates: Json[]): Json {
  const refused = checkToken(received);
  if (refused !== undefined) return { ok: false, error: refused };
  if (received.path === "/api/chat.postMessage") return takePost(received, posts);
  if (received.path === "/api/chat.update") return takeUpdate(received, posts, updates);
  return { ok: false, error: "unknown_method" };
}

function takePost(received: Received, posts: SlackPost[]): Json {
  const error = checkPayload(received, POST_ARGUMENTS) ?? checkPlace(parse(received.body), posts);
  if (error !== undefined) return { ok: false, error };
  return { ok: true, channel: SLACK_CHANNEL, ts: keep(posts, "api", received) };
}

function takeUpdate(received: Received, posts: SlackPost[], updates: Json[]): Json {
  const error = checkPayload(received, UPDATE_ARGUMENTS);
  if (error !== undefined) return { ok: false, error };
  const payload = parse(received.body) ?? {};
  if (String(payload["text"]).length > 4000) return { ok: false, error: "msg_too_long" };
  if (payload["channel"] !== SLACK_CHANNEL) return { ok: false, error: "channel_not_found" };
  const index = posts.findIndex((post) => post.ts === payload["ts"]);
  const post = posts[index];
  if (!post) return { ok: false, error: "message_not_found" };
  // A bot may change its own messages only.
  if (post.way !== "api") return { ok: false, error: "cant_update_message" };
  updates.push(payload);
  posts[index] = { ...post, payload: { ...post.payload, ...payload } };
  return { ok: true, channel: SLACK_CHANNEL, ts: post.ts };
}

function keep(posts: SlackPost[], way: SlackPost["way"], received: Received): string {
  const ts = `1777975200.${String(posts.length + 1).padStart(6, "0")}`;
  posts.push({ way, payload: parse(received.body) ?? {}, ts });
  return ts;
}

function checkToken({ headers: { authorization } }: Received): string | undefined {
  if (authorization === undefined) return "not_authed";
  return authorization === `Bearer ${SLACK_TOKEN}` ? undefined : "invalid_auth";
}

function checkPlace(payload: Json | undefined, posts: readonly SlackPost[]): string | undefined {
  const { channel, thread_ts: root } = payload ?? {};
  if (channel !== SLACK_CHANNEL && channel !== SLACK_CHANNEL_NAME) return "channel_not_found";
  if (root === undefined || posts.some((post) => post.ts === root)) return undefined;
  return "thread_not_found";
}

const CONTENT = ["text", "blocks", "attachments", "channel"];
const POST_ARGUMENTS = [...CONTENT, "mrkdwn", "unfurl_links", "unfurl_media", "thread_ts"];
const UPDATE_ARGUMENTS = [...CONTENT, "ts", "parse", "link_names"];

function checkPayload(received: Received, known: readonly string[]): string | undefined {
  if (!received.headers["content-type"]?.startsWith("application/json")) return "invalid_payload";
  const payload = parse(received.body);
  if (!payload) return "invalid_payload";
  if (Object.keys(payload).some((key) => !known.includes(key))) return "invalid_arguments";
  const { text, blocks = [], attachments = [] } = payload;
  if (!Array.isArray(blocks) || !Array.isArray(attachments)) return "invalid_payload";
  if (typeof text !== "string" || text === "") return "no_text";
  if (text.length > 40_000) return "msg_too_long";
  if (attachments.length > 100) return "too_many_attachments";
  const inner = (attachments as Json[]).flatMap((each) => (each["blocks"] ?? []) as Json[]);
  return checkBlocks([...(blocks as Json[]), ...inner]);
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
