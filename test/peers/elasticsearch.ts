/**
 * An Elasticsearch or OpenSearch that holds documents and is as strict as the real ones about what
 * reading a range needs: credentials, content type, points in time, sort, `search_after`. What it
 * does not know it refuses.
 */
import { refuse, search, type Answer, type EngineKind, type Json } from "./elasticsearch-search.ts";
import type { StoredDocument } from "./elasticsearch-search.ts";
import { startPeer, type Peer, type PeerTls, type Received, type Responder } from "./peer.ts";

export interface FakeElasticsearch extends Peer {
  readonly documents: StoredDocument[];
  /** Points in time that are open now. */
  readonly open: ReadonlySet<string>;
  /** Bodies of the searches that were answered, oldest first. */
  readonly searches: Json[];
  /** Forgets all points in time, as after their time is over. */
  expire(): void;
  /** Answers instead of the engine for as long as it returns true. */
  misbehave(fault: ((...args: Parameters<Responder>) => boolean) | undefined): void;
}

export interface FakeOptions {
  readonly kind?: EngineKind;
  /** The value of `Authorization` that it wants; anybody may read without. */
  readonly authorization?: string;
  readonly documents?: readonly StoredDocument[];
  readonly tls?: PeerTls;
}

/** Starts a fake engine. Close it after the test. */
export async function startElasticsearch(options: FakeOptions = {}): Promise<FakeElasticsearch> {
  const state: State = {
    kind: options.kind ?? "elasticsearch",
    documents: [...(options.documents ?? [])],
    open: new Map(),
    opened: 0,
    searches: [],
  };
  let fault: ((...args: Parameters<Responder>) => boolean) | undefined;
  const peer = await startPeer((received, response, request) => {
    if (fault?.(received, response, request)) return;
    const [status, body] = checkRequest(received, options) ?? answer(received, state);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  }, options.tls);
  return {
    ...peer,
    documents: state.documents,
    searches: state.searches,
    get open() {
      return new Set(state.open.keys());
    },
    expire: () => state.open.clear(),
    misbehave: (next) => void (fault = next),
  };
}

interface State {
  readonly kind: EngineKind;
  readonly documents: StoredDocument[];
  /** What each point in time holds. */
  readonly open: Map<string, readonly StoredDocument[]>;
  opened: number;
  readonly searches: Json[];
}

function checkRequest(received: Received, { authorization }: FakeOptions): Answer | undefined {
  const { headers, body } = received;
  if (authorization !== undefined && headers.authorization !== authorization)
    return refuse(401, "security_exception", `unable to authenticate [${headers.authorization}]`);
  if (body === "" || headers["content-type"] === "application/json") return undefined;
  return [406, { error: `Content-Type header [${headers["content-type"]}] is not supported` }];
}

function answer(received: Received, state: State): Answer {
  const { pathname, searchParams } = new URL(received.path, "http://localhost");
  const [, index = ""] = pathname.split("/");
  const [last] = pathname.split("/").slice(-1);
  const body = (received.body === "" ? {} : JSON.parse(received.body)) as Json;
  const isElastic = state.kind === "elasticsearch";
  const isOpen = state.kind.startsWith("opensearch");
  if (received.method === "GET" && pathname === "/") return rootOf(state.kind);
  if (received.method === "DELETE") {
    if (isElastic && pathname === "/_pit") return forget(state, [body["id"]]);
    if (isOpen && pathname === "/_search/point_in_time") return forget(state, body["pit_id"]);
  } else if (received.method === "POST") {
    const opens = isElastic ? last === "_pit" : isOpen && last === "point_in_time";
    if (opens) return openView(state, decodeURIComponent(index), searchParams, received.body);
    if (pathname === "/_search") return searchView(state, body);
    if (last === "_search") return searchIndex(state, decodeURIComponent(index), body);
  }
  return [400, { error: `no handler found for uri [${received.path}]` }];
}

function rootOf(kind: EngineKind): Answer {
  if (kind === "elasticsearch") return [200, { version: { number: "8.19.2" } }];
  if (kind === "elasticsearch-bare") return [200, { version: { number: "7.9.3" } }];
  return [200, { version: { number: "2.19.6", distribution: "opensearch" } }];
}

function openView(state: State, index: string, query: URLSearchParams, body: string): Answer {
  if (!query.has("keep_alive")) return refuse(400, "validation", "[keep_alive] is required");
  if (body !== "") return refuse(400, "parse_exception", "no body is expected");
  const found = select(state, index);
  if (!found) return indexMissing(index);
  const id = `pit-${++state.opened}-${"x".repeat(20)}`;
  // Sort values of one point in time mean nothing in another.
  state.open.set(id, state.opened % 2 === 1 ? found : found.toReversed());
  return [200, state.kind === "elasticsearch" ? { id } : { pit_id: id }];
}

function forget(state: State, ids: unknown): Answer {
  if (!Array.isArray(ids)) return refuse(400, "parse_exception", "ids are expected");
  const gone = ids.filter((id) => state.open.delete(id as string));
  return gone.length > 0 ? [200, { succeeded: true }] : [404, { succeeded: true, num_freed: 0 }];
}

function searchView(state: State, body: Json): Answer {
  const { id, keep_alive: keep } = (body["pit"] ?? {}) as Json;
  if (typeof id !== "string" || typeof keep !== "string")
    return refuse(400, "parse_exception", "only a point in time is searched without an index");
  const found = state.open.get(id);
  if (!found) return refuse(404, "search_context_missing_exception", "No search context found");
  const [status, result] = searchAs(state, found, body);
  return [status, status === 200 ? { pit_id: id, ...result } : result];
}

function searchIndex(state: State, index: string, body: Json): Answer {
  if (body["pit"]) return refuse(400, "validation", "[indices] cannot be used with point in time");
  const found = select(state, index);
  return found ? searchAs(state, found, body) : indexMissing(index);
}

function searchAs(state: State, documents: readonly StoredDocument[], body: Json): Answer {
  const answered = search(state.kind, documents, body);
  if (answered[0] === 200) state.searches.push(body);
  return answered;
}

/** Null for a name that is not there; a pattern may find nothing. */
function select({ documents }: State, index: string): readonly StoredDocument[] | null {
  const found = index.split(",").map((name) => {
    const pattern = new RegExp(`^${name.replaceAll(".", "\\.").replaceAll("*", ".*")}$`);
    const those = documents.filter((document) => pattern.test(document._index));
    return those.length === 0 && !name.includes("*") ? null : those;
  });
  return found.includes(null) ? null : found.flatMap((each) => each ?? []);
}

function indexMissing(index: string): Answer {
  return refuse(404, "index_not_found_exception", `no such index [${index}]`);
}
