/**
 * The calls of IRIS's API that an alert's life takes. They and their answers are those of
 * https://github.com/dfir-iris/iris-web (v2.4.20, `source/app/blueprints/alerts/alerts_routes.py`).
 */
import { z } from "zod";
import type { Secret } from "../../config/secret.ts";
import type { HttpAnswer } from "../../net/http.ts";
import { createAsk, type Ask, type Asked } from "../ask.ts";
import type { DestinationContext, SendContext } from "../destination.ts";
import { createJsonCall, joinUrl, readJson } from "../json-call.ts";
import type { Said } from "../peer-words.ts";

const alertSchema = z.object({
  alert_id: z.number().int(),
  alert_source_ref: z.string().nullable(),
  alert_customer_id: z.number().int(),
  alert_status_id: z.number().int(),
  alert_owner_id: z.number().int().nullable(),
  /** Separated by commas. */
  alert_tags: z.string().nullish(),
  /** Ids of the cases that it was merged into. */
  cases: z.array(z.number().int()).default([]),
});
/** An alert of IRIS, as far as it matters here. */
export type IrisAlert = z.infer<typeof alertSchema>;

const FIELDS = Object.keys(alertSchema.shape).join(",");

function dataOf<T extends z.ZodType>(data: T) {
  return z.object({ status: z.literal("success"), data });
}
const alertsSchema = dataOf(z.object({ alerts: z.array(alertSchema) }));
const namedSchema = dataOf(z.array(z.record(z.string(), z.unknown())));

/** Ids by name. */
export type Names = ReadonlyMap<string, number>;
export type Query = Readonly<Record<string, string>>;

export interface IrisClient {
  /** The newest alerts that fit; texts fit when they are part of the alert's. */
  filter(query: Query): Promise<Asked<readonly IrisAlert[]>>;
  add(alert: object): Promise<Asked<null>>;
  update(id: number, change: object): Promise<Asked<null>>;
  /** Makes a case of the alert. */
  escalate(id: number, request: object): Promise<Asked<null>>;
  merge(id: number, request: object): Promise<Asked<null>>;
  /** Reads a list of `/manage`: `id` and `name` are what its members are called. */
  names(list: string, id: string, name: string): Promise<Asked<Names>>;
}

export interface ClientOptions {
  readonly url: string;
  readonly api_key: Secret;
}

/** Makes the function that makes the client of one try. */
export function createClient(
  { url, api_key }: ClientOptions,
  context: DestinationContext,
): (sending: SendContext) => IrisClient {
  const secret = api_key.reveal();
  const headers = { authorization: `Bearer ${secret}` };
  const call = createJsonCall({ headers, secrets: [secret], urls: "public" }, context);
  const ask = createAsk(call, readRefusal, context.now);
  return (sending) => clientOf(url, ask, sending);
}

/** Of an alert IRIS repeats all that it has: more, at times, than is read of an answer. */
function isDone({ body }: HttpAnswer): null | undefined {
  return /^\s*\{\s*"status":\s*"success"/.test(body) ? null : undefined;
}

function clientOf(base: string, ask: Ask, sending: SendContext): IrisClient {
  const get = <T>(path: string, schema: z.ZodType<T>) =>
    ask({ method: "GET", url: joinUrl(base, path) }, schema, sending);
  const post = (path: string, body: object) =>
    ask({ url: joinUrl(base, path), body }, isDone, sending);
  return {
    async filter(query) {
      const search = new URLSearchParams({ ...query, per_page: "20", fields: FIELDS });
      return valueOf(
        await get(`/alerts/filter?${search.toString()}`, alertsSchema),
        ({ alerts }) => alerts,
      );
    },
    add: (alert) => post("/alerts/add", alert),
    update: (id, change) => post(`/alerts/update/${id}`, change),
    escalate: (id, request) => post(`/alerts/escalate/${id}`, request),
    merge: (id, request) => post(`/alerts/merge/${id}`, request),
    async names(list, id, name) {
      const asked = await get(`/manage/${list}/list`, namedSchema);
      return valueOf(
        asked,
        (all) => new Map(all.map((each) => [String(each[name]), Number(each[id])])),
      );
    },
  };
}

function valueOf<T, U>(asked: Asked<{ readonly data: T }>, take: (data: T) => U): Asked<U> {
  return asked.ok ? { ...asked, value: take(asked.value.data) } : asked;
}

const refusalSchema = z.object({ status: z.literal("error"), message: z.unknown() });

/** IRIS answers 400 for most that is wrong, an alert that is not there among it. */
function readRefusal(answer: HttpAnswer): Said {
  const refusal = readJson(answer, refusalSchema);
  const said = refusal?.message;
  const words = said === undefined || typeof said === "string" ? said : JSON.stringify(said);
  return { words, hint: hintOf(answer.status, words) };
}

function hintOf(status: number, words = ""): string | undefined {
  if (status === 401) return "check api_key";
  if (status === 403) return "the account needs alerts_read and alerts_write";
  return /not entitled/i.test(words) ? "give the account access to the customer" : undefined;
}
