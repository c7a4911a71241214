/**
 * Cases of Elastic Security. Facts: https://www.elastic.co/docs/api/doc/kibana/group/endpoint-cases;
 * the limits: `cases/common/constants` of https://github.com/elastic/kibana. Texts that are longer
 * are cut: a case with the beginning of its description is better than none.
 */
import type { JsonObject } from "../../receipt/json.ts";
import type { CallKibana } from "./call.ts";
import type { Kibana, NewCase } from "./kibana.ts";

const OWNER = "securitySolution";
const LONGEST_TITLE = 160;
/** Of a description and of a comment. */
const LONGEST_TEXT = 30_000;
const LONGEST_TAG = 256;
const MOST_TAGS = 200;

/** `Kibana.createCase`. The case is not pushed to any other system. */
export function createCreateCase(call: CallKibana): Kibana["createCase"] {
  return (request, signal) => {
    const { space } = request;
    const doing = "opening a case";
    return call({ space, path: "/api/cases", body: bodyOf(request), doing, signal }, readId);
  };
}

function bodyOf({ title, description, tags, severity }: NewCase): JsonObject {
  const named = tags.filter((tag) => tag.trim() !== "").slice(0, MOST_TAGS);
  return {
    title: cut(title, LONGEST_TITLE),
    description: cut(description, LONGEST_TEXT),
    tags: named.map((tag) => cut(tag, LONGEST_TAG)),
    severity,
    owner: OWNER,
    connector: { id: "none", name: "none", type: ".none", fields: null },
    settings: { syncAlerts: true },
  };
}

function readId({ id }: JsonObject): string | undefined {
  return typeof id === "string" ? id : undefined;
}

/** `Kibana.commentCase`. Throws NOT_FOUND when there is no such case. */
export function createCommentCase(call: CallKibana): Kibana["commentCase"] {
  return async ({ space, id, text }, signal) => {
    const path = `/api/cases/${encodeURIComponent(id)}/comments`;
    const body = { type: "user", comment: cut(text, LONGEST_TEXT), owner: OWNER };
    await call({ space, path, body, doing: "adding a comment to a case", signal }, readId);
  };
}

/** At most `max` UTF-16 units, no character halved. */
function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
