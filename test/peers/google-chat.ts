/**
 * A Google Chat: the webhook of a space. It refuses what the API refuses, answers a known `requestId` with
 * the message that is there, and keeps messages with their threads.
 *
 * https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages/create
 * https://developers.google.com/workspace/chat/api/reference/rest/v1/cards
 * https://developers.google.com/workspace/chat/quickstart/webhooks
 */
import { hasOnly, isList, isObject, isText, isUrl, parseObject, type Json } from "./json.ts";
import { startFaultyPeer, type FaultyPeer, type PeerTls, type Received } from "./peer.ts";

export interface ChatPost {
  readonly name: string;
  readonly request: string;
  /** The key of its thread; null for one of its own. */
  readonly thread: string | null;
  readonly payload: Json;
}

export interface FakeGoogleChat extends FaultyPeer {
  readonly webhookUrl: string;
  readonly posts: ChatPost[];
}

export const CHAT_KEY = "AIzaSyDdI0hCZtE6vySjMm-WEfRq3CPzqKqqsHI";
export const CHAT_TOKEN = "Zk3pQ9vX-sTq7mWcL_2bRfYhN8uEaJd0vB5nMx1rTgU=";
const PATH = "/v1/spaces/AAQAh7xKp2c/messages";
const MAX_BYTES = 32_000;
const OPTION = "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD";

type Answer = readonly [status: number, body: Json];

/** Starts a fake Google Chat. Close it after the test. */
export async function startGoogleChat(tls?: PeerTls): Promise<FakeGoogleChat> {
  const posts: ChatPost[] = [];
  const peer = await startFaultyPeer((received, response) => {
    const [status, body] = answer(received, posts);
    response.writeHead(status, { "content-type": "application/json; charset=UTF-8" });
    response.end(JSON.stringify(body));
  }, tls);
  const query = `?key=${CHAT_KEY}&token=${encodeURIComponent(CHAT_TOKEN)}`;
  return { ...peer, posts, webhookUrl: `${peer.url}${PATH}${query}` };
}

/** For the guide: a space, and what its page calls the webhook. */
export async function startForDocs() {
  const fake = await startGoogleChat();
  const env: Record<string, string> = { GOOGLE_CHAT_WEBHOOK: fake.webhookUrl };
  return { url: fake.webhookUrl, env, close: () => fake.close() };
}

function answer(received: Received, posts: ChatPost[]): Answer {
  const { pathname, searchParams } = new URL(received.path, "http://chat.test");
  if (pathname !== PATH) return refuse(404, "NOT_FOUND", "Requested entity was not found.");
  if (received.method !== "POST") return refuse(405, "METHOD_NOT_ALLOWED", "Use POST.");
  if (searchParams.get("key") !== CHAT_KEY || searchParams.get("token") !== CHAT_TOKEN)
    return refuse(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.");
  const payload = readBody(received);
  if (!payload) return refuse(400, "INVALID_ARGUMENT", "Invalid JSON payload received.");
  const request = searchParams.get("requestId") ?? "";
  const known = posts.find((post) => request !== "" && post.request === request);
  if (known) return [200, messageJson(known)];
  const isReply = searchParams.get("messageReplyOption") === OPTION;
  const key = isObject(payload["thread"]) ? String(payload["thread"]["threadKey"]) : null;
  const name = `spaces/AAQAh7xKp2c/messages/m${posts.length + 1}.m${posts.length + 1}`;
  const post = { name, request, thread: isReply ? key : null, payload };
  posts.push(post);
  return [200, messageJson(post)];
}

function messageJson({ name, thread, payload }: ChatPost): Json {
  const of = thread ?? name;
  return { ...payload, name, thread: { name: `spaces/AAQAh7xKp2c/threads/${of}` } };
}

function readBody(received: Received): Json | undefined {
  if (Buffer.byteLength(received.body) > MAX_BYTES) return undefined;
  if (!received.headers["content-type"]?.startsWith("application/json")) return undefined;
  const payload = parseObject(received.body);
  if (!payload || !hasOnly(payload, ["fallbackText", "cardsV2", "thread"])) return undefined;
  const { fallbackText, cardsV2, thread } = payload;
  const isFine = isText(fallbackText) && !/[<>]/.test(fallbackText) && isList(cardsV2, 1, isCard);
  return isFine && (thread === undefined || isThread(thread)) ? payload : undefined;
}

function isThread(value: unknown): boolean {
  return isObject(value) && hasOnly(value, ["threadKey"]) && isText(value["threadKey"], 4000);
}

function isCard(value: unknown): value is Json {
  if (!isObject(value) || !isText(value["cardId"]) || !isObject(value["card"])) return false;
  const { sections } = value["card"];
  const isSection = (each: unknown): each is Json =>
    isObject(each) && hasOnly(each, ["widgets"]) && isList(each["widgets"], 100, isWidget);
  return hasOnly(value["card"], ["sections"]) && isList(sections, 100, isSection);
}

function isWidget(value: unknown): value is Json {
  if (!isObject(value) || Object.keys(value).length !== 1) return false;
  const { textParagraph: paragraph, decoratedText: decorated, buttonList: buttons } = value;
  if (isObject(paragraph)) return isHtml(paragraph["text"]);
  if (isObject(decorated)) return isText(decorated["topLabel"]) && isHtml(decorated["text"]);
  return isObject(buttons) && isList(buttons["buttons"], 6, isButton);
}

/** Only tags that cards know, each closed. */
function isHtml(text: unknown): boolean {
  if (!isText(text)) return false;
  const open: string[] = [];
  const rest = text.replace(
    /<(\/?)(b|i|u|s|font|br)( color="#[0-9a-f]{6}")?>/g,
    (_tag, slash: string, name: string) => {
      if (slash === "") open.push(name);
      return slash === "" || open.pop() === name ? "" : "<";
    },
  );
  return open.length === 0 && !/[<>]/.test(rest);
}

function isButton(value: unknown): value is Json {
  if (!isObject(value) || !isText(value["text"]) || !isObject(value["onClick"])) return false;
  const { openLink } = value["onClick"];
  return isObject(openLink) && isUrl(openLink["url"]);
}

function refuse(code: number, status: string, message: string): Answer {
  return [code, { error: { code, message, status } }];
}
