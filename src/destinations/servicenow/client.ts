/**
 * The calls of the Table API that a record's life takes.
 * https://www.servicenow.com/docs/bundle/xanadu-api-reference/page/integrate/inbound-rest/concept/c_TableAPI.html
 */
import { z } from "zod";
import type { Secret } from "../../config/secret.ts";
import type { HttpAnswer } from "../../net/http.ts";
import { createAsk, type Ask, type Asked } from "../ask.ts";
import type { DestinationContext, SendContext } from "../destination.ts";
import { createJsonCall, joinUrl, readJson } from "../json-call.ts";
import type { Said } from "../peer-words.ts";

export interface ClientOptions {
  readonly url: string;
  readonly table: string;
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
  readonly token?: Secret | undefined;
}

const recordSchema = z.object({
  sys_id: z.string(),
  state: z.string(),
  correlation_id: z.string(),
  correlation_display: z.string(),
});
/** A record, as far as it matters here. */
export type Incident = z.infer<typeof recordSchema>;
const FIELDS = `sysparm_exclude_reference_link=true&sysparm_fields=${Object.keys(recordSchema.shape).join(",")}`;

const oneSchema = z.object({ result: recordSchema });
const listSchema = z.object({ result: z.array(recordSchema) });
/** A user who may not read the notes gets a record without them. */
const notesSchema = z.object({ result: z.object({ work_notes: z.string().default("") }) });

export interface ServiceNowClient {
  find(correlation: string): Promise<Asked<Incident | undefined>>;
  get(id: string): Promise<Asked<Incident>>;
  create(record: object): Promise<Asked<Incident>>;
  change(id: string, change: object): Promise<Asked<Incident>>;
  /** Whether a work note ends with the mark. */
  hasNote(id: string, mark: string): Promise<Asked<boolean>>;
}

/** Makes the function that makes the client of one try. */
export function createClient(
  options: ClientOptions,
  context: DestinationContext,
): (sending: SendContext) => ServiceNowClient {
  const { authorization, secrets } = credentialsOf(options);
  const headers = { authorization };
  const call = createJsonCall({ headers, secrets, urls: "public" }, context);
  const ask = createAsk(call, readRefusal, context.now);
  const base = joinUrl(options.url, `/api/now/table/${options.table}`);
  return (sending) => clientOf(base, ask, sending);
}

function credentialsOf({ username = "", password, token }: ClientOptions) {
  if (token) return { authorization: `Bearer ${token.reveal()}`, secrets: [token.reveal()] };
  const word = password?.reveal() ?? "";
  const basic = Buffer.from(`${username}:${word}`).toString("base64");
  return { authorization: `Basic ${basic}`, secrets: [basic, word].filter((each) => each !== "") };
}

function clientOf(base: string, ask: Ask, sending: SendContext): ServiceNowClient {
  const one = (method: "GET" | "POST" | "PATCH", place: string, body?: object) =>
    ask({ method, url: `${base}${place}?${FIELDS}`, body }, oneSchema, sending);
  const take = async (asked: ReturnType<typeof one>): Promise<Asked<Incident>> => {
    const given = await asked;
    return given.ok ? { ...given, value: given.value.result } : given;
  };
  return {
    async find(correlation) {
      // `^` joins conditions; two of them are one in a value.
      const query = encodeURIComponent(`correlation_id=${correlation.replaceAll("^", "^^")}`);
      const url = `${base}?sysparm_query=${query}&sysparm_limit=10&${FIELDS}`;
      const found = await ask({ method: "GET", url }, listSchema, sending);
      if (!found.ok) return found;
      // A condition that an instance does not understand is left out of the query: then all fit.
      const own = found.value.result.find((each) => each.correlation_id === correlation);
      return { ...found, value: own };
    },
    get: (id) => take(one("GET", `/${id}`)),
    create: (record) => take(one("POST", "", record)),
    change: (id, change) => take(one("PATCH", `/${id}`, change)),
    hasNote(id, mark) {
      const url = `${base}/${id}?sysparm_display_value=true&sysparm_fields=work_notes`;
      return ask({ method: "GET", url }, lookFor(mark), sending);
    },
  };
}

/** Notes come as one text, the newest first, which may be longer than what is read of an answer. */
function lookFor(mark: string): (answer: HttpAnswer) => boolean | undefined {
  // In JSON, behind a note: a line break or the end of the text.
  const ends = [`${mark}\\n`, `${mark}\\r`, `${mark}"`];
  return (answer) => {
    const isRecord = answer.cut ? answer.body.startsWith("{") : readJson(answer, notesSchema);
    return isRecord ? ends.some((each) => answer.body.includes(each)) : undefined;
  };
}

const refusalSchema = z.object({
  error: z.object({ message: z.string(), detail: z.string().nullish() }),
});

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/mandatory/i, "set the fields that the instance demands, with fields and close_code"],
  [
    /ACL/i,
    "the account needs the role itil, or one that may create and write records of the table",
  ],
  [/invalid table/i, "check table"],
];

/** ServiceNow says what is wrong as `{"error":{"message":"…","detail":"…"},"status":"failure"}`. */
function readRefusal(answer: HttpAnswer): Said {
  const error = readJson(answer, refusalSchema)?.error;
  const words = error && [error.message, error.detail].filter(Boolean).join(": ");
  if (answer.status === 401) return { words, hint: "check username and password, or token" };
  return { words, hint: HINTS.find(([pattern]) => pattern.test(words ?? ""))?.[1] };
}
