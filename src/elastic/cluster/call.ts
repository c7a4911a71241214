/** One request to a cluster and its answer as JSON. */
import type { Http, HttpAnswer } from "../../net/http.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../receipt/json.ts";
import { rethrowNaming } from "../refusal.ts";
import { nodesOf } from "./addresses.ts";
import { authorizationOf, secretHider } from "./credentials.ts";
import { connectNodes, type NodeRequest } from "./nodes.ts";
import type { ClusterSettings } from "./settings.ts";

export type ClusterRequest = NodeRequest;

/** An answer, whatever its status. */
export interface ClusterAnswer {
  readonly status: number;
  /** Null when the body is not a JSON object: a proxy's page, or an answer that was cut. */
  readonly body: JsonObject | null;
  /** The body where it is a JSON array, as of `_cat`. */
  readonly rows?: readonly JsonValue[];
  /** The answer was longer than the client reads. */
  readonly cut: boolean;
  /** The header `Retry-After`, where there is one. */
  readonly retryAfter?: string | undefined;
}

export interface Cluster {
  /** `cluster lab`, for errors. */
  readonly component: string;
  /** Throws REQUEST_FAILED where there is no answer, EGRESS_REFUSED, REQUEST_INVALID. */
  call(request: ClusterRequest): Promise<ClusterAnswer>;
  /** A text of the cluster without the secrets that it may repeat. */
  hide(text: string): string;
}

const TLS_HINT =
  "name the issuer's certificate in ca and check that the URL has its host, or name the " +
  "certificate itself in fingerprint";

/** Binds the settings to a client. */
export function createCluster(settings: ClusterSettings, name: string, http: Http): Cluster {
  const component = `cluster ${name}`;
  const authorization = authorizationOf(settings);
  const send = connectNodes({ component, urls: nodesOf(settings), http, authorization });
  return {
    component,
    async call(request) {
      return readAnswer(await send(request).catch((error) => rethrowNaming(error, TLS_HINT)));
    },
    hide: secretHider(settings),
  };
}

function readAnswer({ status, headers, body, cut = false }: HttpAnswer): ClusterAnswer {
  const value = cut ? null : parse(body);
  const said = { status, cut, retryAfter: headers["retry-after"] };
  if (Array.isArray(value)) return { ...said, body: null, rows: value };
  return { ...said, body: isJsonObject(value) ? value : null };
}

function parse(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return null;
  }
}
