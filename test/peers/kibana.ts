/**
 * A Kibana that is as strict as the real one about the calls that Tocsin makes of it: headers,
 * credentials, bodies. It holds alerts by space, sets their status and tags, finds them, and keeps
 * cases. What it does not know it refuses. Facts: https://www.elastic.co/docs/api/doc/kibana and the
 * routes of Elastic Security in https://github.com/elastic/kibana. Like the real one it does not
 * refuse a space that is not there: it has no alerts.
 */
import { refuse, search, setStatus, setTags } from "./kibana-alerts.ts";
import type { Answer, FakeAlert, Json } from "./kibana-alerts.ts";
import { startFaultyPeer, type FaultyPeer, type PeerTls, type Received } from "./peer.ts";

export type { FakeAlert } from "./kibana-alerts.ts";

export interface FakeCase {
  readonly id: string;
  readonly space: string;
  readonly fields: Json;
  readonly comments: string[];
}

export interface FakeKibana extends FaultyPeer {
  /** Where it is reached, with its base path. */
  readonly kibanaUrl: string;
  readonly cases: FakeCase[];
  /** Bodies of the changes of status that were accepted, oldest first. */
  readonly changes: Json[];
  /** Alerts that something else writes at the same time, by id. */
  readonly contested: Set<string>;
  /** The alerts of a space; those added to the list are there from then on. */
  alerts(space: string): FakeAlert[];
}

export interface FakeKibanaOptions {
  /** The value of `Authorization` that it wants; anybody may ask without. */
  readonly authorization?: string;
  /** `server.basePath`: `/kibana`. */
  readonly basePath?: string;
  /** Epoch milliseconds; by this clock it writes down when a status was changed. */
  readonly now?: () => number;
  readonly tls?: PeerTls | undefined;
}

interface State {
  readonly spaces: Map<string, FakeAlert[]>;
  readonly cases: FakeCase[];
  readonly changes: Json[];
  readonly contested: Set<string>;
  now(): number;
}

/** Starts a fake Kibana. Close it after the test. */
export async function startKibana(options: FakeKibanaOptions = {}): Promise<FakeKibana> {
  const { basePath = "", now = Date.now } = options;
  const state = { spaces: new Map(), cases: [], changes: [], contested: new Set<string>(), now };
  const peer = await startFaultyPeer((received, response) => {
    const [status, body] = checkRequest(received, options) ?? answer(received, basePath, state);
    response.writeHead(status, { "content-type": "application/json; charset=utf-8" });
    response.end(JSON.stringify(body));
  }, options.tls);
  const { cases, changes, contested } = state;
  return {
    ...peer,
    kibanaUrl: `${peer.url}${basePath}`,
    cases,
    changes,
    contested,
    alerts: (space) => alertsOf(state, space),
  };
}

function alertsOf({ spaces }: State, space: string): FakeAlert[] {
  const alerts = spaces.get(space) ?? [];
  spaces.set(space, alerts);
  return alerts;
}

function checkRequest({ headers }: Received, options: FakeKibanaOptions): Answer | undefined {
  const { authorization } = options;
  if (authorization !== undefined && headers.authorization !== authorization)
    return refuse(401, "Unauthorized", `unable to authenticate [${headers.authorization}]`);
  if (headers["kbn-xsrf"] === undefined)
    return refuse(400, "Bad Request", "Request must contain a kbn-xsrf header.");
  if (headers["content-type"]?.split(";")[0] !== "application/json")
    return refuse(415, "Unsupported Media Type", "Unsupported Media Type");
  if (headers["elastic-api-version"] === "2023-10-31") return undefined;
  return refuse(400, "Bad Request", "No version specified, or an unknown one.");
}

const NOT_FOUND = refuse(404, "Not Found", "Not Found");

function answer({ method, path, body }: Received, basePath: string, state: State): Answer {
  if (method !== "POST" || !path.startsWith(`${basePath}/`)) return NOT_FOUND;
  const local = path.slice(basePath.length);
  const [, inSpace, rest = local] = /^\/s\/([^/]+)(\/.*)$/.exec(local) ?? [];
  const space = decodeURIComponent(inSpace ?? "default");
  const parsed = parse(body);
  if (!parsed) return refuse(400, "Bad Request", "Invalid request payload JSON format");
  return route(rest, parsed, space, state) ?? NOT_FOUND;
}

function route(path: string, body: Json, space: string, state: State): Answer | undefined {
  const alerts = alertsOf(state, space);
  if (path === "/api/detection_engine/signals/status") return change(body, alerts, state);
  if (path === "/api/detection_engine/signals/tags") return setTags(body, alerts);
  if (path === "/api/detection_engine/signals/search") return search(body, alerts);
  if (path === "/api/cases") return createCase(body, space, state.cases);
  const [, id] = /^\/api\/cases\/([^/]+)\/comments$/.exec(path) ?? [];
  return id === undefined ? undefined : comment(decodeURIComponent(id), body, space, state.cases);
}

function change(body: Json, alerts: readonly FakeAlert[], state: State): Answer {
  const { contested, changes } = state;
  const answered = setStatus(body, { alerts, contested, now: state.now() });
  if (answered[0] === 200) changes.push(body);
  return answered;
}

const SEVERITIES = new Set<unknown>(["low", "medium", "high", "critical"]);

function createCase(fields: Json, space: string, cases: FakeCase[]): Answer {
  const { title, description, tags, owner, connector, settings, severity } = fields;
  if (!isText(title, 160)) return invalidCase("title");
  if (!isText(description, 30_000)) return invalidCase("description");
  if (!Array.isArray(tags) || tags.length > 200 || !tags.every((tag) => isText(tag, 256)))
    return invalidCase("tags");
  if (severity !== undefined && !SEVERITIES.has(severity)) return invalidCase("severity");
  if (typeof (settings as Json)?.["syncAlerts"] !== "boolean") return invalidCase("settings");
  const { id: connectorId, type, fields: connectorFields } = (connector ?? {}) as Json;
  if (connectorId !== "none" || type !== ".none" || connectorFields !== null)
    return invalidCase("connector");
  if (owner !== "securitySolution") return refuse(403, "Forbidden", "Unauthorized owner");
  const id = `case-${cases.length + 1}`;
  cases.push({ id, space, fields, comments: [] });
  return [200, { id, version: "WzEsMV0=", ...fields }];
}

function comment(id: string, body: Json, space: string, cases: readonly FakeCase[]): Answer {
  const found = cases.find((each) => each.id === id && each.space === space);
  const { type, comment: text, owner } = body;
  if (type !== "user" || owner !== "securitySolution" || !isText(text, 30_000))
    return invalidCase("comment");
  if (!found) return refuse(404, "Not Found", `Saved object [cases/${id}] not found`);
  found.comments.push(text);
  return [200, { id, version: "WzIsMV0=" }];
}

function invalidCase(field: string): Answer {
  return refuse(400, "Bad Request", `Invalid value for "${field}"`);
}

function isText(value: unknown, max: number): value is string {
  return typeof value === "string" && value.trim() !== "" && value.length <= max;
}

function parse(body: string): Json | undefined {
  try {
    return JSON.parse(body) as Json;
  } catch {
    return undefined;
  }
}
