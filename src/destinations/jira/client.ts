/**
 * The calls of Jira's REST API that an issue's life takes.
 * Cloud: https://developer.atlassian.com/cloud/jira/platform/rest/v3/
 * Server and Data Center: https://docs.atlassian.com/software/jira/docs/api/REST/latest/
 */
import { z } from "zod";
import type { Secret } from "../../config/secret.ts";
import type { HttpAnswer } from "../../net/http.ts";
import { createAsk, type Ask, type Asked } from "../ask.ts";
import type { DestinationContext, SendContext } from "../destination.ts";
import { createJsonCall, joinUrl, readJson } from "../json-call.ts";
import type { Said } from "../peer-words.ts";
import type { IssueFields } from "./render.ts";
import type { Api, JiraText } from "./text.ts";

export interface ClientOptions {
  readonly url: string;
  readonly api: Api;
  readonly email?: string | undefined;
  readonly token: Secret;
}

const statusSchema = z.object({
  name: z.string(),
  /** `new`, `indeterminate` or `done`, whatever the statuses of the project are called. */
  statusCategory: z.object({ key: z.string() }).optional(),
});
const issueSchema = z.object({
  key: z.string(),
  fields: z.object({ labels: z.array(z.string()), status: statusSchema }),
});
/** An issue with what is asked for of it. */
export type Issue = z.infer<typeof issueSchema>;

const transitionSchema = z.object({
  id: z.string(),
  name: z.string(),
  to: statusSchema.optional(),
});
export type Transition = z.infer<typeof transitionSchema>;

const searchSchema = z.object({ issues: z.array(issueSchema) });
const createdSchema = z.object({ key: z.string() });
const commentsSchema = z.object({ comments: z.array(z.unknown()) });
const transitionsSchema = z.object({ transitions: z.array(transitionSchema) });
const FIELDS = ["labels", "status"] as const;
/** A comment of ours that an earlier try added is among the newest. */
const NEWEST = 10;

export interface JiraClient {
  /** The oldest issue of the project with any of the labels. */
  find(project: string, labels: readonly string[]): Promise<Asked<Issue | undefined>>;
  get(key: string): Promise<Asked<Issue>>;
  create(fields: IssueFields): Promise<Asked<{ readonly key: string }>>;
  /** Whether one of the newest comments has the mark. */
  hasComment(key: string, mark: string): Promise<Asked<boolean>>;
  comment(key: string, body: JiraText): Promise<Asked<unknown>>;
  transitions(key: string): Promise<Asked<readonly Transition[]>>;
  transit(key: string, id: string): Promise<Asked<unknown>>;
}

/** Makes the function that makes the client of one try. */
export function createClient(
  options: ClientOptions,
  context: DestinationContext,
): (sending: SendContext) => JiraClient {
  const secret = options.token.reveal();
  const basic = Buffer.from(`${options.email ?? ""}:${secret}`).toString("base64");
  const authorization = options.api === "cloud" ? `Basic ${basic}` : `Bearer ${secret}`;
  const call = createJsonCall(
    { headers: { authorization }, secrets: [secret, basic], urls: "public" },
    context,
  );
  const ask = createAsk(call, readRefusal, context.now);
  const base = joinUrl(options.url, `/rest/api/${options.api === "cloud" ? 3 : 2}`);
  const search = `${base}/search${options.api === "cloud" ? "/jql" : ""}`;
  return (sending) => clientOf({ base, search, ask, sending });
}

interface Connection {
  readonly base: string;
  readonly search: string;
  readonly ask: Ask;
  readonly sending: SendContext;
}

function clientOf({ base, search, ask, sending }: Connection): JiraClient {
  const of = (key: string) => `${base}/issue/${encodeURIComponent(key)}`;
  return {
    async find(project, labels) {
      const list = labels.map((label) => `"${label}"`).join(", ");
      const jql = `project = "${project}" AND labels in (${list}) ORDER BY created ASC`;
      const body = { jql, fields: FIELDS, maxResults: 1 };
      const found = await ask({ url: search, body }, searchSchema, sending);
      return found.ok ? { ...found, value: found.value.issues[0] } : found;
    },
    get: (key) =>
      ask({ method: "GET", url: `${of(key)}?fields=${FIELDS.join()}` }, issueSchema, sending),
    create: (fields) => ask({ url: `${base}/issue`, body: { fields } }, createdSchema, sending),
    hasComment(key, mark) {
      const url = `${of(key)}/comment?orderBy=-created&maxResults=${NEWEST}`;
      return ask({ method: "GET", url }, lookFor(mark), sending);
    },
    comment: (key, body) =>
      ask({ url: `${of(key)}/comment`, body: { body } }, commentSchema, sending),
    async transitions(key) {
      const url = `${of(key)}/transitions`;
      const found = await ask({ method: "GET", url }, transitionsSchema, sending);
      return found.ok ? { ...found, value: found.value.transitions } : found;
    },
    transit: (key, id) =>
      ask({ url: `${of(key)}/transitions`, body: { transition: { id } } }, doneSchema, sending),
  };
}

/**
 * Looks for a mark at the end of a text in a list of comments. The list is read as text, because comments
 * may be longer than what is read of an answer; the newest stand in front.
 */
function lookFor(mark: string): (answer: HttpAnswer) => boolean | undefined {
  return (answer) => {
    const isList = answer.cut ? answer.body.startsWith("{") : readJson(answer, commentsSchema);
    return isList ? answer.body.includes(`${mark}"`) : undefined;
  };
}

const commentSchema = z.object({ id: z.string() });
const doneSchema = z.null();

const refusalSchema = z.object({
  errorMessages: z.array(z.string()).default([]),
  errors: z.record(z.string(), z.string()).default({}),
  message: z.string().optional(),
});

const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /for the field 'project'|valid project is required/i,
    "check project, and that the account may see it and create issues in it",
  ],
  [
    /for the field 'labels'|Field 'labels' cannot be set/i,
    "put Labels on the create screen of the project",
  ],
  [
    /cannot be set\. It is not on the appropriate screen/i,
    "put the field on the project's screens",
  ],
  [/issue type/i, "check issue_type"],
];

/** Jira says what is wrong as a whole in `errorMessages` and by field in `errors`. */
function readRefusal(answer: HttpAnswer): Said {
  const refusal = readJson(answer, refusalSchema);
  const fields = Object.entries(refusal?.errors ?? {}).map(([name, text]) => `${name}: ${text}`);
  const said = [...(refusal?.errorMessages ?? []), ...fields];
  if (refusal?.message !== undefined) said.push(refusal.message);
  const words = said.length === 0 ? undefined : said.join("; ");
  if (answer.status === 401) return { words, hint: "check token, and email for Jira Cloud" };
  return { words, hint: HINTS.find(([pattern]) => pattern.test(words ?? ""))?.[1] };
}
