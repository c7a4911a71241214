/**
 * One try at an Alertmanager: `POST /api/v2/alerts`, which answers 200 without a body. The reference is made
 * of the labels that the alert is found by and that may change.
 * https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
 */
import { z } from "zod";
import type { Secret } from "../../config/secret.ts";
import type { HttpAnswer } from "../../net/http.ts";
import type { Destination, DestinationContext, Verdict } from "../destination.ts";
import { retry } from "../http-verdict.ts";
import { createJsonCall, joinUrl, readJson, trying } from "../json-call.ts";
import { verdictInWords } from "../peer-words.ts";
import { referenceOf, type AlertmanagerAlerts } from "./render.ts";

export interface SendOptions {
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
  readonly token?: Secret | undefined;
}

/** A refusal is a JSON text, or an object of the framework around it. */
const errorSchema = z.union([z.string(), z.object({ message: z.string() })]);

const HINTS: Readonly<Record<number, string>> = {
  401: "check username and password, or the token",
  403: "check username and password, or the token",
  404: "check the url: it ends before /api/v2, and Alertmanager has to be 0.16 or newer",
};

/** Makes the function that posts alerts. */
export function createSend(
  options: SendOptions,
  context: DestinationContext,
): Destination<AlertmanagerAlerts>["send"] {
  const { headers, secrets } = credentialsOf(options);
  const call = createJsonCall({ headers, secrets }, context);
  const url = joinUrl(options.url, "/api/v2/alerts");
  return (body, _message, sending) =>
    trying(async () => {
      const verdict = verdictOf(await call({ url, body }, sending), context.now());
      return verdict.kind === "delivered"
        ? { ...verdict, reference: referenceOf(body[0]?.labels ?? {}) }
        : verdict;
    });
}

function credentialsOf({ username, password, token }: SendOptions) {
  if (token) {
    const value = token.reveal();
    return { headers: { authorization: `Bearer ${value}` }, secrets: [value] };
  }
  if (!username || !password) return { headers: {}, secrets: [] };
  const plain = password.reveal();
  const encoded = Buffer.from(`${username}:${plain}`).toString("base64");
  return { headers: { authorization: `Basic ${encoded}` }, secrets: [plain, encoded] };
}

function verdictOf(answer: HttpAnswer, now: number): Verdict {
  const error = readJson(answer, errorSchema);
  const words = typeof error === "string" ? error : error?.message;
  const verdict = verdictInWords(answer, now, { words, hint: HINTS[answer.status] });
  if (verdict.kind !== "delivered" || answer.body.trim() === "") return verdict;
  return retry(answer, "unexpected_answer", now);
}
