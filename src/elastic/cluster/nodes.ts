/**
 * Sends requests to the nodes of a cluster. `@elastic/transport` chooses the node, remembers which of
 * them are dead and tries another one; the bytes go through `net/`, as those of every peer do.
 *
 * States of a node. *alive*: takes its turn. *dead*: it could not be reached, took too long, or said
 * that it cannot answer now; it is left out as long as another one is alive. After a minute, and
 * longer each time, it is asked whether it is back.
 *
 * A request is tried once with each node and, after a moment, once more: a connection that broke or a
 * node that is busy costs nothing then, and a cluster that is gone is soon said to be. A request that
 * took too long is not tried again, it would be as slow elsewhere. The transport sees neither
 * credentials nor answers, so nothing that it says or prints can hold them.
 */
import type {
  ConnectionRequestOptions,
  ConnectionRequestOptionsAsStream,
  ConnectionRequestParams,
  ConnectionRequestResponse,
  ConnectionRequestResponseAsStream,
  Transport,
} from "@elastic/transport";
import { fail, TocsinError } from "../../errors.ts";
import type { Http, HttpAnswer } from "../../net/http.ts";
import { USER_AGENT } from "../../net/user-agent.ts";
import type { JsonObject } from "../../receipt/json.ts";

export interface NodesOptions {
  readonly component: string;
  /** Of each node, without a slash at the end. */
  readonly urls: readonly string[];
  readonly http: Http;
  /** Sent with each request. */
  readonly authorization: string | undefined;
}

export interface NodeRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below the URL of a node, with its leading slash; parts are encoded already. */
  readonly path: string;
  readonly body?: JsonObject | undefined;
  /** Instead of a body: the lines of one, as `_bulk` takes them. */
  readonly lines?: readonly JsonObject[] | undefined;
  /** Sent at most once, because a repeat could do it twice. */
  readonly once?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Answers whatever a node says; throws what `Http` throws, of the last node that was tried. */
export type Send = (request: NodeRequest) => Promise<HttpAnswer>;

/** Milliseconds before the last try. */
const PAUSE = 200;
/** Rejected for now, and not done: the node is busy, or something before it knows none. */
const NOT_NOW: readonly number[] = [429, 502, 503, 504];

/** Opens nothing, and loads the transport only when something is sent. */
export function connectNodes(options: NodesOptions): Send {
  let transport: Promise<Transport> | undefined;
  return async (request) => {
    transport ??= createTransport(options);
    return await sendOver(await transport, request, options.component);
  };
}

/** What one request comes to. The transport hands it on and does not look into it. */
type Exchange = { answer?: HttpAnswer | undefined };

async function sendOver(transport: Transport, request: NodeRequest, component: string) {
  const { method, path, body, lines, once = false, signal } = request;
  const exchange: Exchange = {};
  const content = lines ? { bulkBody: [...lines] } : body && { body };
  const limits = { ...(once && { maxRetries: 0 }), ...(signal && { signal }) };
  try {
    await transport.request({ method, path, ...content }, { context: exchange, ...limits });
  } catch (error) {
    // For the transport, some answers are errors.
    if (!exchange.answer) throw findOwnError(error) ?? cancelled(error, request, component);
  }
  if (exchange.answer) return exchange.answer;
  throw fail("INTERNAL", { component, message: `${method} ${path} was not sent` });
}

type Library = typeof import("@elastic/transport");

async function createTransport(options: NodesOptions): Promise<Transport> {
  const library = await import("@elastic/transport");
  const pool = new library.ClusterConnectionPool({ Connection: connectionOver(library, options) });
  pool.addConnection([...options.urls]);
  return new library.Transport({
    connectionPool: pool,
    maxRetries: options.urls.length,
    retryBackoff: () => PAUSE / 1000,
    enableMetaHeader: false,
    openTelemetry: { enabled: false },
  });
}

/** A connection of the transport that sends through the project's own client. */
function connectionOver({ BaseConnection, errors }: Library, options: NodesOptions) {
  return class HttpConnection extends BaseConnection {
    override request(
      params: ConnectionRequestParams,
      options: ConnectionRequestOptions,
    ): Promise<ConnectionRequestResponse>;
    override request(
      params: ConnectionRequestParams,
      options: ConnectionRequestOptionsAsStream,
    ): Promise<ConnectionRequestResponseAsStream>;
    override async request(
      params: ConnectionRequestParams,
      { context, signal, timeout }: ConnectionRequestOptions,
    ) {
      // Whether a dead node is back is asked with HEAD, in the context of the request at hand.
      const exchange: Exchange = params.method === "HEAD" ? {} : (context as Exchange);
      exchange.answer = undefined;
      const deadline = timeout ? AbortSignal.timeout(timeout) : signal;
      const request = requestOf(this.url, params, options.authorization);
      exchange.answer = await options.http
        .request({ ...request, signal: deadline })
        .catch((error: unknown) => rethrow(error, errors, deadline));
      const { status } = exchange.answer;
      if (NOT_NOW.includes(status)) throw new errors.ConnectionError(`HTTP ${status}`);
      return { statusCode: status, headers: {}, body: "" as never };
    }

    // Whoever made the client closes it.
    override close(): Promise<void> {
      return Promise.resolve();
    }
  };
}

function requestOf(url: URL, params: ConnectionRequestParams, authorization: string | undefined) {
  const { method, path, body, headers } = params;
  const type = headers?.["content-type"];
  return {
    method,
    url: `${url.href.replace(/\/+$/, "")}${path}`,
    headers: {
      accept: "application/json",
      "user-agent": USER_AGENT,
      ...(authorization !== undefined && { authorization }),
      ...(body && type !== undefined && { "content-type": type }),
    },
    body: typeof body === "string" ? body : undefined,
  };
}

/** In the words by which the transport decides; those that it does not know end the request. */
function rethrow(
  error: unknown,
  errors: Library["errors"],
  signal: AbortSignal | undefined,
): never {
  if (!(error instanceof TocsinError) || error.code !== "REQUEST_FAILED") throw error;
  const wrapped = { redaction: { type: "off" as const }, cause: error };
  if (signal?.aborted) throw new errors.RequestAbortedError(error.message, undefined, wrapped);
  if (error.data?.["reason"] === "timeout")
    throw new errors.TimeoutError(error.message, undefined, wrapped);
  throw new errors.ConnectionError(error.message, undefined, wrapped);
}

function findOwnError(error: unknown): TocsinError | undefined {
  if (error instanceof TocsinError) return error;
  return error instanceof Error && error.cause ? findOwnError(error.cause) : undefined;
}

/** The caller gave up while nothing was being sent. */
function cancelled(error: unknown, { method, path, signal }: NodeRequest, component: string) {
  if (!signal?.aborted) return error;
  return fail("REQUEST_FAILED", {
    component,
    message: `${method} ${path.replace(/\?.*/, "")}: the request was cancelled`,
    hint: "ask again",
    data: { reason: "reset" },
  });
}
