/**
 * People who use the buttons of messages: what Slack posts then, signed, and the answers that it takes
 * at the `response_url`. https://docs.slack.dev/interactivity/handling-user-interaction (five answers
 * within half an hour) and https://docs.slack.dev/reference/interaction-payloads/block_actions-payload;
 * the error of a URL that was used up is from practice.
 */
import { createHmac } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { Received } from "./peer.ts";

type Json = Record<string, unknown>;

export const SLACK_SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5";
const MAX_REPLIES = 5;

/** A click. */
export interface Press {
  /** What the message is, as Slack keeps it. */
  readonly post: { readonly payload: Json; readonly ts: string };
  /** What stands on the button or menu. */
  readonly on: string;
  /** What stands on the chosen option of a menu. */
  readonly option?: string;
  /** Id of the person; a known one unless given. */
  readonly user?: string;
  /** Epoch milliseconds; now unless given. */
  readonly at?: number;
  /** In the place of the app's own. */
  readonly secret?: string;
  /** Members of the payload in the place of Slack's own. */
  readonly forged?: Json;
}

/** What arrives at the app. */
export interface SignedRequest {
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** What a person was told, and how. */
export interface Reply {
  readonly url: string;
  readonly text: string;
  /** Seen by that person only. */
  readonly ephemeral: boolean;
}

/** The headers by which an app knows that a body comes from Slack. `at` in epoch ms. */
export function signSlack(
  body: string,
  at: number,
  secret = SLACK_SIGNING_SECRET,
): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  const hmac = createHmac("sha256", secret).update(`v0:${timestamp}:${body}`);
  return {
    "content-type": "application/x-www-form-urlencoded",
    "x-slack-request-timestamp": timestamp,
    "x-slack-signature": `v0=${hmac.digest("hex")}`,
  };
}

/** What Slack posts for a click. Throws when the message has no such button. */
export function pressIn(press: Press, replies: string): SignedRequest {
  const { post, user = "U012AB3CD", at = Date.now(), secret, forged } = press;
  const payload = {
    type: "block_actions",
    user: { id: user, username: "someone", team_id: "T0AAAAAAA" },
    api_app_id: "A02",
    container: { type: "message", message_ts: post.ts },
    trigger_id: "12321423423.333649436676.d8c1bb837935619ccad0f624c448ffb3",
    message: post.payload,
    response_url: `${replies}/${post.ts.replace(".", "")}/${user}`,
    actions: [{ ...actionOf(press), block_id: "b", action_ts: String(at / 1000) }],
    ...forged,
  };
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  return { headers: signSlack(body, at, secret), body };
}

function actionOf({ post, on, option }: Press): Json {
  const element = elementsOf(post.payload).find((each) => labelOf(each) === on);
  if (!element) throw new RangeError(`the message has no "${on}"`);
  const { type, action_id = "generated", value } = element;
  if (type === "button") return { type, action_id, ...(value === undefined ? {} : { value }) };
  const options = element["options"] as Json[];
  const chosen = options.find(({ text }) => (text as Json)["text"] === option);
  if (!chosen) throw new RangeError(`"${on}" has no option "${option}"`);
  return { type, action_id, selected_option: chosen };
}

function labelOf({ text, placeholder }: Json): unknown {
  return ((text ?? placeholder) as Json)["text"];
}

function elementsOf({ blocks = [], attachments = [] }: Json): Json[] {
  const inner = (attachments as Json[]).flatMap((each) => each["blocks"] as Json[]);
  return [...(blocks as Json[]), ...inner].flatMap(({ type, elements }) => {
    return type === "actions" ? (elements as Json[]) : [];
  });
}

const ARGUMENTS = ["text", "response_type", "replace_original", "delete_original", "blocks"];

/** Takes what an app answers to a click. */
export function takeReply(received: Received, response: ServerResponse, told: Reply[]): void {
  const error = findError(received, told);
  if (error !== undefined) {
    const body = JSON.stringify({ ok: false, error });
    response.writeHead(404, { "content-type": "application/json" }).end(body);
    return;
  }
  const reply = JSON.parse(received.body) as Json;
  // Without a type, it is for that person only.
  const ephemeral = (reply["response_type"] ?? "ephemeral") === "ephemeral";
  told.push({ url: received.path, text: String(reply["text"]), ephemeral });
  response.writeHead(200, { "content-type": "text/plain" }).end("ok");
}

function findError({ method, headers, path, body }: Received, told: readonly Reply[]) {
  if (method !== "POST" || !headers["content-type"]?.startsWith("application/json"))
    return "invalid_payload";
  if (told.filter(({ url }) => url === path).length >= MAX_REPLIES) return "used_url";
  const reply = JSON.parse(body) as Json;
  if (Object.keys(reply).some((name) => !ARGUMENTS.includes(name))) return "invalid_arguments";
  return typeof reply["text"] === "string" && reply["text"] !== "" ? undefined : "no_text";
}
