/**
 * What the Web API says. A failure comes with status 200 and `{"ok":false,"error":"…"}`; the names
 * are those of https://docs.slack.dev/reference/methods/chat.postMessage and `chat.update` beside it.
 */
import { z } from "zod";
import type { HttpAnswer } from "../../net/http.ts";
import type { RejectReason, RetryReason, Verdict } from "../destination.ts";
import { excerptOf, reject, retry, verdictOfAnswer } from "../http-verdict.ts";
import { readJson } from "../json-call.ts";

const RETRIES: Readonly<Record<string, RetryReason>> = {
  ratelimited: "rate_limited",
  rate_limited: "rate_limited",
  internal_error: "server_error",
  fatal_error: "server_error",
  service_unavailable: "server_error",
  team_added_to_org: "server_error",
  update_failed: "server_error",
  external_channel_migrating: "server_error",
  request_timeout: "timeout",
};

const REJECTIONS: Readonly<Record<string, RejectReason>> = {
  access_denied: "unauthorized",
  account_inactive: "unauthorized",
  ekm_access_denied: "unauthorized",
  invalid_auth: "unauthorized",
  missing_scope: "unauthorized",
  no_permission: "unauthorized",
  not_allowed_token_type: "unauthorized",
  not_authed: "unauthorized",
  not_in_channel: "unauthorized",
  org_login_required: "unauthorized",
  restricted_action: "unauthorized",
  token_expired: "unauthorized",
  token_revoked: "unauthorized",
  channel_not_found: "not_found",
  is_archived: "not_found",
};

const HINTS: Readonly<Record<string, string>> = {
  channel_not_found: "check the channel's id, and that the app is in a private channel",
  invalid_auth: "check the token",
  missing_scope: "the app needs chat:write",
  not_in_channel: "invite the app to the channel",
};

const THREAD_ERRORS = new Set(["thread_not_found", "message_not_found", "cannot_reply_to_message"]);

/** The message is gone, or Slack does not let it be changed (any more). */
const UPDATE_ERRORS = new Set([
  "message_not_found",
  "cant_update_message",
  "edit_window_closed",
  "channel_not_found",
  "is_inactive",
]);

const answerSchema = z.object({
  ok: z.boolean(),
  channel: z.string().optional(),
  ts: z.string().optional(),
  error: z.string().optional(),
});
export type ApiAnswer = z.infer<typeof answerSchema>;

/** Reads an answer of the Web API; undefined when it is none. */
export function readApiAnswer(answer: HttpAnswer): ApiAnswer | undefined {
  return readJson(answer, answerSchema) ?? readCutAnswer(answer.body);
}

/**
 * Slack repeats the message in its answer, escaped, so a long one does not fit into what is read
 * of an answer. What matters stands in front.
 */
function readCutAnswer(body: string): ApiAnswer | undefined {
  const found = /^\{"ok":true,(?:"channel":"(\w+)",)?"ts":"(\d+\.\d+)",/.exec(body);
  return found ? { ok: true, channel: found[1], ts: found[2] } : undefined;
}

/** The verdict of an answer of the Web API. `now` in epoch ms. */
export function verdictOfApi(answer: HttpAnswer, now: number): Verdict {
  const verdict = verdictOfAnswer(answer, now);
  if (verdict.kind !== "delivered") return verdict;
  const said = readApiAnswer(answer);
  if (!said) return retry(answer, "unexpected_answer", now);
  if (said.ok) return verdict;
  const error = said.error ?? "";
  const later = RETRIES[error];
  if (later) return retry(answer, later, now, describe(error));
  return reject(answer, REJECTIONS[error] ?? "rejected_by_peer", describe(error));
}

/** Whether the message failed only because its thread is gone. */
export function isThreadError(answer: HttpAnswer): boolean {
  return THREAD_ERRORS.has(readApiAnswer(answer)?.error ?? "");
}

/** Whether an update failed only because its message cannot be changed; a new one still can be sent. */
export function isUpdateError(answer: HttpAnswer): boolean {
  return UPDATE_ERRORS.has(readApiAnswer(answer)?.error ?? "");
}

function describe(error: string): string {
  const hint = HINTS[error];
  return hint === undefined ? excerptOf(error) : `${error} — ${hint}`;
}
