/**
 * Telegram's Bot API: `sendMessage` and `editMessageText`, with its answers and limits. It reads the HTML as
 * strictly as the real one: unknown tags, tags that are left open and bare `<` or `&` are refused, and
 * what counts is the text that is shown.
 *
 * https://core.telegram.org/bots/api#making-requests, #sendmessage, #editmessagetext, #html-style,
 * #responseparameters. The words of refusals: https://github.com/tdlib/telegram-bot-api.
 */
import { hasOnly, isObject, isText, parseObject, type Json } from "./json.ts";
import { startFaultyPeer, type FaultyPeer, type PeerTls, type Received } from "./peer.ts";

export interface TelegramPost {
  readonly id: number;
  readonly body: Json;
  /** What people see. */
  readonly shown: string;
}

export interface FakeTelegram extends FaultyPeer {
  readonly posts: TelegramPost[];
}

export const TELEGRAM_TOKEN = "7103456789:AAHk3ZpQ9vX-sTq7mWcL_2bRfYhN8uEaJd0";
export const TELEGRAM_CHAT = "-1002003004005";
export const TELEGRAM_TOPIC = 17;
const MAX_TEXT = 4096;

type Answer = readonly [status: number, body: Json];

/** Starts a fake Telegram. Close it after the test. */
export async function startTelegram(tls?: PeerTls): Promise<FakeTelegram> {
  const posts: TelegramPost[] = [];
  const peer = await startFaultyPeer((received, response) => {
    const [status, body] = answer(received, posts);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  }, tls);
  return { ...peer, posts };
}

/** For the guide: a Telegram, and what its page calls the token. */
export async function startForDocs() {
  const fake = await startTelegram();
  const env: Record<string, string> = { TELEGRAM_TOKEN };
  return { url: fake.url, env, close: () => fake.close() };
}

function answer(received: Received, posts: TelegramPost[]): Answer {
  const [, token, method] = /^\/bot([^/]+)\/(\w+)$/.exec(received.path) ?? [];
  if (token === undefined) return refuse(404, "Not Found");
  if (token !== TELEGRAM_TOKEN) return refuse(401, "Unauthorized");
  const body = parseObject(received.body);
  if (!body || !received.headers["content-type"]?.startsWith("application/json"))
    return refuse(400, "Bad Request: can't parse the request");
  if (body["chat_id"] !== TELEGRAM_CHAT) return refuse(400, "Bad Request: chat not found");
  if (method === "sendMessage") return send(body, posts);
  return method === "editMessageText"
    ? edit(body, posts)
    : refuse(404, "Not Found: method not found");
}

const COMMON = ["chat_id", "text", "parse_mode", "link_preview_options"];

function send(body: Json, posts: TelegramPost[]): Answer {
  const { message_thread_id: topic, reply_parameters: reply } = body;
  if (!hasOnly(body, [...COMMON, "message_thread_id", "reply_parameters"]))
    return refuse(400, "unknown member");
  if (topic !== undefined && topic !== TELEGRAM_TOPIC)
    return refuse(400, "Bad Request: message thread not found");
  const isThere = isObject(reply) && posts.some(({ id }) => id === reply["message_id"]);
  if (isObject(reply) && !isThere && reply["allow_sending_without_reply"] !== true)
    return refuse(400, "Bad Request: message to be replied not found");
  const shown = readText(body);
  if (typeof shown !== "string") return shown;
  const id = posts.length + 41;
  posts.push({ id, body, shown });
  return accept(id, shown);
}

function edit(body: Json, posts: TelegramPost[]): Answer {
  if (!hasOnly(body, [...COMMON, "message_id"])) return refuse(400, "unknown member");
  const index = posts.findIndex(({ id }) => id === body["message_id"]);
  const post = posts[index];
  if (!post) return refuse(400, "Bad Request: message to edit not found");
  const shown = readText(body);
  if (typeof shown !== "string") return shown;
  if (post.body["text"] === body["text"])
    return refuse(
      400,
      "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
    );
  posts[index] = { ...post, body, shown };
  return accept(post.id, shown);
}

function accept(id: number, text: string): Answer {
  const chat = { id: Number(TELEGRAM_CHAT), title: "SOC", type: "supergroup" };
  return [200, { ok: true, result: { message_id: id, date: 1, chat, text } }];
}

/** What is shown of the text, or why it is refused. */
function readText({
  text,
  parse_mode: mode,
  link_preview_options: preview,
}: Json): string | Answer {
  if (!isText(text) || mode !== "HTML" || !isObject(preview))
    return refuse(400, "Bad Request: message text is empty");
  const shown = parseHtml(text);
  if (shown === undefined)
    return refuse(400, "Bad Request: can't parse entities: Unsupported start tag at byte offset 0");
  if (shown.trim() === "") return refuse(400, "Bad Request: message text is empty");
  return shown.length > MAX_TEXT ? refuse(400, "Bad Request: message is too long") : shown;
}

const TAGS = /^(b|strong|i|em|u|ins|s|strike|del|code|pre|blockquote|tg-spoiler|a href="[^"<>]*")$/;
const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"' };

/** The text without its markup; undefined when the markup is wrong. */
function parseHtml(html: string): string | undefined {
  const open: string[] = [];
  let isFine = true;
  const text = html.replace(/<(\/?)([^<>]*)>/g, (_tag, slash: string, inside: string) => {
    const name = inside.split(" ")[0] ?? "";
    if (slash === "") open.push(name);
    isFine &&= slash === "" ? TAGS.test(inside) : open.pop() === inside;
    return "";
  });
  if (!isFine || open.length > 0 || text.includes("<")) return undefined;
  return text.replace(/&(?:#(\d+)|(\w+));/g, (whole, code?: string, name?: string) => {
    return code === undefined
      ? (ENTITIES[name ?? ""] ?? whole)
      : String.fromCodePoint(Number(code));
  });
}

function refuse(status: number, description: string): Answer {
  return [status, { ok: false, error_code: status, description }];
}
