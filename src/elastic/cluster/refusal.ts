/** What an answer of a cluster that is not the one hoped for means, as an error. */
import type { TocsinError } from "../../errors.ts";
import { isJsonObject, type JsonObject } from "../../receipt/json.ts";
import { refusalOf, type Meaning } from "../refusal.ts";
import type { Cluster, ClusterAnswer } from "./call.ts";

/** What was asked for, for the sentence `reading logs-*: …`, and which privilege it takes. */
export interface Asked {
  readonly doing: string;
  readonly privilege: string;
}

/**
 * CLUSTER_REFUSED where asking again comes to the same (credentials, address, the request itself),
 * NOT_FOUND for an index that is not there, else REQUEST_FAILED; each with `data.status` and
 * `data.reason`, and as `retry_after` the header of that name where there was one. The message quotes
 * the cluster's own words, without secrets.
 */
export function explainRefusal(
  { component, hide }: Pick<Cluster, "component" | "hide">,
  answer: ClusterAnswer,
  asked: Asked,
): TocsinError {
  const { status, retryAfter } = answer;
  const { doing } = asked;
  const said = detailOf(answer);
  const data = retryAfter === undefined ? {} : { retry_after: retryAfter };
  return refusalOf(meaningOf(answer, asked), { component, doing, status, said, hide }, data);
}

/** Whether an error or a failed shard in the answer is of this type, as the cluster names it. */
export function hasErrorType({ body }: ClusterAnswer, type: string): boolean {
  return JSON.stringify([body?.["error"], body?.["_shards"]]).includes(`"type":"${type}"`);
}

/** The first reason in the cluster's words: `type: reason`; "" when it gave none. */
function detailOf({ body }: ClusterAnswer): string {
  const error = body?.["error"];
  if (typeof error === "string") return error;
  if (!isJsonObject(error)) return "";
  const root = Array.isArray(error["root_cause"]) ? error["root_cause"][0] : undefined;
  return describeCause(isJsonObject(root) ? root : error);
}

/** `type: reason` of an error as clusters write it. */
export function describeCause(cause: JsonObject): string {
  return [cause["type"], cause["reason"]].filter((part) => typeof part === "string").join(": ");
}

function meaningOf(answer: ClusterAnswer, asked: Asked): Meaning {
  const { status } = answer;
  if (status >= 200 && status < 300) return UNREADABLE;
  if (status >= 300 && status < 400) return REDIRECT;
  if (status === 401) return UNAUTHORIZED;
  // The same status as of a privilege that lacks, but it passes.
  if (hasErrorType(answer, "cluster_block_exception")) return BLOCKED;
  if (status === 403) return forbidden(asked);
  if (hasErrorType(answer, "index_not_found_exception")) return INDEX_MISSING;
  if (status === 404 || status === 405 || status === 410) return NOT_OFFERED;
  if (status === 429) return { ...OVERLOADED, reason: "rate_limited" };
  if (status === 408 || status >= 500) return OVERLOADED;
  return REJECTED;
}

const UNREADABLE: Meaning = {
  code: "REQUEST_FAILED",
  reason: "unexpected_answer",
  words: "the answer is not that of Elasticsearch or OpenSearch",
  hint: "check the URL; a proxy's login page is a usual cause",
};
const REDIRECT: Meaning = {
  code: "CLUSTER_REFUSED",
  reason: "redirect",
  words: "the URL leads elsewhere, and redirects are not followed",
  hint: "write the address where the cluster itself answers",
};
const UNAUTHORIZED: Meaning = {
  code: "CLUSTER_REFUSED",
  reason: "unauthorized",
  words: "the credentials are missing or refused",
  hint: "check api_key, or username and password, or bearer; keys and tokens expire",
};
export const INDEX_MISSING: Meaning = {
  code: "NOT_FOUND",
  reason: "index_missing",
  words: "there is no such index",
  hint: "check its name; several go with commas or a *, as in .alerts-security.alerts-*",
};
const NOT_OFFERED: Meaning = {
  code: "CLUSTER_REFUSED",
  reason: "not_found",
  words: "the address does not answer this",
  hint: "check the URL and its path: it must lead to Elasticsearch or OpenSearch, not to Kibana",
};
const OVERLOADED: Meaning = {
  code: "REQUEST_FAILED",
  reason: "server_error",
  words: "the cluster cannot answer now",
  hint: "try again later; the cluster's health and log say more",
};
const BLOCKED: Meaning = {
  code: "REQUEST_FAILED",
  reason: "server_error",
  words: "the cluster or the index takes nothing now",
  hint: "free space on its disks: above the flood stage, indices can only be read and deleted",
};
const REJECTED: Meaning = {
  code: "CLUSTER_REFUSED",
  reason: "rejected_by_peer",
  words: "the cluster refused the request",
  hint: "check the index and the fields that are asked for",
};

function forbidden({ privilege }: Asked): Meaning {
  const hint = `give the user or the key the privilege ${privilege}`;
  return { ...UNAUTHORIZED, words: "the credentials do not allow this", hint };
}
