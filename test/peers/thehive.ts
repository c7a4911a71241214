/**
 * A TheHive that is as strict as the real one: 4 by its API v0, 5 by its v1, both with the query API. It has
 * an alert once by type, source and sourceRef, refuses the whole of one with an unknown custom field, type of
 * observable or technique, and makes and merges cases.
 *
 * Answers of 4 are those of TheHive-Project/TheHive (`AlertCtrl.scala`, `AlertSrv.scala`, `StatusCtrl.scala`)
 * and of TheHive-Project/ScalliGraph (`ErrorHandler.scala`, `VertexSrv.scala`, `Filter.scala`); those of 5 of
 * https://docs.strangebee.com/thehive/api-docs/. That 5 words its errors as 4 does is assumed.
 */
import type { ServerResponse } from "node:http";
import { startFaultyPeer, type FaultyPeer, type PeerTls, type Received } from "./peer.ts";
import { checkAlert, checkUpdate, type Flavour, type Json } from "./thehive-check.ts";

export const THEHIVE_KEY = "hive-key-0123456789abcdefghijklmnop";
export const THEHIVE_ORGANISATION = "cert";

export interface HiveAlertKept {
  readonly id: string;
  /** The alert as it is. */
  readonly alert: Json;
  readonly caseId: string | null;
  /** Everything that was written of it, with its size in bytes: what created it first. */
  readonly writes: readonly { readonly body: Json; readonly bytes: number }[];
}

export interface HiveCaseKept {
  readonly id: string;
  readonly title: string;
}

export interface TheHiveOptions {
  /** `4.1.24-1`, `5.0.5`, `5.2.10-1`. */
  readonly version: string;
  /** Custom fields that exist. */
  readonly customFields?: readonly string[];
  /** Types of observables that were deleted. */
  readonly unknownTypes?: readonly string[];
  readonly unknownTechniques?: readonly string[];
  /** Longest body in bytes; the default is the version's own. */
  readonly maxBody?: number;
  /** Paths of calls that the key may not make, as `/case`. */
  readonly forbidden?: RegExp;
  /** Whether an alert's status cannot be changed. */
  readonly refusesStatus?: boolean;
  /** How many queries do not yet see what was stored. */
  readonly lag?: number;
}

export interface FakeTheHive extends FaultyPeer {
  readonly alerts: HiveAlertKept[];
  readonly cases: HiveCaseKept[];
}

/** Types that every TheHive has: `ObservableType.scala`. */
const DATA_TYPES = new Set(
  [
    "url",
    "other",
    "user-agent",
    "regexp",
    "mail-subject",
    "registry",
    "mail",
    "autonomous-system",
  ].concat(["domain", "ip", "uri_path", "filename", "hash", "file", "fqdn", "hostname"]),
);

interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

interface Hive {
  readonly options: TheHiveOptions;
  readonly flavour: Flavour;
  readonly alerts: HiveAlertKept[];
  readonly cases: HiveCaseKept[];
  lag: number;
}

/** Starts a fake TheHive. Close it after the test. */
export async function startTheHive(options: TheHiveOptions, tls?: PeerTls): Promise<FakeTheHive> {
  const [major = 0, minor = 0] = options.version.split(".").map(Number);
  const flavour = { isOld: major < 5, hasStrict: major > 5 || (major === 5 && minor >= 2) };
  const hive: Hive = { options, flavour, alerts: [], cases: [], lag: options.lag ?? 0 };
  const peer = await startFaultyPeer((received, response) => {
    write(response, answerTo(hive, received));
  }, tls);
  return { ...peer, alerts: hive.alerts, cases: hive.cases };
}

/** For the guide: one that takes what the guide's configuration sends. */
export async function startForDocs() {
  const peer = await startTheHive({ version: "5.7.3", customFields: ["businessUnit", "risk"] });
  return {
    url: peer.url,
    env: { THEHIVE_KEY },
    kept: () => peer.alerts,
    close: () => peer.close(),
  };
}

function write(response: ServerResponse, { status, body }: Answer): void {
  if (body === undefined) return void response.writeHead(status).end();
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

const refuse = (status: number, type: string, message: string, more: Json = {}): Answer => ({
  status,
  body: { type, message, ...more },
});
const notFound = (message: string) => refuse(404, "NotFoundError", message);
/** A route that there is not. */
const NO_ROUTE = refuse(404, "NotFound", "");

function answerTo(hive: Hive, received: Received): Answer {
  const { method, path, headers, body } = received;
  const { options, flavour } = hive;
  const status = method === "GET" ? statusOf(path, hive) : undefined;
  if (status) return status;
  if (headers.authorization !== `Bearer ${THEHIVE_KEY}`)
    return refuse(401, "AuthenticationError", "Authentication failure");
  const organisation = headers["x-organisation"] ?? THEHIVE_ORGANISATION;
  if (organisation !== THEHIVE_ORGANISATION || options.forbidden?.test(path))
    return refuse(403, "AuthorizationError", "Operation not permitted");
  const max = options.maxBody ?? (flavour.isOld ? 256_000 : 10_485_760);
  if (Buffer.byteLength(body) > max) return refuse(413, "Unknown", "Request Entity Too Large");
  const json = parse(body);
  if (headers["content-type"] !== "application/json" || !json)
    return refuse(400, "BadRequest", "Invalid Json");
  return route(hive, `${method} ${decodeURIComponent(path)}`, json, Buffer.byteLength(body));
}

function statusOf(path: string, { options, flavour }: Hive): Answer | undefined {
  const { version } = options;
  if (path === "/api/v1/status/public")
    return flavour.isOld ? NO_ROUTE : { status: 200, body: { version, sso: false, imports: {} } };
  if (path !== "/api/status") return undefined;
  return {
    status: 200,
    body: { versions: { Scalligraph: version, TheHive: version }, connectors: {} },
  };
}

function parse(body: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(body);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

function route(hive: Hive, call: string, body: Json, bytes: number): Answer {
  const { isOld } = hive.flavour;
  const base = isOld ? "/api/alert" : "/api/v1/alert";
  if (call === "POST /api/v1/query") return query(hive, body);
  if (call === `POST ${base}`) return create(hive, body, bytes);
  const [, method, id = "", rest = ""] =
    new RegExp(`^(PATCH|POST) ${base}/([^/]+)(?:/(.+))?$`).exec(call) ?? [];
  const kept = hive.alerts.find((each) => each.id === id);
  if (method === undefined) return NO_ROUTE;
  if (!kept) return notFound("Alert not found");
  if (method === "PATCH" && rest === "") return update(hive, kept, body, bytes);
  if (rest === (isOld ? "createCase" : "case")) return createCase(hive, kept, body);
  const caseId = /^merge\/([^/]+)$/.exec(rest)?.[1];
  return method === "POST" && caseId !== undefined ? merge(hive, kept, caseId) : NO_ROUTE;
}

function create(hive: Hive, body: Json, bytes: number): Answer {
  const wrong = checkAlert(body, hive.flavour);
  if (wrong.length > 0) return attributes(wrong);
  const { type, source, sourceRef } = body;
  const twin = hive.alerts.find(({ alert }) => isSame(alert, { type, source, sourceRef }));
  if (twin) {
    const name = `${String(type)}:${String(source)}:${String(sourceRef)}`;
    const message = `Alert ${name} already exist in organisation ${THEHIVE_ORGANISATION}`;
    return refuse(400, "CreateError", message);
  }
  const unknown = unknownIn(hive, body);
  if (unknown !== undefined) return notFound(`${unknown} not found`);
  // As long as those of a TheHive in use.
  const id = `~${40_960_000 + 4096 * (hive.alerts.length + 1)}`;
  const kept = { id, alert: body, caseId: null, writes: [{ body, bytes }] };
  hive.alerts.push(kept);
  return { status: 201, body: output(hive, kept) };
}

function attributes(wrong: readonly string[]): Answer {
  const message = wrong.map((name) => `[Invalid format for ${name}]`).join("");
  const errors = wrong.map((name) => ({ name, type: "InvalidFormatAttributeError" }));
  return refuse(400, "AttributeCheckingError", message, { errors });
}

function isSame(alert: Json, identity: Json): boolean {
  return Object.entries(identity).every(([name, value]) => alert[name] === value);
}

/** What an alert names that TheHive does not know: `CustomField score`. */
function unknownIn({ options, flavour }: Hive, body: Json): string | undefined {
  const { customFields = [], unknownTypes = [], unknownTechniques = [] } = options;
  const fields = flavour.isOld
    ? Object.keys((body["customFields"] ?? {}) as Json)
    : namesIn(body["customFields"], "name");
  const field = fields.find((name) => !customFields.includes(name));
  if (field !== undefined) return `CustomField ${field}`;
  const types = namesIn(body[flavour.isOld ? "artifacts" : "observables"], "dataType");
  const type = types.find((name) => !DATA_TYPES.has(name) || unknownTypes.includes(name));
  if (type !== undefined) return `ObservableType ${type}`;
  const technique = namesIn(body["procedures"], "patternId").find((id) =>
    unknownTechniques.includes(id),
  );
  return technique === undefined ? undefined : `Pattern ${technique}`;
}

function namesIn(list: unknown, member: string): string[] {
  return ((list ?? []) as Json[]).map((each) => String(each[member]));
}

function update(hive: Hive, kept: HiveAlertKept, body: Json, bytes: number): Answer {
  const { isOld } = hive.flavour;
  const wrong = checkUpdate(body, hive.flavour);
  if (wrong.length > 0) return attributes(wrong);
  if (hive.options.refusesStatus === true && body["status"] !== undefined)
    return refuse(400, "BadRequest", "Some mandatory custom fields are not set");
  const { addTags = [], removeTags = [], ...rest } = body;
  const before = (kept.alert["tags"] ?? []) as string[];
  const tags = [
    ...before.filter((tag) => !(removeTags as string[]).includes(tag)),
    ...(addTags as string[]),
  ];
  const alert = { ...kept.alert, ...(isOld ? {} : { tags: [...new Set(tags)] }), ...rest };
  replace(hive, { ...kept, alert, writes: [...kept.writes, { body, bytes }] });
  return isOld ? { status: 200, body: output(hive, { ...kept, alert }) } : { status: 204 };
}

function replace(hive: Hive, kept: HiveAlertKept): void {
  hive.alerts[hive.alerts.findIndex(({ id }) => id === kept.id)] = kept;
}

function output({ flavour }: Hive, { id, alert, caseId }: HiveAlertKept): Json {
  const own = flavour.isOld ? { id, case: caseId } : { caseId };
  return { _id: id, _type: "Alert", ...alert, ...own };
}

const IMPORTED = refuse(400, "BadRequest", "Alert is already imported");

/**
 * 4 answers with the case that there is. What 5 does with an alert that is in a case is not documented: it
 * does the worst here and makes another one.
 */
function createCase(hive: Hive, kept: HiveAlertKept, body: Json): Answer {
  const known = hive.flavour.isOld ? [] : ["title"];
  if (Object.keys(body).some((name) => !known.includes(name))) return attributes(Object.keys(body));
  const there = hive.cases.find(({ id }) => id === kept.caseId);
  if (there && hive.flavour.isOld) return { status: 201, body: caseOutput(there) };
  const id = `~${81_920_040 + 8192 * (hive.cases.length + 1)}`;
  const made = { id, title: String(body["title"] ?? kept.alert["title"]) };
  hive.cases.push(made);
  replace(hive, { ...kept, caseId: id });
  return { status: 201, body: caseOutput(made) };
}

function caseOutput({ id, title }: HiveCaseKept): Json {
  return { _id: id, _type: "Case", title };
}

function merge(hive: Hive, kept: HiveAlertKept, caseId: string): Answer {
  const target = hive.cases.find(({ id }) => id === caseId);
  if (!target) return notFound("Case not found");
  if (kept.caseId !== null) return IMPORTED;
  replace(hive, { ...kept, caseId });
  return { status: 200, body: caseOutput(target) };
}

/** The one query that is asked: alerts by their identity or id, the first one. */
function query(hive: Hive, body: Json): Answer {
  const steps = (body["query"] ?? []) as Json[];
  const [list, filter, page] = steps;
  const isKnown =
    list?.["_name"] === "listAlert" && filter?.["_name"] === "filter" && page?.["_name"] === "page";
  const matches = isKnown ? readFilter(filter) : undefined;
  if (!matches) return refuse(400, "BadRequest", "Invalid query");
  if (hive.lag > 0) {
    hive.lag -= 1;
    return { status: 200, body: [] };
  }
  const excluded = hive.flavour.isOld ? [] : ((body["excludeFields"] ?? []) as string[]);
  const found = hive.alerts.filter(matches).slice(Number(page?.["from"]), Number(page?.["to"]));
  return { status: 200, body: found.map((kept) => shownBy(kept, excluded)) };
}

function shownBy({ id, alert, caseId }: HiveAlertKept, excluded: readonly string[]): Json {
  const all = { _id: id, _type: "Alert", ...alert, ...(caseId === null ? {} : { caseId }) };
  return Object.fromEntries(Object.entries(all).filter(([name]) => !excluded.includes(name)));
}

function readFilter(filter: Json): ((kept: HiveAlertKept) => boolean) | undefined {
  const { _id: id, _and: and } = filter;
  if (typeof id === "string") return (kept) => kept.id === id;
  if (!Array.isArray(and) || and.length !== 3) return undefined;
  const pairs = (and as Json[]).map((each) => each["_is"] as Json | undefined);
  if (pairs.some((pair) => typeof pair?.["_field"] !== "string")) return undefined;
  const wanted = Object.fromEntries(
    pairs.map((pair) => [String(pair?.["_field"]), pair?.["_value"]]),
  );
  return ({ alert }) => isSame(alert, wanted);
}
