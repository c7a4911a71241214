/**
 * A DFIR-IRIS with its alerts. Routes, fields, refusals (mostly 400) and what an update does to the owner
 * are those of https://github.com/dfir-iris/iris-web (v2.4.20: `blueprints/alerts/alerts_routes.py`,
 * `datamgmt/alerts/alerts_db.py`, `schema/marshables.py`, `post_init.py`). The ids are other than the
 * names' order suggests, as in installations that were upgraded.
 */
import { startFaultyPeer, type FaultyPeer, type PeerTls, type Received } from "./peer.ts";

type Json = Record<string, unknown>;

export interface IrisAlertRow {
  readonly alert_id: number;
  fields: Json;
  /** Ids of its cases. */
  readonly cases: number[];
}

export interface FakeIris extends FaultyPeer {
  readonly alerts: IrisAlertRow[];
  /** Titles of the cases by id. */
  readonly cases: Map<number, string>;
}

export const IRIS_KEY = "iris-test-key-B5BDqDzY0W1Qh6Vd";
export const IRIS_CUSTOMER = 7;
/** The user whose key it is. */
const USER = 3;

export const IRIS_SEVERITIES = named([
  "Medium",
  "Unspecified",
  "Informational",
  "Low",
  "High",
  "Critical",
]);
export const IRIS_STATUSES = named([
  "Unspecified",
  "New",
  "Assigned",
  "In progress",
  "Pending",
  "Closed",
  "Merged",
  "Escalated",
]);
export const IRIS_RESOLUTIONS = named([
  "False Positive",
  "True Positive With Impact",
  "True Positive Without Impact",
  "Not Applicable",
  "Unknown",
  "Legitimate",
]);
const TYPES = named([
  "AS",
  "account",
  "domain",
  "email",
  "filename",
  "file-path",
  "hostname",
  "ip-any",
  "mac-address",
  "md5",
  "other",
  "port",
  "regkey",
  "sha1",
  "sha256",
  "sha512",
  "url",
  "user-agent",
]);
const VALIDATION: Readonly<Record<string, RegExp>> = {
  md5: /^[a-f0-9]{32}$/i,
  sha1: /^[a-f0-9]{40}$/i,
  sha256: /^[a-f0-9]{64}$/i,
  sha512: /^[a-f0-9]{128}$/i,
};

function named(names: readonly string[]): ReadonlyMap<string, number> {
  return new Map(names.map((name, index) => [name, index + 11]));
}

/** Starts a fake IRIS. Close it after the test. */
export async function startIris(tls?: PeerTls): Promise<FakeIris> {
  const site: Site = { alerts: [], cases: new Map() };
  const peer = await startFaultyPeer((received, response) => {
    const [status, body] = answer(received, site);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  }, tls);
  return { ...peer, ...site };
}

/** For the guide: an IRIS, and what its page calls the key. */
export async function startForDocs() {
  const fake = await startIris();
  const env: Record<string, string> = { IRIS_KEY };
  return { url: fake.url, env, close: () => fake.close() };
}

interface Site {
  readonly alerts: IrisAlertRow[];
  readonly cases: Map<number, string>;
}
type Answer = readonly [status: number, body: Json];

function done(data: unknown): Answer {
  return [200, { status: "success", message: "", data }];
}

function refuse(message: unknown, status = 400): Answer {
  return [status, { status: "error", message, data: [] }];
}

const MANAGE: Readonly<Record<string, readonly [ReadonlyMap<string, number>, string, string]>> = {
  "/manage/severities/list": [IRIS_SEVERITIES, "severity_id", "severity_name"],
  "/manage/alert-status/list": [IRIS_STATUSES, "status_id", "status_name"],
  "/manage/alert-resolutions/list": [
    IRIS_RESOLUTIONS,
    "resolution_status_id",
    "resolution_status_name",
  ],
  "/manage/ioc-types/list": [TYPES, "type_id", "type_name"],
};

function answer(received: Received, site: Site): Answer {
  if (received.headers.authorization !== `Bearer ${IRIS_KEY}`)
    return refuse("Authentication required", 401);
  const { pathname, searchParams } = new URL(received.path, "http://iris");
  if (received.method === "GET") {
    const list = MANAGE[pathname];
    if (list) return done([...list[0]].map(([name, id]) => ({ [list[1]]: id, [list[2]]: name })));
    return pathname === "/alerts/filter" ? filter(searchParams, site) : refuse("Not found", 404);
  }
  const body = parse(received);
  if (!body) return refuse("No JSON data provided");
  if (pathname === "/alerts/add") return add(body, site);
  const [, verb, id] = /^\/alerts\/(update|escalate|merge)\/(\d+)$/.exec(pathname) ?? [];
  const alert = site.alerts.find((each) => each.alert_id === Number(id));
  if (!alert) return refuse("Alert not found");
  if (verb === "update") return update(alert, body);
  return verb === "escalate" ? escalate(alert, body, site) : merge(alert, body, site);
}

/** Texts fit when they are part of the alert's; parameters that it does not know are passed over. */
function filter(query: URLSearchParams, { alerts }: Site): Answer {
  const has = (name: string, parameter: string) => (row: IrisAlertRow) =>
    textOf(row.fields[name]).includes(query.get(parameter) ?? "");
  const found = alerts
    .filter(has("alert_source_ref", "source_reference"))
    .filter(has("alert_tags", "alert_tags"));
  const fields = query.get("fields")?.split(",") ?? [];
  const shown = found.toReversed().map((row) => {
    const all: Json = { ...row.fields, alert_id: row.alert_id, cases: row.cases };
    return Object.fromEntries(fields.map((name) => [name, all[name] ?? null]));
  });
  const page = shown.slice(0, Number(query.get("per_page") ?? 10));
  return done({
    total: shown.length,
    alerts: page,
    last_page: 1,
    current_page: 1,
    next_page: null,
  });
}

const TEXTS = [
  "alert_title",
  "alert_description",
  "alert_source",
  "alert_source_ref",
  "alert_source_link",
  "alert_source_event_time",
  "alert_tags",
];
const IDS = ["alert_customer_id", "alert_severity_id", "alert_status_id"];
const OPTIONAL = ["alert_resolution_status_id", "alert_owner_id"];

/** What the schema refuses; unknown members it drops, but nobody means to send them. */
function checkFields(fields: Json, isWhole: boolean): Json {
  const wrong: Json = {};
  for (const [name, value] of Object.entries(fields)) {
    if (TEXTS.includes(name) && typeof value !== "string") wrong[name] = ["Not a valid string."];
    if (IDS.includes(name) && !Number.isInteger(value)) wrong[name] = ["Not a valid integer."];
    if (![...TEXTS, ...IDS, ...OPTIONAL].includes(name)) wrong[name] = ["Unknown field."];
  }
  const time = fields["alert_source_event_time"];
  if (time !== undefined && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$/.test(textOf(time)))
    wrong["alert_source_event_time"] = ["Not a valid datetime."];
  for (const name of isWhole ? ["alert_title", ...IDS] : [])
    if (fields[name] === undefined) wrong[name] = ["Missing data for required field."];
  return { ...wrong, ...checkIds(fields) };
}

function checkIds(fields: Json): Json {
  const among = (name: string, ids: ReadonlyMap<string, number>) =>
    fields[name] === undefined || [...ids.values()].includes(Number(fields[name]))
      ? {}
      : { [name]: ["Violates a foreign key."] };
  return {
    ...among("alert_severity_id", IRIS_SEVERITIES),
    ...among("alert_status_id", IRIS_STATUSES),
    ...among("alert_resolution_status_id", IRIS_RESOLUTIONS),
  };
}

function add(body: Json, { alerts }: Site): Answer {
  const { alert_iocs: iocs = [], ...fields } = body;
  const wrong = (iocs as Json[]).map(checkIoc).find((each) => each !== undefined);
  if (wrong !== undefined) return refuse(wrong);
  const refused = checkFields(fields, true);
  if (Object.keys(refused).length > 0) return refuse(JSON.stringify(refused));
  if (fields["alert_customer_id"] !== IRIS_CUSTOMER)
    return refuse("User not entitled to create alerts for the client");
  const row = { alert_id: alerts.length + 1, fields: { ...fields, iocs }, cases: [] };
  alerts.push(row);
  return done({ ...row.fields, alert_id: row.alert_id });
}

function checkIoc({ ioc_value: value, ioc_type_id: type, ioc_tags: tags, ...more }: Json) {
  const [name] = [...TYPES].find(([, id]) => id === type) ?? [];
  if (Object.keys(more).length > 0 || name === undefined) return "Invalid IOC type ID";
  if (typeof value !== "string" || value === "") return "Shorter than minimum length 1.";
  if (String(tags).length > 512) return "value too long for type character varying(512)";
  return (VALIDATION[name]?.test(value) ?? true)
    ? undefined
    : "The input doesn't match the expected format";
}

function update(alert: IrisAlertRow, change: Json): Answer {
  const refused = checkFields(change, false);
  if (Object.keys(refused).length > 0) return refuse(JSON.stringify(refused));
  const owner = change["alert_owner_id"] ?? alert.fields["alert_owner_id"] ?? USER;
  alert.fields = { ...alert.fields, ...change, alert_owner_id: owner === "-1" ? null : owner };
  return done({ ...alert.fields, alert_id: alert.alert_id });
}

function escalate(alert: IrisAlertRow, body: Json, { cases }: Site): Answer {
  const { iocs_import_list: iocs, assets_import_list: assets, case_title: title } = body;
  if (!Array.isArray(iocs) || !Array.isArray(assets)) return refuse("'NoneType' is not iterable");
  const id = cases.size + 1;
  cases.set(id, String(title));
  alert.cases.push(id);
  alert.fields["alert_status_id"] = IRIS_STATUSES.get("Escalated");
  return done({ case_id: id });
}

function merge(alert: IrisAlertRow, body: Json, { cases }: Site): Answer {
  const { iocs_import_list: iocs, assets_import_list: assets, target_case_id: target } = body;
  if (!Array.isArray(iocs) || !Array.isArray(assets)) return refuse("'NoneType' is not iterable");
  if (!cases.has(Number(target))) return refuse("Target case not found");
  if (!alert.cases.includes(Number(target))) alert.cases.push(Number(target));
  alert.fields["alert_status_id"] = IRIS_STATUSES.get("Merged");
  return done({ case_id: target });
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function parse({ headers, body }: Received): Json | undefined {
  if (!headers["content-type"]?.startsWith("application/json")) return undefined;
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}
