/**
 * A Jira with one project, as Cloud (REST v3, documents, `/search/jql`) or as Server and Data Center
 * (REST v2, text, `/search`). Requests, answers and refusals are those of
 * https://developer.atlassian.com/cloud/jira/platform/rest/v3/ and
 * https://docs.atlassian.com/software/jira/docs/api/REST/latest/; the lengths of texts those of
 * https://confluence.atlassian.com/adminjiraserver/configuring-advanced-settings-938847761.html.
 * A document is held to the length of a text as it is sent, which is more than Jira asks for.
 */
import { startFaultyPeer, type FaultyPeer, type PeerTls, type Received } from "./peer.ts";

type Json = Record<string, unknown>;
type Answer = readonly [status: number, body?: Json];

export interface JiraIssue {
  readonly key: string;
  readonly fields: Json;
  status: Status;
  /** Bodies, oldest first. */
  readonly comments: unknown[];
}

interface Status {
  readonly name: string;
  readonly statusCategory: { readonly key: "new" | "indeterminate" | "done" };
}

export interface FakeJira extends FaultyPeer {
  readonly issues: JiraIssue[];
  /** Hides issues from searches from now on, as the index of Cloud does for some seconds. */
  hide(keys: readonly string[]): void;
}

export const JIRA_EMAIL = "tocsin@example.org";
export const JIRA_TOKEN = "ATATT3xFfGF0-test-token-0123456789";
export const JIRA_PROJECT = "SOC";

const STATUSES: Readonly<Record<string, Status>> = {
  "To Do": { name: "To Do", statusCategory: { key: "new" } },
  "In Progress": { name: "In Progress", statusCategory: { key: "indeterminate" } },
  Done: { name: "Done", statusCategory: { key: "done" } },
};
const TO_DO: Status = { name: "To Do", statusCategory: { key: "new" } };
/** From any status to any other: the workflow of a simple project. */
const TRANSITIONS = [
  { id: "11", name: "Back to the list", to: STATUSES["To Do"] },
  { id: "21", name: "Start", to: STATUSES["In Progress"] },
  { id: "31", name: "Finish", to: STATUSES["Done"] },
] as const;

/** Starts a fake Jira. Close it after the test. */
export async function startJira(api: "cloud" | "server", tls?: PeerTls): Promise<FakeJira> {
  const issues: JiraIssue[] = [];
  const hidden = new Set<string>();
  const site: Site = { api, issues, hidden, base: `/rest/api/${api === "cloud" ? 3 : 2}` };
  const peer = await startFaultyPeer((received, response) => {
    const [status, body] = answer(received, site);
    response.writeHead(status, { "content-type": "application/json;charset=UTF-8" });
    response.end(body === undefined ? "" : JSON.stringify(body));
  }, tls);
  return { ...peer, issues, hide: (keys) => keys.forEach((key) => hidden.add(key)) };
}

/** For the guide: a Jira Cloud, and what its page calls the token. */
export async function startForDocs() {
  const fake = await startJira("cloud");
  const env: Record<string, string> = { JIRA_TOKEN };
  return { url: fake.url, env, close: () => fake.close() };
}

interface Site {
  readonly api: "cloud" | "server";
  readonly base: string;
  readonly issues: JiraIssue[];
  readonly hidden: ReadonlySet<string>;
}

function answer(received: Received, site: Site): Answer {
  if (received.headers.authorization !== credentialsOf(site.api))
    return [401, { message: "Client must be authenticated to access this resource." }];
  const url = new URL(received.path, "http://jira");
  if (!url.pathname.startsWith(`${site.base}/`)) return NOWHERE;
  const route = `${received.method} ${url.pathname.slice(site.base.length)}`;
  const body = received.method === "POST" ? parse(received) : {};
  if (!body)
    return refuse(["Invalid request payload. Refer to the REST API documentation and try again."]);
  if (route === `POST /search${site.api === "cloud" ? "/jql" : ""}`) return search(body, site);
  if (route === "POST /issue") return create(body, site);
  return answerOfIssue(route, url, body, site);
}

function credentialsOf(api: Site["api"]): string {
  const basic = Buffer.from(`${JIRA_EMAIL}:${JIRA_TOKEN}`).toString("base64");
  return api === "cloud" ? `Basic ${basic}` : `Bearer ${JIRA_TOKEN}`;
}

const NOWHERE: Answer = [404, { errorMessages: ["Not Found"], errors: {} }];

function refuse(errorMessages: readonly string[], errors: Json = {}): Answer {
  return [400, { errorMessages, errors }];
}

function answerOfIssue(route: string, url: URL, body: Json, site: Site): Answer {
  const [, method, key, rest = ""] = /^(\w+) \/issue\/([A-Z]+-\d+)(\/\w+)?$/.exec(route) ?? [];
  const issue = site.issues.find((each) => each.key === key);
  if (!issue)
    return [
      404,
      {
        errorMessages: ["Issue does not exist or you do not have permission to see it."],
        errors: {},
      },
    ];
  if (`${method} ${rest}` === "GET ") return [200, shown(issue)];
  if (`${method} ${rest}` === "GET /comment") return listComments(issue, url);
  if (`${method} ${rest}` === "POST /comment") return addComment(issue, body, site);
  if (`${method} ${rest}` === "GET /transitions")
    return [200, { expand: "transitions", transitions: TRANSITIONS }];
  if (`${method} ${rest}` === "POST /transitions") return transit(issue, body);
  return [405];
}

function shown(issue: JiraIssue): Json {
  const { key, fields, status } = issue;
  return { id: key.replace(/\D/g, ""), key, fields: { labels: fields["labels"], status } };
}

/** Understands what it is asked for: one project, some labels. */
function search({ jql, fields, maxResults, ...more }: Json, { issues, hidden }: Site): Answer {
  const [, project, list = ""] =
    /^project = "(\w+)" AND labels in \((.*)\) ORDER BY created ASC$/.exec(String(jql)) ?? [];
  if (project === undefined) return refuse([`Error in the JQL Query: ${String(jql)}`]);
  if (project !== JIRA_PROJECT)
    return refuse([`The value '${project}' does not exist for the field 'project'.`]);
  if (Object.keys(more).length > 0 || !Array.isArray(fields) || typeof maxResults !== "number")
    return refuse(["Invalid request payload. Refer to the REST API documentation and try again."]);
  const wanted = [...list.matchAll(/"([^"]+)"/g)].map(([, label]) => label);
  const found = issues.filter(({ key, fields: { labels } }) => {
    return !hidden.has(key) && (labels as string[]).some((label) => wanted.includes(label));
  });
  return [200, { issues: found.slice(0, maxResults).map(shown), isLast: true }];
}

function create(body: Json, site: Site): Answer {
  const { fields, ...more } = body;
  if (!isObject(fields) || Object.keys(more).length > 0)
    return refuse(["Invalid request payload."]);
  const errors = checkFields(fields, site.api);
  if (Object.keys(errors).length > 0) return refuse([], errors);
  const number = site.issues.length + 1;
  const key = `${JIRA_PROJECT}-${number}`;
  site.issues.push({ key, fields, status: TO_DO, comments: [] });
  return [201, { id: String(number), key, self: `http://jira${site.base}/issue/${number}` }];
}

const KNOWN = [
  "project",
  "issuetype",
  "summary",
  "description",
  "labels",
  "priority",
  "customfield_10010",
];

function checkFields(fields: Json, api: Site["api"]): Json {
  const errors: Json = {};
  const want = (name: string, ok: boolean, error: string) => void (ok || (errors[name] = error));
  const { project, issuetype, summary, description, labels, priority } = fields;
  want(
    "project",
    isObject(project) && project["key"] === JIRA_PROJECT,
    "valid project is required",
  );
  want(
    "issuetype",
    isObject(issuetype) && issuetype["name"] === "Task",
    "Specify a valid issue type",
  );
  want("summary", isText(summary, 255), "Summary must be less than 255 characters.");
  want(
    "summary",
    !/[\r\n]/.test(String(summary)),
    "The summary is invalid because it contains newline characters.",
  );
  want("description", isBody(description, api), TOO_LONG);
  want("labels", isLabels(labels), "The label contains spaces or is too long.");
  want(
    "priority",
    priority === undefined || isPriority(priority),
    "The priority selected is invalid.",
  );
  for (const name of Object.keys(fields))
    want(
      name,
      KNOWN.includes(name),
      `Field '${name}' cannot be set. It is not on the appropriate screen, or unknown.`,
    );
  return errors;
}

const TOO_LONG = "The entered text is too long. It exceeds the allowed limit of 32,767 characters.";

function isLabels(labels: unknown): boolean {
  if (!Array.isArray(labels)) return false;
  return labels.every((label) => isText(label, 255) && !/\s/.test(label));
}

function isPriority(priority: unknown): boolean {
  const names = ["Highest", "High", "Medium", "Low", "Lowest"];
  return isObject(priority) && names.includes(String(priority["name"]));
}

function isBody(body: unknown, api: Site["api"]): boolean {
  if (api === "server") return isText(body, 32_767);
  if (!isObject(body) || body["type"] !== "doc" || body["version"] !== 1) return false;
  return JSON.stringify(body).length <= 32_767 && isNodes(body["content"]);
}

const MEMBERS = ["type", "text", "marks", "content"];

function isNodes(nodes: unknown): boolean {
  return Array.isArray(nodes) && nodes.length > 0 && nodes.every(isNode);
}

function isNode(node: unknown): boolean {
  if (!isObject(node) || Object.keys(node).some((name) => !MEMBERS.includes(name))) return false;
  if (node["type"] === "text") return isText(node["text"], 32_767) && isMarks(node["marks"]);
  if (node["type"] === "hardBreak") return node["content"] === undefined;
  return ["paragraph", "codeBlock"].includes(String(node["type"])) && isNodes(node["content"]);
}

function isMarks(marks: unknown): boolean {
  if (marks === undefined) return true;
  const [mark] = marks as { type: string; attrs: { href: string } }[];
  return mark?.type === "link" && /^https?:\/\//.test(mark.attrs.href);
}

function listComments({ comments }: JiraIssue, { searchParams }: URL): Answer {
  const max = Number(searchParams.get("maxResults") ?? 50);
  const newest = searchParams.get("orderBy") === "-created" ? comments.toReversed() : comments;
  const shownOnes = newest.slice(0, max).map((body, index) => ({ id: String(index), body }));
  return [200, { startAt: 0, maxResults: max, total: comments.length, comments: shownOnes }];
}

function addComment(issue: JiraIssue, { body, ...more }: Json, { api }: Site): Answer {
  if (Object.keys(more).length > 0 || !isBody(body, api))
    return refuse([], { comment: api === "cloud" ? "INVALID_INPUT" : TOO_LONG });
  issue.comments.push(body);
  return [201, { id: String(issue.comments.length), body }];
}

function transit(issue: JiraIssue, { transition }: Json): Answer {
  const id = isObject(transition) ? transition["id"] : undefined;
  const found = TRANSITIONS.find((each) => each.id === id);
  if (!found?.to) return refuse([`Transition id '${String(id)}' is not valid for this issue.`]);
  issue.status = found.to;
  return [204];
}

function isText(value: unknown, max: number): value is string {
  return typeof value === "string" && value.trim() !== "" && value.length <= max;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parse({ headers, body }: Received): Json | undefined {
  if (!headers["content-type"]?.startsWith("application/json")) return undefined;
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
