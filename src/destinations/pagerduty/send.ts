/**
 * One try at PagerDuty. It answers 202 with `{"status":"success","dedup_key":"…"}`, 400 with what is
 * wrong with the event, 429 when it takes no more for now.
 * https://github.com/PagerDuty/api-schema/blob/main/reference/events-v2/openapiv3.json
 */
import { z } from "zod";
import type { Secret } from "../../config/secret.ts";
import type { HttpAnswer } from "../../net/http.ts";
import type { Destination, DestinationContext, Verdict } from "../destination.ts";
import { retry } from "../http-verdict.ts";
import { createJsonCall, readJson, trying } from "../json-call.ts";
import { verdictInWords } from "../peer-words.ts";
import type { PagerDutyEvent } from "./render.ts";

const acceptedSchema = z.object({ status: z.literal("success"), dedup_key: z.string().optional() });
const refusedSchema = z.object({
  status: z.string(),
  message: z.string(),
  errors: z.array(z.string()).default([]),
});

export interface SendOptions {
  readonly url: string;
  readonly routing_key: Secret;
}

/** Makes the function that sends a rendered event. */
export function createSend(
  { url, routing_key }: SendOptions,
  context: DestinationContext,
): Destination<PagerDutyEvent>["send"] {
  const secrets = [routing_key.reveal()];
  const call = createJsonCall({ secrets }, context);
  return (event, _message, sending) =>
    trying(async () => {
      if (event.event_action === "none") return { kind: "delivered", reference: event.dedup_key };
      const body = { routing_key: routing_key.reveal(), ...event };
      const answer = await call({ url, body }, sending);
      return verdictOf(answer, event.dedup_key, context.now());
    });
}

function verdictOf(answer: HttpAnswer, key: string, now: number): Verdict {
  const refused = readJson(answer, refusedSchema);
  const words = refused && [refused.message, ...refused.errors].join(": ");
  const isKey = refused?.errors.some((error) => error.includes("routing_key"));
  const hint = isKey ? "check the integration key" : undefined;
  const verdict = verdictInWords(answer, now, { words, hint });
  if (verdict.kind !== "delivered") return verdict;
  if (!readJson(answer, acceptedSchema)) return retry(answer, "unexpected_answer", now);
  return { ...verdict, reference: key };
}
