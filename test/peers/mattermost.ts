/**
 * A Mattermost: an incoming webhook, `POST /api/v4/posts` and `PUT /api/v4/posts/{id}/patch`, refusing what
 * the server refuses, with its status and its error ids. It keeps posts, and knows a `pending_post_id`
 * again as the server does for 30 seconds.
 *
 * https://developers.mattermost.com/api-documentation/#/operations/CreatePost
 * https://developers.mattermost.com/integrate/webhooks/incoming/
 * https://developers.mattermost.com/integrate/reference/message-attachments/
 * Error ids, lengths and `pending_post_id`: https://github.com/mattermost/mattermost
 * (`server/channels/app/post.go`, `server/channels/api4/post.go`, `server/public/model/post.go`).
 */
import { hasOnly, isList, isObject, isText, parseObject, type Json } from "./json.ts";
import { startFaultyPeer, type FaultyPeer, type PeerTls, type Received } from "./peer.ts";

export interface MattermostPost {
  readonly id: string;
  readonly way: "webhook" | "bot";
  /** Grows with each update. */
  edits: number;
  message: string;
  attachments: readonly Json[];
  readonly root: string | undefined;
}

export interface FakeMattermost extends FaultyPeer {
  readonly webhookUrl: string;
  readonly posts: MattermostPost[];
}

export const MATTERMOST_TOKEN = "x4tg8bqz3fdr7pmn1kcw9yhsoe";
export const MATTERMOST_CHANNEL = "q7wjz5tpx3f1dkcn8r4hyb6mse";
export const MATTERMOST_HOOK = "m1c8ue9kfpnt3dsq7xoyzr5wha";
const MAX_MESSAGE = 16_383;
const MAX_PROPS = 760_000;

type Answer = readonly [status: number, body: Json];

/** Starts a fake Mattermost. Close it after the test. */
export async function startMattermost(tls?: PeerTls): Promise<FakeMattermost> {
  const posts: MattermostPost[] = [];
  const pending = new Map<string, string>();
  const peer = await startFaultyPeer((received, response) => {
    const json = { "content-type": "application/json" };
    if (received.path.startsWith("/hooks/")) {
      const refused = takeHook(received, posts);
      if (!refused) return void response.writeHead(200, { "content-type": "text/plain" }).end("ok");
      return void response.writeHead(refused[0], json).end(JSON.stringify(refused[1]));
    }
    const [status, said] = takeCall(received, posts, pending);
    response.writeHead(status, json).end(JSON.stringify(said));
  }, tls);
  return { ...peer, posts, webhookUrl: `${peer.url}/hooks/${MATTERMOST_HOOK}` };
}

/** For the guide: a Mattermost with what its page calls the webhook and the bot's token. */
export async function startForDocs() {
  const fake = await startMattermost();
  const env: Record<string, string> = {
    MATTERMOST_WEBHOOK: fake.webhookUrl,
    MATTERMOST_TOKEN,
  };
  return { url: fake.url, env, close: () => fake.close() };
}

function takeHook(received: Received, posts: MattermostPost[]): Answer | undefined {
  if (received.path !== `/hooks/${MATTERMOST_HOOK}`)
    return refuse(400, "web.incoming_webhook.invalid.app_error", "Invalid webhook.");
  const body = readBody(received);
  if (received.method !== "POST" || !body || !hasOnly(body, ["text", "attachments"]))
    return refuse(400, "web.incoming_webhook.parse.app_error", "Unable to parse incoming data.");
  const error = checkPost(body["text"], body["attachments"]);
  if (!error) keep(posts, "webhook", body["text"], body["attachments"], undefined);
  return error;
}

function takeCall(
  received: Received,
  posts: MattermostPost[],
  pending: Map<string, string>,
): Answer {
  if (received.headers.authorization !== `Bearer ${MATTERMOST_TOKEN}`)
    return refuse(401, "api.context.session_expired.app_error", "Invalid or expired session.");
  const body = readBody(received);
  if (!body) return refuse(400, "api.context.invalid_body_param.app_error", "Invalid body.");
  if (received.method === "POST" && received.path === "/api/v4/posts")
    return create(body, posts, pending);
  const id = /^\/api\/v4\/posts\/([a-z0-9]{26})\/patch$/.exec(received.path)?.[1];
  if (received.method === "PUT" && id !== undefined) return patch(id, body, posts);
  return refuse(404, "api.context.404.app_error", "Sorry, we could not find the page.");
}

const CREATE = ["channel_id", "message", "props", "root_id", "pending_post_id"];

function create(body: Json, posts: MattermostPost[], pending: Map<string, string>): Answer {
  const { channel_id: channel, message, props, root_id: root, pending_post_id: key } = body;
  const known = posts.find(({ id }) => id === pending.get(String(key)));
  if (known) return [201, postJson(known)];
  if (channel !== MATTERMOST_CHANNEL)
    return refuse(403, "api.context.permissions.app_error", "You do not have the permissions.");
  if (!hasOnly(body, CREATE) || !isObject(props) || !hasOnly(props, ["attachments"]))
    return refuse(400, "api.context.invalid_body_param.app_error", "Invalid body.");
  const error = checkPost(message, props["attachments"]);
  if (error) return error;
  if (root !== undefined && !posts.some(({ id }) => id === root))
    return refuse(400, "api.post.create_post.root_id.app_error", "Invalid RootId parameter.");
  const post = keep(posts, "bot", message, props["attachments"], root);
  if (isText(key)) pending.set(key, post.id);
  return [201, postJson(post)];
}

function patch(id: string, body: Json, posts: MattermostPost[]): Answer {
  const post = posts.find((each) => each.id === id);
  if (!post || post.way !== "bot")
    return refuse(403, "api.context.permissions.app_error", "You do not have the permissions.");
  const { message, props } = body;
  if (!hasOnly(body, ["message", "props"]) || !isObject(props))
    return refuse(400, "api.context.invalid_body_param.app_error", "Invalid body.");
  const error = checkPost(message, props["attachments"]);
  if (error) return error;
  post.message = String(message);
  post.attachments = props["attachments"] as Json[];
  post.edits += 1;
  return [200, postJson(post)];
}

function keep(
  posts: MattermostPost[],
  way: MattermostPost["way"],
  message: unknown,
  attachments: unknown,
  root: unknown,
): MattermostPost {
  const id = `p${String(posts.length + 1).padStart(25, "0")}`;
  const post: MattermostPost = {
    id,
    way,
    edits: 0,
    message: String(message),
    attachments: attachments as Json[],
    root: isText(root) ? root : undefined,
  };
  posts.push(post);
  return post;
}

function postJson({ id, message, attachments, root }: MattermostPost): Json {
  return {
    id,
    create_at: 1,
    channel_id: MATTERMOST_CHANNEL,
    root_id: root ?? "",
    message,
    props: { attachments },
  };
}

function checkPost(message: unknown, attachments: unknown): Answer | undefined {
  if (!isText(message)) return refuse(400, "api.post.empty.app_error", "No text specified.");
  if (Array.from(message).length > MAX_MESSAGE)
    return refuse(400, "model.post.is_valid.message_length.app_error", "Post is too long.");
  if (JSON.stringify(attachments ?? []).length > MAX_PROPS)
    return refuse(400, "model.post.is_valid.props.app_error", "Invalid props.");
  if (isList(attachments, 100, isAttachment)) return undefined;
  return refuse(400, "web.incoming_webhook.parse.app_error", "Unable to parse incoming data.");
}

function isAttachment(value: unknown): value is Json {
  if (!isObject(value) || !hasOnly(value, ["fallback", "color", "fields", "footer"])) return false;
  const { fallback, color, fields, footer } = value;
  const isField = (each: unknown): each is Json =>
    isObject(each) && isText(each["title"]) && isText(each["value"]) && each["short"] === true;
  return (
    isText(fallback) &&
    /^#[0-9a-f]{6}$/.test(String(color)) &&
    isText(footer) &&
    Array.isArray(fields) &&
    fields.every(isField)
  );
}

function readBody(received: Received): Json | undefined {
  const isJson = received.headers["content-type"]?.startsWith("application/json");
  return isJson ? parseObject(received.body) : undefined;
}

function refuse(status: number, id: string, message: string): Answer {
  return [status, { id, message, detailed_error: "", request_id: "r1", status_code: status }];
}
