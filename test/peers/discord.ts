/**
 * A Discord: a webhook that is executed with or without `wait`, and its messages edited. It refuses what
 * Discord refuses, with its status, codes and limits, and keeps the messages.
 *
 * https://discord.com/developers/docs/resources/webhook
 * https://discord.com/developers/docs/resources/message#embed-object-embed-limits
 * https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
 */
import { hasOnly, isList, isObject, isText, parseObject, type Json } from "./json.ts";
import { startFaultyPeer, type FaultyPeer, type PeerTls, type Received } from "./peer.ts";

export interface DiscordPost {
  readonly id: string;
  readonly thread: string | null;
  payload: Json;
}

export interface FakeDiscord extends FaultyPeer {
  readonly webhookUrl: string;
  readonly posts: DiscordPost[];
}

export const DISCORD_TOKEN = "Zk3pQ9vX-sTq7mWcL_2bRfYhN8uEaJd0";
export const DISCORD_THREAD = "1371234567890123456";
const PATH = `/api/webhooks/1370000000000000001/${DISCORD_TOKEN}`;

type Answer = readonly [status: number, body: Json | undefined];

/** Starts a fake Discord. Close it after the test. */
export async function startDiscord(tls?: PeerTls): Promise<FakeDiscord> {
  const posts: DiscordPost[] = [];
  const peer = await startFaultyPeer((received, response) => {
    const [status, body] = answer(received, posts);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(body && JSON.stringify(body));
  }, tls);
  return { ...peer, posts, webhookUrl: `${peer.url}${PATH}` };
}

/** For the guide: a Discord, and what its page calls the webhook. */
export async function startForDocs() {
  const fake = await startDiscord();
  const env: Record<string, string> = { DISCORD_WEBHOOK: fake.webhookUrl };
  return { url: fake.webhookUrl, env, close: () => fake.close() };
}

function answer(received: Received, posts: DiscordPost[]): Answer {
  const { pathname, searchParams } = new URL(received.path, "http://discord.test");
  if (!pathname.startsWith("/api/webhooks/1370000000000000001/"))
    return refuse(404, 10_015, "Unknown Webhook");
  if (pathname !== PATH && !pathname.startsWith(`${PATH}/`))
    return refuse(401, 50_027, "Invalid Webhook Token");
  const thread = searchParams.get("thread_id");
  if (thread !== null && thread !== DISCORD_THREAD) return refuse(404, 10_003, "Unknown Channel");
  const payload = readBody(received);
  if (!payload) return refuse(400, 50_035, "Invalid Form Body");
  if (received.method === "POST" && pathname === PATH)
    return post(payload, thread, searchParams.get("wait") === "true", posts);
  const id = /\/messages\/(\d+)$/.exec(pathname)?.[1];
  if (received.method === "PATCH" && id !== undefined) return edit(id, thread, payload, posts);
  return refuse(405, 0, "405: Method Not Allowed");
}

function post(payload: Json, thread: string | null, wait: boolean, posts: DiscordPost[]): Answer {
  const id = `13720000000000${String(posts.length + 1).padStart(5, "0")}`;
  posts.push({ id, thread, payload });
  return wait ? [200, messageJson(id, payload)] : [204, undefined];
}

function edit(id: string, thread: string | null, payload: Json, posts: DiscordPost[]): Answer {
  const found = posts.find((each) => each.id === id && each.thread === thread);
  if (!found) return refuse(404, 10_008, "Unknown Message");
  found.payload = payload;
  return [200, messageJson(id, payload)];
}

function messageJson(id: string, payload: Json): Json {
  const { content, embeds } = payload;
  return {
    type: 0,
    content,
    embeds,
    id,
    channel_id: "1369000000000000001",
    webhook_id: "1370000000000000001",
  };
}

function readBody(received: Received): Json | undefined {
  if (!received.headers["content-type"]?.startsWith("application/json")) return undefined;
  const payload = parseObject(received.body);
  if (!payload || !hasOnly(payload, ["content", "embeds", "allowed_mentions"])) return undefined;
  const { content, embeds, allowed_mentions: mentions } = payload;
  const isFine = isText(content, 2000) && content.trim() !== "" && isList(embeds, 10, isEmbed);
  const isSilent = isObject(mentions) && JSON.stringify(mentions["parse"]) === "[]";
  return isFine && isSilent ? payload : undefined;
}

function isEmbed(value: unknown): value is Json {
  if (!isObject(value) || !hasOnly(value, ["description", "color", "fields", "footer"]))
    return false;
  const { description, color, fields, footer } = value;
  return (
    (description === undefined || isText(description, 4096)) &&
    Number.isInteger(color) &&
    Number(color) <= 0xffffff &&
    Array.isArray(fields) &&
    fields.length <= 25 &&
    fields.every(isField) &&
    isObject(footer) &&
    isText(footer["text"], 2048) &&
    embedLength(value) <= 6000
  );
}

function isField(value: unknown): value is Json {
  return (
    isObject(value) &&
    isText(value["name"], 256) &&
    isText(value["value"], 1024) &&
    value["inline"] === true
  );
}

/** All texts of an embed that Discord counts together. */
export function embedLength({ description = "", fields, footer }: Json): number {
  const inFields = (fields as Json[]).map(({ name, value }) => `${String(name)}${String(value)}`);
  const text = (footer as Json)["text"];
  return [String(description), ...inFields, String(text)].join("").length;
}

function refuse(status: number, code: number, message: string): Answer {
  return [status, { message, code }];
}
