/** The outward HTTP client over undici. Every wait is bounded; every answer is an answer. */
import type { lookup } from "node:dns";
import { setMaxListeners } from "node:events";
import type { Dispatcher } from "undici";
import { fail } from "../errors.ts";
import { createDispatcher, type TlsOptions } from "./dispatcher.ts";
import { createEgressGuard, type EgressPolicy } from "./egress.ts";
import { explainFailure } from "./failure.ts";
import type { Http, HttpAnswer, HttpRequest } from "./http.ts";

const DEFAULT_LONGEST_ANSWER = 64 * 1024;
const DEFAULT_TIMEOUT = 15_000;

export interface HttpOptions {
  /** Named in errors, as in the configuration: `destination soc-slack`. */
  readonly component: string;
  /** Milliseconds for the whole exchange: resolve, connect, send, headers and body. Default 15 s. */
  readonly timeout?: number | undefined;
  /** Bytes; longer answers are cut and their connection dropped. Default 64 KiB. */
  readonly longestAnswer?: number | undefined;
  readonly tls?: TlsOptions | undefined;
  /** `http://` or `https://`, with user and password where the proxy wants them. */
  readonly proxy?: string | undefined;
  readonly egress: EgressPolicy;
  /** Connections per origin. */
  readonly connections: number;
  /** Name resolution; the system's unless given. */
  readonly lookup?: typeof lookup | undefined;
}

/**
 * Creates a client with its own pool per origin. `request` throws REQUEST_FAILED with
 * `data.reason`, EGRESS_REFUSED, or REQUEST_INVALID for what cannot be put into a request (a line
 * break in a header value). Redirects are not followed. Close it to let its connections go.
 */
export function createHttp(options: HttpOptions): Http {
  const { component, timeout = DEFAULT_TIMEOUT } = options;
  const longest = options.longestAnswer ?? DEFAULT_LONGEST_ANSWER;
  const guard = createEgressGuard(options.egress, component, options.lookup);
  const dispatcher = createDispatcher({ ...options, timeout }, guard);
  // The lists do not change, so a host that passed once passes always.
  let passed = "";
  const proxyHost = options.proxy === undefined ? undefined : new URL(options.proxy).hostname;
  return {
    async request(request) {
      const url = readUrl(request.url, component);
      if (url.hostname !== passed) {
        guard.checkHost(url.hostname);
        if (proxyHost !== undefined) guard.checkHost(proxyHost);
        passed = url.hostname;
      }
      return await exchange(dispatcher, url, request, { component, timeout, longest });
    },
    close: () => dispatcher.close(),
  };
}

interface ExchangeOptions {
  readonly component: string;
  readonly timeout: number;
  readonly longest: number;
}

async function exchange(
  dispatcher: Dispatcher,
  url: URL,
  request: HttpRequest,
  options: ExchangeOptions,
): Promise<HttpAnswer> {
  const deadline = startDeadline(options.timeout, request.signal);
  try {
    const answer = await dispatcher.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: request.method as Dispatcher.HttpMethod,
      headers: { ...request.headers },
      body: request.body ?? null,
      signal: deadline.signal,
    });
    const read = await readBody(answer.body, options.longest);
    return { status: answer.statusCode, headers: joinHeaders(answer.headers), ...read };
  } catch (error) {
    if (isInvalidArgument(error)) throw invalidRequest(options.component, error);
    const { method } = request;
    throw explainFailure(error, {
      component: options.component,
      method,
      url: request.url,
      aborted: deadline.passed(),
    });
  } finally {
    deadline.clear();
  }
}

/** Aborts after `timeout` milliseconds or with the caller, and knows afterwards which it was. */
function startDeadline(timeout: number, caller: AbortSignal | undefined) {
  const controller = new AbortController();
  let passed: "timeout" | "cancelled" | undefined;
  const abort = (why: "timeout" | "cancelled") => {
    passed ??= why;
    controller.abort();
  };
  const timer = setTimeout(() => abort("timeout"), timeout);
  const cancel = () => abort("cancelled");
  if (caller?.aborted) cancel();
  // Many requests may share one signal; Node would take that for a leak.
  if (caller) setMaxListeners(0, caller);
  caller?.addEventListener("abort", cancel);
  return {
    signal: controller.signal,
    passed: () => passed,
    clear() {
      clearTimeout(timer);
      caller?.removeEventListener("abort", cancel);
    },
  };
}

async function readBody(
  body: AsyncIterable<Buffer>,
  longest: number,
): Promise<Pick<HttpAnswer, "body" | "cut">> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > longest) break;
  }
  const bytes = Buffer.concat(chunks).subarray(0, longest);
  // As a stream, so that a character cut in half at the limit is left out and not replaced.
  const text = new TextDecoder().decode(bytes, { stream: true });
  return length > longest ? { body: text, cut: true } : { body: text };
}

function joinHeaders(headers: Readonly<Record<string, string | string[] | undefined>>) {
  const joined: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) joined[name] = Array.isArray(value) ? value.join(", ") : value;
  return joined;
}

function readUrl(text: string, component: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol)) return url;
  throw fail("REQUEST_INVALID", {
    component,
    message: "the URL is not an http or https URL",
    hint: "write it like https://host/path",
  });
}

function isInvalidArgument(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "UND_ERR_INVALID_ARG";
}

// The message of undici names the header, never its value.
function invalidRequest(component: string, error: unknown) {
  return fail("REQUEST_INVALID", {
    component,
    message: `the request cannot be sent: ${error instanceof Error ? error.message : ""}`,
    hint: "a header or a token with a line break is a usual cause; look at the end of its file",
    cause: error,
  });
}
