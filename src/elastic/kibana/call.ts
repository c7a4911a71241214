/** One call of Kibana's API: always a POST of JSON that is answered with a JSON object. */
import type { Http, HttpAnswer } from "../../net/http.ts";
import { USER_AGENT } from "../../net/user-agent.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../receipt/json.ts";
import { authorizationOf, secretHider } from "../cluster/credentials.ts";
import type { ClusterSettings } from "../cluster/settings.ts";
import { rethrowNaming } from "../refusal.ts";
import { explainRefusal } from "./refusal.ts";

/** Settings of a cluster that say where its Kibana is; the credentials are the same for both. */
export type KibanaSettings = ClusterSettings & { readonly kibana: string };

export interface KibanaRequest {
  readonly space: string;
  /** Below the space, with its leading slash; parts are encoded already. */
  readonly path: string;
  readonly body: JsonObject;
  /** For errors: `setting the status of alerts`. */
  readonly doing: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Answers with what `read` makes of the answer's body. Throws what `explainRefusal` says of any
 * other answer, also of one of which `read` makes undefined, and what `Http.request` throws.
 */
export type CallKibana = <T>(
  request: KibanaRequest,
  read: (said: JsonObject) => T | undefined,
) => Promise<T>;

const TLS_HINT = "name the issuer's certificate in ca and check that kibana has its host";

/** Binds the settings to a client. `name` is that of the cluster, for errors. */
export function createCall(settings: KibanaSettings, name: string, http: Http): CallKibana {
  const base = settings.kibana.replace(/\/+$/, "");
  const headers = headersOf(settings);
  const hide = secretHider(settings);
  return async ({ space, path, body, doing, signal }, read) => {
    const url = `${base}${pathOf(space)}${path}`;
    const request = { method: "POST", url, headers, body: JSON.stringify(body), signal };
    const answer = await http
      .request(request)
      .catch((error: unknown) => rethrowNaming(error, TLS_HINT));
    const value = readAnswer(answer, read);
    if (value !== undefined) return value;
    throw explainRefusal(answer, { component: `cluster ${name}`, doing, hide });
  };
}

/**
 * `kbn-xsrf` may have any value but must be there
 * (https://www.elastic.co/docs/api/doc/kibana/#topic-request-headers); the version of the API is
 * demanded by Elastic Cloud Serverless and ignored by versions that know none.
 */
function headersOf(settings: KibanaSettings): Record<string, string> {
  const authorization = authorizationOf(settings);
  return {
    "user-agent": USER_AGENT,
    accept: "application/json",
    "content-type": "application/json",
    "kbn-xsrf": "tocsin",
    "elastic-api-version": "2023-10-31",
    ...(authorization === undefined ? {} : { authorization }),
  };
}

/** The default space has no name in paths. */
function pathOf(space: string): string {
  return space === "default" ? "" : `/s/${encodeURIComponent(space)}`;
}

function readAnswer<T>(
  { status, body, cut }: HttpAnswer,
  read: (said: JsonObject) => T | undefined,
): T | undefined {
  if (status < 200 || status >= 300 || cut) return undefined;
  const said = parseObject(body);
  return said && read(said);
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as JsonValue;
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
