/**
 * One try at Discord: a webhook is executed with `wait=true`, which answers the message and its id, and
 * the message is edited for updates. One that is gone, or that cannot be edited any more, is posted anew.
 * https://discord.com/developers/docs/resources/webhook#execute-webhook
 * https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
 */
import { z } from "zod";
import type { Secret } from "../../config/secret.ts";
import type { HttpAnswer } from "../../net/http.ts";
import type {
  Destination,
  DestinationContext,
  Message,
  SendContext,
  Verdict,
} from "../destination.ts";
import { readRetryAfter, retry } from "../http-verdict.ts";
import { createJsonCall, readJson, trying, type JsonCall } from "../json-call.ts";
import { verdictInWords } from "../peer-words.ts";
import { secretsOfUrl } from "../secret-url.ts";
import type { DiscordMessage } from "./render.ts";

export interface SendOptions {
  readonly webhook_url: Secret;
  readonly thread_id?: string | undefined;
}

const messageSchema = z.object({ id: z.string(), channel_id: z.string() });
const errorSchema = z.object({ message: z.string(), code: z.number() });
/** Seconds, with a fraction. */
const limitSchema = z.object({ retry_after: z.number().nonnegative() });

const ID = /^\d{17,20}$/;
/** Unknown message; of somebody else; edited too often for its age; in an archived thread. */
const UPDATE_ERRORS = new Set([10_008, 50_005, 30_046, 50_083]);

const HINTS: Readonly<Record<number, string>> = {
  10_003: "check thread_id",
  10_015: "the webhook was deleted; make another and use its URL",
  50_027: "copy the webhook's URL again",
};

/** An answer, and the message's id where it was known before. */
interface Answered {
  readonly answer: HttpAnswer;
  readonly id: string | undefined;
}

/** Makes the function that sends a rendered message. */
export function createSend(
  options: SendOptions,
  context: DestinationContext,
): Destination<DiscordMessage>["send"] {
  const url = options.webhook_url.reveal();
  const place = options.thread_id === undefined ? "" : `thread_id=${options.thread_id}`;
  const call = createJsonCall({ secrets: secretsOfUrl(url) }, context);
  return (body, message, sending) =>
    trying(async () => {
      const changed = await change(call, url, place, body, message, sending);
      const fresh = { url: `${url}?${["wait=true", place].filter(Boolean).join("&")}`, body };
      const answered = changed ?? { answer: await call(fresh, sending), id: undefined };
      return verdictOf(answered, context.now());
    });
}

/** Edits the message that an update names; undefined when what it says needs a new one. */
async function change(
  call: JsonCall,
  url: string,
  place: string,
  body: DiscordMessage,
  { kind, memory }: Message,
  sending: SendContext,
): Promise<Answered | undefined> {
  if (kind !== "update" || memory === null || !ID.test(memory)) return undefined;
  const target = `${url}/messages/${memory}${place && `?${place}`}`;
  const answer = await call({ method: "PATCH", url: target, body }, sending);
  const code = answer.status >= 400 ? readJson(answer, errorSchema)?.code : undefined;
  return code !== undefined && UPDATE_ERRORS.has(code) ? undefined : { answer, id: memory };
}

function verdictOf({ answer, id }: Answered, now: number): Verdict {
  const error = readJson(answer, errorSchema);
  const words = error && `${error.message} (${error.code})`;
  const verdict = verdictInWords(answer, now, { words, hint: HINTS[error?.code ?? 0] });
  if (verdict.kind === "retry") return { ...verdict, after: waitOf(answer) ?? verdict.after };
  if (verdict.kind !== "delivered") return verdict;
  const said = readJson(answer, messageSchema)?.id;
  if (said === undefined) return retry(answer, "unexpected_answer", now);
  // An id that stood in the request's path is hidden in the answer.
  return { ...verdict, reference: id ?? said };
}

/** How long the body asks to wait, in ms: more exact than the header. */
function waitOf(answer: HttpAnswer): number | undefined {
  const seconds = readJson(answer, limitSchema)?.retry_after;
  return seconds === undefined ? undefined : readRetryAfter(String(seconds), 0);
}
