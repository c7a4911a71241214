/**
 * Elastic Agent's Custom HTTP Endpoint Logs: the input `http_endpoint` of filebeat, with its order of
 * checks, its words and its oddities. Facts: https://github.com/elastic/beats,
 * x-pack/filebeat/input/http_endpoint/{handler,validate,gzip}.go. It keeps the events that it publishes.
 */
import { createHmac } from "node:crypto";
import type { ServerResponse } from "node:http";
import { gunzipSync } from "node:zlib";
import { startFaultyPeer, type FaultyPeer, type PeerTls, type Received } from "./peer.ts";

type Json = Record<string, unknown>;

export const AGENT_USER = "superna";
export const AGENT_PASSWORD = "agent-passw0rd";
export const AGENT_SECRET = "value-of-the-secret-header";
export const AGENT_SECRET_HEADER = "x-tocsin-secret";
export const AGENT_HMAC_KEY = "key-of-the-signature";
export const AGENT_HMAC_HEADER = "x-signature";

export interface AgentOptions {
  readonly basic?: boolean;
  readonly secret?: boolean;
  readonly hmac?: { readonly type: "sha256" | "sha1"; readonly prefix: string };
  /** `application/json` unless given; "" for any. */
  readonly contentType?: string;
  readonly responseCode?: number;
  readonly responseBody?: string;
  /** More bytes of a body are cut off, as `max_body_bytes` does. */
  readonly maxBody?: number;
  readonly tls?: PeerTls | undefined;
}

export interface FakeAgent extends FaultyPeer {
  /** The events that were published, oldest first. */
  readonly events: Json[];
  /** Full above its high water mark, or at its hard limit while a body with several events is read. */
  full: "no" | "high water" | "hard limit";
  /** Whether Elasticsearch takes what is published before the time is over. */
  acknowledges: boolean;
}

/** Starts a fake agent. Close it after the test. */
export async function startAgent(options: AgentOptions = {}): Promise<FakeAgent> {
  const events: Json[] = [];
  const state = { full: "no" as FakeAgent["full"], acknowledges: true };
  const peer = await startFaultyPeer((received, response) => {
    const refused =
      checkRequest(received, options) ?? checkQuery(received) ?? checkRoom(state.full);
    if (refused) return answer(response, refused);
    const taken = read(received, options, state.full);
    if (!Array.isArray(taken)) return answer(response, taken as Refusal);
    // No event sets no status, and the status 0 is more than the server can bear.
    if (taken.length === 0) return void response.socket?.destroy();
    events.push(...(taken as Json[]));
    if (received.path.includes("?") && !state.acknowledges)
      return answer(response, refuse(504, "could not publish event within timeout"));
    const { responseCode = 200, responseBody = '{"message": "success"}' } = options;
    response.writeHead(responseCode, { "content-type": "application/json" }).end(responseBody);
  }, options.tls);
  return {
    ...peer,
    events,
    get full() {
      return state.full;
    },
    set full(full) {
      state.full = full;
    },
    get acknowledges() {
      return state.acknowledges;
    },
    set acknowledges(acknowledges) {
      state.acknowledges = acknowledges;
    },
  };
}

/** For the guides: an agent with Basic authentication, and one on the same machine without. */
export async function startForDocs() {
  const [agent, local] = await Promise.all([startAgent({ basic: true }), startAgent()]);
  return {
    url: agent.url,
    ports: { "8080": local.port },
    env: { AGENT_PASSWORD, AGENT_SECRET, AGENT_HMAC_KEY },
    kept: () => [...agent.events, ...local.events],
    close: async () => {
      await Promise.all([agent.close(), local.close()]);
    },
  };
}

interface Refusal {
  readonly status: number;
  readonly body: Json;
  readonly headers?: Record<string, string>;
}

function refuse(status: number, message: string): Refusal {
  return { status, body: { message } };
}

function answer(response: ServerResponse, { status, body, headers }: Refusal): void {
  response.writeHead(status, headers ?? { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

function checkRequest(received: Received, options: AgentOptions): Refusal | undefined {
  const { headers, method, bytes } = received;
  const basic = `Basic ${Buffer.from(`${AGENT_USER}:${AGENT_PASSWORD}`).toString("base64")}`;
  if (options.basic && headers.authorization !== basic)
    return refuse(401, "incorrect username or password");
  if (options.secret && headers[AGENT_SECRET_HEADER] !== AGENT_SECRET)
    return refuse(401, "incorrect header or header secret");
  if (method !== "POST") return refuse(405, "only POST requests are allowed");
  const { contentType = "application/json", hmac } = options;
  if (contentType !== "" && headers["content-type"] !== contentType)
    return refuse(415, `wrong Content-Type header, expecting ${contentType}`);
  if (!hmac) return undefined;
  const digest = createHmac(hmac.type, AGENT_HMAC_KEY).update(bytes).digest("hex");
  if (headers[AGENT_HMAC_HEADER] === undefined) return refuse(401, "missing HMAC header");
  return headers[AGENT_HMAC_HEADER] === `${hmac.prefix}${digest}`
    ? undefined
    : refuse(401, "invalid HMAC signature");
}

function checkQuery({ path }: Received): Refusal | undefined {
  const query = new URL(path, "http://agent").searchParams;
  const unknown = [...query.keys()].find((key) => key !== "wait_for_completion_timeout");
  if (unknown !== undefined) return refuse(400, `unexpected URL query: ${unknown}`);
  const wait = query.get("wait_for_completion_timeout");
  if (wait === null || /^(\d+(\.\d+)?(ms|s|m|h))+$/.test(wait)) return undefined;
  return refuse(400, "could not parse wait_for_completion_timeout parameter");
}

/** With the header that is none: the type of the body where its encoding belongs. */
const ODD = { "content-encoding": "application/json" };

function checkRoom(full: FakeAgent["full"]): Refusal | undefined {
  if (full !== "high water") return undefined;
  const warn = "in flight bytes above high water mark";
  const headers = { ...ODD, "retry-after": "10" };
  return { status: 503, headers, body: { warn, high_water: 50, in_flight: 60 } };
}

function read(
  { headers, bytes }: Received,
  { maxBody = Number.POSITIVE_INFINITY }: AgentOptions,
  full: FakeAgent["full"],
): Json[] | Refusal {
  const encoding = headers["content-encoding"];
  const isPacked = encoding === "gzip" || encoding === "x-gzip";
  if (encoding !== undefined && !isPacked)
    return refuse(415, `unsupported content encoding: ${encoding}`);
  if (isPacked && bytes.readUInt16BE(0) !== 0x1f8b)
    return refuse(500, "failed to create gzip reader: gzip: invalid header");
  if (bytes.length === 0) return refuse(406, "body cannot be empty");
  const text = (isPacked ? gunzipSync(bytes) : bytes).toString("utf8").slice(0, maxBody);
  const documents = readStream(text);
  if (documents === undefined)
    return refuse(400, "malformed JSON object at stream position 0: unexpected EOF");
  if (documents.some((each) => typeof each !== "object" || each === null))
    return refuse(400, "only JSON objects are accepted: string");
  const all = documents.flat().filter((each) => isObject(each)) as Json[];
  if (full !== "hard limit" || all.length === 1) return all;
  const error = "max in flight bytes exceeded during read";
  return { status: 500, headers: ODD, body: { error, max_in_flight: 10, in_flight: 20 } };
}

/** Documents one after the other, with line breaks between them; undefined when one is broken. */
function readStream(text: string): unknown[] | undefined {
  try {
    return [JSON.parse(text)];
  } catch {
    return readLines(text);
  }
}

function readLines(text: string): unknown[] | undefined {
  try {
    return text.split("\n").map((line): unknown => JSON.parse(line));
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
