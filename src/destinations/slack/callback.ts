/**
 * What Slack posts when somebody uses a button: a form with `payload`, which is JSON, signed.
 * https://docs.slack.dev/interactivity/handling-user-interaction
 *
 * Only Slack knows the signing secret, so what the payload says of the person is true. Where the answer
 * goes (`response_url`) is checked all the same: it is a URL from outside.
 */
import { z } from "zod";
import type { Secret } from "../../config/secret.ts";
import { USER_AGENT } from "../../net/user-agent.ts";
import type { CallbackAnswer, CallbackRequest } from "../callback.ts";
import type { DestinationContext } from "../destination.ts";
import { clip, oneLine } from "../text.ts";
import { isOurs, readAction } from "./actions.ts";
import { escapeText } from "./blocks.ts";
import { findFlaw } from "./signature.ts";

export interface CallbackOptions {
  readonly signing_secret: Secret;
  /** Names by the ids of Slack users; nobody else may act. */
  readonly users: Readonly<Record<string, string>>;
  readonly api_url: string;
}

const MAX_TOLD = 1000;
const TELL_MS = 5000;

const clickSchema = z.object({
  type: z.literal("block_actions"),
  user: z.object({ id: z.string() }),
  response_url: z.string().optional(),
  actions: z
    .array(
      z.object({
        action_id: z.string(),
        value: z.string().optional(),
        selected_option: z.object({ value: z.string() }).nullish(),
      }),
    )
    .min(1),
});
type Click = z.infer<typeof clickSchema>;

/** Makes the function that reads the clicks of people. */
export function createCallback(
  options: CallbackOptions,
  context: DestinationContext,
): (request: CallbackRequest) => CallbackAnswer {
  return (request) => {
    const flaw = findFlaw(options.signing_secret.reveal(), request);
    if (flaw !== undefined) return unauthenticated(flaw);
    const click = readClick(request.body);
    return click ? answerTo(click, options, context) : invalid("the body is no click on a button");
  };
}

function readClick(body: Uint8Array): Click | undefined {
  const payload = new URLSearchParams(Buffer.from(body).toString("utf8")).get("payload");
  try {
    return clickSchema.safeParse(JSON.parse(payload ?? "")).data;
  } catch {
    return undefined;
  }
}

function answerTo(
  { user, response_url, actions }: Click,
  { users, api_url }: CallbackOptions,
  context: DestinationContext,
): CallbackAnswer {
  // Slack tells of one at a time, whatever the list allows.
  const [action] = actions;
  if (!action || !isOurs(action.action_id)) return { kind: "nothing" };
  const read = readAction(action.action_id, action.selected_option?.value ?? action.value ?? "");
  if (!read) return invalid("there is no such button");
  const tell = createTell(response_url, api_url, context);
  const name = Object.hasOwn(users, user.id) ? users[user.id] : undefined;
  if (name === undefined) return { ...stranger(user.id), tell };
  return { kind: "deed", ...read, who: `${name} (slack ${user.id})`, tell };
}

type Refused = Extract<CallbackAnswer, { readonly kind: "refused" }>;

function unauthenticated(flaw: string): Refused {
  return {
    kind: "refused",
    reason: "unauthenticated",
    message: `the signature does not hold: ${flaw}`,
    hint: "Check actions.signing_secret against the app's Basic Information, and both clocks.",
  };
}

function invalid(message: string): Refused {
  return { kind: "refused", reason: "invalid", message };
}

function stranger(id: string): Refused {
  return {
    kind: "refused",
    reason: "forbidden",
    message: `the Slack user ${clip(oneLine(id), 60)} may not act on alerts`,
    hint: "Those who may stand under actions.users of the destination.",
  };
}

/** A URL takes five answers within half an hour; one is all it gets. */
function createTell(
  url: string | undefined,
  api_url: string,
  { http }: DestinationContext,
): (text: string) => Promise<void> {
  return async (text) => {
    if (url === undefined || !isSlack(url, api_url)) return;
    const answer = {
      response_type: "ephemeral",
      replace_original: false,
      text: clip(oneLine(text), MAX_TOLD, escapeText),
    };
    const headers = { "user-agent": USER_AGENT, "content-type": "application/json; charset=utf-8" };
    const signal = AbortSignal.timeout(TELL_MS);
    const body = JSON.stringify(answer);
    // What was done stays done, whether the person hears of it or not.
    await http.request({ method: "POST", url, headers, body, signal }).catch(() => {});
  };
}

/** `hooks.slack.com`, that of the Slack that the API belongs to, or the API's own address. */
function isSlack(url: string, api_url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host, origin, username, password } = new URL(url);
  const api = new URL(api_url);
  if (username !== "" || password !== "") return false;
  if (origin === api.origin) return true;
  return protocol === "https:" && ["hooks.slack.com", `hooks.${api.host}`].includes(host);
}
