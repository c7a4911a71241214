/** What an answer of Kibana that is not the one hoped for means, as an error. */
import type { TocsinError } from "../../errors.ts";
import type { HttpAnswer } from "../../net/http.ts";
import { isJsonObject, type JsonValue } from "../../receipt/json.ts";
import { refusalOf, type Meaning, type Refused } from "../refusal.ts";

/**
 * CLUSTER_REFUSED where asking again comes to the same, NOT_FOUND for an address or a case that is
 * not there, else REQUEST_FAILED. `data` has the `status`, the `reason` by the name that it has for
 * deliveries, and as `retry_after` the header of that name where there was one. The message quotes
 * what Kibana said, without secrets.
 */
export function explainRefusal(
  answer: HttpAnswer,
  asked: Pick<Refused, "component" | "doing" | "hide">,
): TocsinError {
  const { status } = answer;
  const retry_after = answer.headers["retry-after"];
  const data = retry_after === undefined ? {} : { retry_after };
  return refusalOf(meaningOf(status), { ...asked, status, said: detailOf(answer) }, data);
}

const UNAUTHORIZED: Meaning = {
  code: "CLUSTER_REFUSED",
  reason: "unauthorized",
  words: "the credentials are missing or refused",
  hint: "check api_key, or username and password, or bearer; keys and tokens expire",
};
const NOT_FOUND: Meaning = {
  code: "NOT_FOUND",
  reason: "not_found",
  words: "Kibana does not have this",
  hint: "check the URL and its path: it must lead to a Kibana with Elastic Security",
};
const LATER: Meaning = {
  code: "REQUEST_FAILED",
  reason: "rate_limited",
  words: "Kibana wants to be asked later",
};

const MEANINGS: Readonly<Record<number, Meaning>> = {
  401: UNAUTHORIZED,
  403: {
    ...UNAUTHORIZED,
    words: "the credentials do not allow this",
    hint: "the role needs the Kibana privilege Security: all in the alert's space, and read, write, maintenance on its alerts index",
  },
  404: NOT_FOUND,
  410: NOT_FOUND,
  408: LATER,
  425: LATER,
  429: LATER,
  409: {
    code: "REQUEST_FAILED",
    reason: "server_error",
    words: "something else changed it at the same time",
  },
};

function meaningOf(status: number): Meaning {
  const meaning = MEANINGS[status];
  if (meaning) return meaning;
  if (status >= 300 && status < 400) return REDIRECT;
  if (status >= 400 && status < 500) return REJECTED;
  return status >= 500 && status < 600 ? UNAVAILABLE : UNREADABLE;
}

const REDIRECT: Meaning = {
  code: "CLUSTER_REFUSED",
  reason: "redirect",
  words: "the URL leads elsewhere, and redirects are not followed",
  hint: "write the address where Kibana itself answers, with its base path",
};
const REJECTED: Meaning = {
  code: "CLUSTER_REFUSED",
  reason: "rejected_by_peer",
  words: "Kibana refused the request",
};
const UNAVAILABLE: Meaning = {
  code: "REQUEST_FAILED",
  reason: "server_error",
  words: "Kibana cannot answer now",
};
const UNREADABLE: Meaning = {
  code: "REQUEST_FAILED",
  reason: "unexpected_answer",
  words: "the answer is not that of Kibana",
  hint: "check the URL; a proxy's login page is a usual cause",
};

/**
 * The words of an answer. Kibana itself writes `{statusCode, error, message}`, Elastic Security
 * `{status_code, message}`, where the message may be a list; while it starts, plain text. The pages
 * of proxies are left out.
 */
function detailOf({ body, headers }: HttpAnswer): string {
  const isPage = headers["content-type"]?.includes("html") || /^\s*</.test(body);
  return isPage ? "" : (messageIn(body) ?? body);
}

function messageIn(body: string): string | undefined {
  try {
    const said = JSON.parse(body) as JsonValue;
    const message = isJsonObject(said) ? [said["message"] ?? said["error"]].flat() : [];
    return message.filter((part) => typeof part === "string").join("; ");
  } catch {
    return undefined;
  }
}
