/** One request to a cluster and its answer as JSON. */
import { fail, TocsinError } from "../../errors.ts";
import type { Http, HttpAnswer } from "../../net/http.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../receipt/json.ts";
import { authorizationOf, secretsOf } from "./credentials.ts";
import type { ClusterSettings } from "./settings.ts";

export interface ClusterRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** Below the cluster's URL, with its leading slash; parts are encoded already. */
  readonly path: string;
  readonly body?: JsonObject | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An answer, whatever its status. */
export interface ClusterAnswer {
  readonly status: number;
  /** Null when the body is not a JSON object: a proxy's page, or an answer that was cut. */
  readonly body: JsonObject | null;
  /** The answer was longer than the client reads. */
  readonly cut: boolean;
}

export interface Cluster {
  /** `cluster lab`, for errors. */
  readonly component: string;
  /** Throws REQUEST_FAILED where there is no answer, EGRESS_REFUSED, REQUEST_INVALID. */
  call(request: ClusterRequest): Promise<ClusterAnswer>;
  /** A text of the cluster without the secrets that it may repeat. */
  hide(text: string): string;
}

/** Binds the settings to a client. */
export function createCluster(settings: ClusterSettings, name: string, http: Http): Cluster {
  const component = `cluster ${name}`;
  const base = settings.url.replace(/\/+$/, "");
  const authorization = authorizationOf(settings);
  const headers = {
    accept: "application/json",
    ...(authorization === undefined ? {} : { authorization }),
  };
  const secrets = secretsOf(settings);
  return {
    component,
    async call({ method, path, body, signal }) {
      // Plain JSON is what every version and both makers take; the vendor's own type is not.
      const sent = body && { "content-type": "application/json" };
      const request = {
        method,
        url: `${base}${path}`,
        headers: { ...headers, ...sent },
        body: body && JSON.stringify(body),
        signal,
      };
      return readAnswer(await http.request(request).catch((error: unknown) => rethrow(error)));
    },
    hide: (text) => secrets.reduce((shown, each) => shown.replaceAll(each, "<secret>"), text),
  };
}

function readAnswer({ status, body, cut = false }: HttpAnswer): ClusterAnswer {
  return { status, body: cut ? null : parseObject(body), cut };
}

function parseObject(text: string): JsonObject | null {
  try {
    const value = JSON.parse(text) as JsonValue;
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** The client's hint names the setting as destinations call it. */
function rethrow(error: unknown): never {
  if (!(error instanceof TocsinError) || error.data?.["reason"] !== "tls") throw error;
  const { component, message, data } = error;
  const hint = "name the issuer's certificate in ca and check that the URL has its host";
  throw fail("REQUEST_FAILED", { component, message, hint, data, cause: error.cause });
}
