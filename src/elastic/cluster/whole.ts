/** Answers that lack something are no answers: what is missing would be missing without a word. */
import { fail } from "../../errors.ts";
import { isJsonObject, type JsonObject } from "../../receipt/json.ts";
import type { Cluster, ClusterAnswer } from "./call.ts";
import { quoteSaid } from "../refusal.ts";
import { describeCause, explainRefusal, INDEX_MISSING, type Asked } from "./refusal.ts";

/** The body of an answer that is one. Throws as `checkWhole` and `explainRefusal`, or when it was cut. */
export function readWhole(cluster: Cluster, answer: ClusterAnswer, asked: Asked): JsonObject {
  const { status, body, cut } = answer;
  if (cut) throw answerTooLong(cluster, asked);
  if (status < 200 || status >= 300 || !body) throw explainRefusal(cluster, answer, asked);
  checkWhole(cluster, body, asked);
  return body;
}

/**
 * Throws NOT_FOUND when no index was looked into, and REQUEST_FAILED when a shard or a remote cluster
 * did not answer, or the time was over.
 */
export function checkWhole({ component, hide }: Cluster, body: JsonObject, asked: Asked): void {
  const { doing } = asked;
  const shards = objectAt(body, "_shards");
  if (shards["total"] === 0) throw indexMissing(component, asked);
  const clusters = objectAt(body, "_clusters");
  const failed = [shards["failed"], clusters["skipped"], clusters["failed"], clusters["partial"]];
  const lacks = failed.some((count) => typeof count === "number" && count > 0);
  if (!lacks && body["timed_out"] !== true) return;
  const detail = quoteSaid(firstFailure(shards), hide);
  throw fail("REQUEST_FAILED", {
    component,
    message: `${doing}: only a part of the shards answered${detail === "" ? "" : ` (${detail})`}`,
    hint: "look at the cluster's health; nothing is read as long as documents would be missing",
    data: { reason: "server_error" },
  });
}

/** Of a pattern that nothing fits, which clusters answer with nothing. */
export function indexMissing(component: string, { doing }: Asked) {
  const { code, words, hint, reason } = INDEX_MISSING;
  return fail(code, { component, message: `${doing}: ${words}`, hint, data: { reason } });
}

function answerTooLong({ component }: Cluster, { doing }: Asked) {
  return fail("REQUEST_FAILED", {
    component,
    message: `${doing}: the answer is longer than one may be`,
    hint: "ask for less at once",
    data: { reason: "unexpected_answer" },
  });
}

function firstFailure(shards: JsonObject): string {
  const failures = shards["failures"];
  const first = Array.isArray(failures) ? failures[0] : undefined;
  return isJsonObject(first) ? describeCause(objectAt(first, "reason")) : "";
}

function objectAt(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  return isJsonObject(value) ? value : {};
}
