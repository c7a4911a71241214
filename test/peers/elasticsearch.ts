/**
 * An Elasticsearch or OpenSearch that holds documents and is as strict as the real ones about what
 * reading them needs: credentials, content type, points in time, sort, `search_after`, counting by
 * aggregations; about storing and deleting them; and about what a client asks of it before. What it
 * does not know it refuses.
 */
import { bulk, store } from "./elasticsearch-documents.ts";
import { putKept, readKept } from "./elasticsearch-kept.ts";
import { fieldCapsOf, licenseOf, privilegesOf, rootOf } from "./elasticsearch-rights.ts";
import { refuse, search, type Answer, type EngineKind, type Json } from "./elasticsearch-search.ts";
import type { StoredDocument, View } from "./elasticsearch-search.ts";
import { isView, select, type EngineState } from "./elasticsearch-state.ts";
import {
  startFaultyPeer,
  type FaultyPeer,
  type Peer,
  type PeerTls,
  type Received,
  type Responder,
} from "./peer.ts";

export interface FakeElasticsearch
  extends
    Peer,
    Pick<
      EngineState,
      | "documents"
      | "indices"
      | "fields"
      | "lacking"
      | "licence"
      | "searches"
      | "templates"
      | "policies"
      | "streams"
    > {
  licence: string;
  /** Points in time that are open now. */
  readonly open: ReadonlySet<string>;
  /** Status that every request is answered with; null answers properly. */
  down: number | null;
  /** Forgets all points in time, as after their time is over. */
  expire(): void;
  /** Answers instead of the engine for as long as it returns true. */
  misbehave(fault: ((...args: Parameters<Responder>) => boolean) | undefined): void;
  /** The same as of every other peer: faults instead of answers, and answers that are lost. */
  readonly faults: Pick<FaultyPeer, "misbehave" | "loseAnswer">;
}

export interface FakeOptions {
  readonly kind?: EngineKind;
  /** The value of `Authorization` that it wants; anybody may read without. */
  readonly authorization?: string;
  readonly documents?: readonly StoredDocument[];
  readonly tls?: PeerTls | undefined;
}

/** As Kibana's templates and the template of the action index map them. */
const FIELDS = {
  "@timestamp": "date",
  "rule.name": "keyword",
  "kibana.alert.uuid": "keyword",
  "kibana.alert.workflow_status_updated_at": "date",
};

/** Starts a fake engine. Close it after the test. */
export async function startElasticsearch(options: FakeOptions = {}): Promise<FakeElasticsearch> {
  const state: EngineState = {
    kind: options.kind ?? "elasticsearch",
    documents: [...(options.documents ?? [])],
    indices: new Set(),
    fields: new Map(Object.entries(FIELDS)),
    lacking: new Set(),
    licence: "basic",
    open: new Map(),
    opened: 0,
    searches: [],
    numbers: new WeakMap(),
    next: new Map(),
    templates: new Map(),
    policies: new Map(),
    streams: new Map(),
  };
  let fault: ((...args: Parameters<Responder>) => boolean) | undefined;
  let down: number | null = null;
  const peer = await startFaultyPeer((received, response, request) => {
    if (fault?.(received, response, request)) return;
    const refused = down === null ? checkRequest(received, options) : isDown(down);
    const [status, body] = refused ?? answer(received, state);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(received.method === "HEAD" ? undefined : JSON.stringify(body));
  }, options.tls);
  const { documents, indices, fields, lacking, searches, templates, policies, streams } = state;
  return {
    ...peer,
    documents,
    indices,
    fields,
    lacking,
    searches,
    templates,
    policies,
    streams,
    faults: { misbehave: peer.misbehave, loseAnswer: peer.loseAnswer },
    get licence() {
      return state.licence;
    },
    set licence(licence) {
      state.licence = licence;
    },
    get down() {
      return down;
    },
    set down(status) {
      down = status;
    },
    get open() {
      return new Set(state.open.keys());
    },
    expire: () => state.open.clear(),
    misbehave: (next) => void (fault = next),
  };
}

/** For the guide: a cluster that wants a key. */
export async function startForDocs() {
  const key = "key-of-the-guide";
  const engine = await startElasticsearch({ authorization: `ApiKey ${key}` });
  // Documents that are written at once are in no order.
  const kept = () => engine.documents.map(({ _source }) => _source).toSorted(byAlert);
  return { url: engine.url, env: { ES_KEY: key }, kept, close: () => engine.close() };
}

function byAlert(one: Json, other: Json): number {
  const [a, b] = [one, other].map(({ tocsin }) => (tocsin as { alert: Json }).alert["number"]);
  return String(a) < String(b) ? -1 : 1;
}

function isDown(status: number): Answer {
  return [status, { error: "it is down" }];
}

function checkRequest(received: Received, { authorization }: FakeOptions): Answer | undefined {
  const { headers, body, path } = received;
  if (authorization !== undefined && headers.authorization !== authorization)
    return refuse(401, "security_exception", `unable to authenticate [${headers.authorization}]`);
  const wanted = /^\/_bulk\b/.test(path) ? "application/x-ndjson" : "application/json";
  if (body === "" || headers["content-type"] === wanted) return undefined;
  return [406, { error: `Content-Type header [${headers["content-type"]}] is not supported` }];
}

function answer(received: Received, state: EngineState): Answer {
  const { method, body } = received;
  const { pathname, searchParams } = new URL(received.path, "http://localhost");
  const parts = pathname.split("/").slice(1).map(decodeURIComponent);
  const asked: Asked = { state, parts, query: searchParams, body };
  const routes = ROUTES[method] ?? (() => undefined);
  return routes(asked) ?? [400, { error: `no handler found for uri [${received.path}]` }];
}

interface Asked {
  readonly state: EngineState;
  /** Of the path: what stands between its slashes. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  readonly body: string;
}

const ROUTES: Readonly<Record<string, (asked: Asked) => Answer | undefined>> = {
  HEAD: ({ parts }) => (parts.join("/") === "" ? [200, {}] : undefined),
  GET: ({ state, parts, query }) => {
    const path = parts.join("/");
    if (path === "") return rootOf(state.kind);
    if (path === "_license" && !isOpenSearch(state)) return licenseOf(state);
    if (parts[0]?.startsWith("_")) return readKept(state, parts);
    const [index = "", call] = parts;
    return call === "_field_caps" ? fieldCapsOf(state, index, query.get("fields")) : undefined;
  },
  POST: post,
  PUT: ({ state, parts, body }) => {
    const [index = "", call, id] = parts;
    if (index.startsWith("_")) return putKept(state, parts, parse(body));
    return call === "_doc" && id !== undefined ? store(state, index, id, parse(body)) : undefined;
  },
  DELETE: ({ state, parts, body }) => {
    const path = parts.join("/");
    if (isOpenSearch(state))
      return path === "_search/point_in_time" ? forget(state, parse(body)["pit_id"]) : undefined;
    return path === "_pit" && state.kind === "elasticsearch"
      ? forget(state, [parse(body)["id"]])
      : undefined;
  },
};

function post({ state, parts, query, body }: Asked): Answer | undefined {
  const path = parts.join("/");
  const [index = "", ...call] = parts;
  if (path === "_search") return searchView(state, parse(body));
  if (path === "_bulk") return bulk(state, body);
  if (path === "_security/user/_has_privileges" && !isOpenSearch(state))
    return privilegesOf(state, parse(body));
  switch (call.join("/")) {
    case "_search":
      return searchIndex(state, index, parse(body));
    case "_doc":
      return store(state, index, undefined, parse(body));
    case "_pit":
      return state.kind === "elasticsearch" ? openView(state, index, query, body) : undefined;
    case "_search/point_in_time":
      return isOpenSearch(state) ? openView(state, index, query, body) : undefined;
    default:
      return undefined;
  }
}

function isOpenSearch({ kind }: EngineState): boolean {
  return kind.startsWith("opensearch");
}

function parse(body: string): Json {
  return (body === "" ? {} : JSON.parse(body)) as Json;
}

function openView(state: EngineState, index: string, query: URLSearchParams, body: string): Answer {
  if (!query.has("keep_alive")) return refuse(400, "validation", "[keep_alive] is required");
  if (body !== "") return refuse(400, "parse_exception", "no body is expected");
  const found = select(state, index);
  if (!isView(found)) return found;
  const id = `pit-${++state.opened}-${"x".repeat(20)}`;
  state.open.set(id, viewOf(found, state.opened));
  return [200, state.kind === "elasticsearch" ? { id } : { pit_id: id }];
}

/** Sort values of one point in time mean nothing in another. */
function viewOf({ documents, shards }: View, opened: number): View {
  return { documents: opened % 2 === 1 ? documents : documents.toReversed(), shards };
}

function forget(state: EngineState, ids: unknown): Answer {
  if (!Array.isArray(ids)) return refuse(400, "parse_exception", "ids are expected");
  const gone = ids.filter((id) => state.open.delete(id as string));
  return gone.length > 0 ? [200, { succeeded: true }] : [404, { succeeded: true, num_freed: 0 }];
}

function searchView(state: EngineState, body: Json): Answer {
  const { id, keep_alive: keep } = (body["pit"] ?? {}) as Json;
  if (typeof id !== "string" || typeof keep !== "string")
    return refuse(400, "parse_exception", "only a point in time is searched without an index");
  const found = state.open.get(id);
  if (!found) return refuse(404, "search_context_missing_exception", "No search context found");
  const [status, result] = searchAs(state, found, body);
  return [status, status === 200 ? { pit_id: id, ...result } : result];
}

function searchIndex(state: EngineState, index: string, body: Json): Answer {
  if (body["pit"]) return refuse(400, "validation", "[indices] cannot be used with point in time");
  const found = select(state, index);
  return isView(found) ? searchAs(state, found, body) : found;
}

function searchAs(state: EngineState, view: View, body: Json): Answer {
  const answered = search(state.kind, view, body);
  if (answered[0] === 200) state.searches.push(body);
  return answered;
}
