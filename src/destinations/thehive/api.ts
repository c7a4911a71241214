/** The calls of TheHive that are used, in the form of a version. */
import type { HttpAnswer } from "../../net/http.ts";
import type { SendContext } from "../destination.ts";
import { retry } from "../http-verdict.ts";
import { joinUrl, type JsonCall } from "../json-call.ts";
import { isId, type Kept, type Outcome, readFound, verdictOfHive } from "./answer.ts";
import type { Dialect } from "./dialect.ts";
import type { Identity } from "./model.ts";

export interface HiveApi {
  readonly dialect: Dialect;
  now(): number;
  create(body: string): Promise<HttpAnswer>;
  update(id: string, body: unknown): Promise<HttpAnswer>;
  /** Looks for an alert by what identifies it, or by its id; null when there is none. */
  find(what: Identity | string): Promise<Outcome<Kept | null>>;
  /** Makes a case of the alert. */
  createCase(id: string, body: unknown): Promise<HttpAnswer>;
  /** Puts the alert into a case. */
  merge(id: string, caseId: string): Promise<HttpAnswer>;
}

export interface ApiOptions {
  readonly url: string;
  readonly dialect: Dialect;
  now(): number;
}

/** The calls of one try. Each throws what `Http.request` throws. */
export function createApi(call: JsonCall, options: ApiOptions, sending: SendContext): HiveApi {
  const { url, dialect, now } = options;
  const isOld = dialect.version === 4;
  const alerts = joinUrl(url, isOld ? "/api/alert" : "/api/v1/alert");
  const of = (id: string) => `${alerts}/${encodeURIComponent(id)}`;
  const post = (to: string, body: unknown) => call({ url: to, body }, sending);
  return {
    dialect,
    now,
    create: (body) => post(alerts, body),
    update: (id, body) => call({ method: "PATCH", url: of(id), body }, sending),
    createCase: (id, body) => post(`${of(id)}/${isOld ? "createCase" : "case"}`, body),
    merge: (id, caseId) => post(`${of(id)}/merge/${encodeURIComponent(caseId)}`, {}),
    async find(what) {
      const answer = await post(joinUrl(url, "/api/v1/query"), queryFor(what));
      const verdict = verdictOfHive(answer, now());
      if (verdict.kind !== "delivered") return { failed: verdict };
      const found = readFound(answer);
      return found === undefined
        ? { failed: retry(answer, "unexpected_answer", now()) }
        : { value: found };
    },
  };
}

/** The same in both versions; 4 ignores `excludeFields`. */
function queryFor(what: Identity | string) {
  return {
    query: [
      { _name: "listAlert" },
      { _name: "filter", ...filterFor(what) },
      { _name: "page", from: 0, to: 1 },
    ],
    excludeFields: ["description", "summary", "customFields"],
  };
}

/** Values stand in a query as data, never as a part of its language. */
function filterFor(what: Identity | string) {
  if (typeof what === "string") return { _id: isId(what) ? what : "~0" };
  const { type, source, sourceRef } = what;
  const fields = Object.entries({ type, source, sourceRef });
  return { _and: fields.map(([_field, _value]) => ({ _is: { _field, _value } })) };
}
