/**
 * A ServiceNow with the table `incident`. Requests and answers are those of the Table API
 * (https://www.servicenow.com/docs/bundle/xanadu-api-reference/page/integrate/inbound-rest/concept/c_TableAPI.html),
 * the lengths of fields those of a new instance, which cuts longer values without a word: here they are
 * refused, so that none is sent. As in new instances, a policy demands close code and close notes.
 */
import { startFaultyPeer, type FaultyPeer, type PeerTls, type Received } from "./peer.ts";

type Row = Record<string, string>;
type Answer = readonly [status: number, body: object];

export interface IncidentRow {
  readonly fields: Row;
  /** Oldest first. */
  readonly notes: string[];
}

export interface FakeServiceNow extends FaultyPeer {
  readonly incidents: IncidentRow[];
}

export const SERVICENOW_USER = "tocsin";
export const SERVICENOW_PASSWORD = "a test password of 27 letters";
export const SERVICENOW_TOKEN = "oauth-test-token-0123456789";
const BASIC = Buffer.from(`${SERVICENOW_USER}:${SERVICENOW_PASSWORD}`).toString("base64");

/** Starts a fake ServiceNow. Close it after the test. */
export async function startServiceNow(tls?: PeerTls): Promise<FakeServiceNow> {
  const incidents: IncidentRow[] = [];
  const peer = await startFaultyPeer((received, response) => {
    const [status, body] = answer(received, incidents);
    response.writeHead(status, { "content-type": "application/json;charset=UTF-8" });
    response.end(JSON.stringify(body));
  }, tls);
  return { ...peer, incidents };
}

/** For the guide: a ServiceNow, and what its page calls the password. */
export async function startForDocs() {
  const fake = await startServiceNow();
  const env: Record<string, string> = { SERVICENOW_PASSWORD };
  return { url: fake.url, env, close: () => fake.close() };
}

function fail(status: number, message: string, detail: string | null): Answer {
  return [status, { error: { message, detail }, status: "failure" }];
}

const GONE = fail(
  404,
  "No Record found",
  "Record doesn't exist or ACL restricts the record retrieval",
);

function answer(received: Received, incidents: IncidentRow[]): Answer {
  const allowed = [`Basic ${BASIC}`, `Bearer ${SERVICENOW_TOKEN}`];
  if (!allowed.includes(received.headers.authorization ?? ""))
    return fail(401, "User Not Authenticated", "Required to provide Auth information");
  const url = new URL(received.path, "http://servicenow");
  const [, table, id] = /^\/api\/now\/table\/(\w+)(?:\/([0-9a-f]{32}))?$/.exec(url.pathname) ?? [];
  if (table === undefined) return fail(400, "Requested URI does not represent any resource", null);
  if (table !== "incident") return fail(400, `Invalid table ${table}`, null);
  const row = incidents.find(({ fields }) => fields["sys_id"] === id);
  if (id !== undefined && !row) return GONE;
  if (received.method === "GET")
    return row ? [200, { result: pick(row, url) }] : [200, { result: search(url, incidents) }];
  const body = parse(received);
  if (!body) return fail(400, "Exception while reading request", "The payload is not valid JSON.");
  const wrong = checkFields(body);
  if (wrong !== undefined) return fail(400, "Invalid value", wrong);
  if (received.method === "POST" && !row) return insert(body, url, incidents);
  if (received.method === "PATCH" && row) return change(row, body, url);
  return fail(405, "Method not supported", null);
}

function search(url: URL, incidents: readonly IncidentRow[]): object[] {
  const query = url.searchParams.get("sysparm_query") ?? "";
  // A `^` by itself ends a condition; what follows is another one.
  const [condition = ""] = query.split(/(?<!\^)\^(?!\^)/);
  const [, value] = /^correlation_id=(.*)$/.exec(condition) ?? [];
  // A condition that it does not understand is no condition.
  const found =
    value === undefined
      ? incidents
      : incidents.filter(({ fields }) => fields["correlation_id"] === value.replaceAll("^^", "^"));
  const limit = Number(url.searchParams.get("sysparm_limit") ?? 10_000);
  return found.slice(0, limit).map((row) => pick(row, url));
}

function pick({ fields, notes }: IncidentRow, { searchParams }: URL): object {
  const names = (searchParams.get("sysparm_fields") ?? "").split(",");
  const isShown = searchParams.get("sysparm_display_value") === "true";
  const journal = notes
    .toReversed()
    .map((note) => `2026-05-05 10:00:00 - Tocsin (Work notes)\n${note}\n\n`);
  const all: Row = { ...fields, work_notes: isShown ? journal.join("") : "" };
  return Object.fromEntries(names.map((name) => [name, all[name] ?? ""]));
}

const LENGTHS: Readonly<Record<string, number>> = {
  short_description: 160,
  description: 4000,
  work_notes: 4000,
  close_notes: 4000,
  correlation_id: 100,
  correlation_display: 100,
  urgency: 40,
  impact: 40,
  state: 40,
  close_code: 40,
  assignment_group: 100,
  category: 40,
};

function checkFields(body: Record<string, unknown>): string | undefined {
  for (const [name, value] of Object.entries(body)) {
    const max = LENGTHS[name];
    if (max === undefined) return `no field ${name}`;
    if (typeof value !== "string") return `${name} is no text`;
    if (value.length > max) return `${name} is longer than ${max}`;
  }
  return undefined;
}

function insert(body: Row, url: URL, incidents: IncidentRow[]): Answer {
  if (!body["short_description"]?.trim())
    return fail(
      403,
      "Operation Failed",
      "Data Policy Exception: The following fields are mandatory: Short description",
    );
  const number = String(incidents.length + 1);
  const own = { sys_id: number.padStart(32, "0"), number: `INC${number.padStart(7, "0")}` };
  const row: IncidentRow = { fields: { state: "1", ...body, ...own }, notes: [] };
  incidents.push(row);
  return [201, { result: pick(row, url) }];
}

function change(row: IncidentRow, { work_notes: note, ...body }: Row, url: URL): Answer {
  const after: Row = { ...row.fields, ...body };
  const isClosing = after["state"] === "6" && row.fields["state"] !== "6";
  if (isClosing && !(after["close_code"] && after["close_notes"]))
    return fail(
      403,
      "Operation Failed",
      "Data Policy Exception: The following fields are mandatory: Resolution code, Resolution notes",
    );
  Object.assign(row.fields, body);
  if (note) row.notes.push(note);
  return [200, { result: pick(row, url) }];
}

function parse({ headers, body }: Received): Row | undefined {
  if (!headers["content-type"]?.startsWith("application/json")) return undefined;
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as Row) : undefined;
  } catch {
    return undefined;
  }
}
