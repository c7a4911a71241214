/** The engine's side in the tests of losses: indices, and documents as Kibana writes them. */
import { expect } from "vitest";
import type { JsonObject } from "../../src/receipt/json.ts";

export interface IndexOptions {
  readonly shards?: number;
  /** Documents can be found only after a `refresh`. */
  readonly hidden?: boolean;
  readonly aliases?: JsonObject;
}

/** By id. */
export type Documents = Readonly<Record<string, JsonObject>>;

export interface Lab {
  /** Any request that has to succeed. */
  ask(method: string, path: string, body?: JsonObject): Promise<JsonObject>;
  createIndex(name: string, options?: IndexOptions): Promise<void>;
  /** They can be found at once. */
  store(index: string, documents: Documents): Promise<void>;
  /** They cannot be found before a `refresh`, in an index that was made so. */
  storeHidden(index: string, documents: Documents): Promise<void>;
  refresh(index: string): Promise<void>;
  /** How many documents can be found. */
  count(index: string): Promise<number>;
}

const DATE = { type: "date" };
const KEYWORD = { type: "keyword" };

/** The fields that are searched; all others are only kept, as in Kibana's indices. */
export const MAPPINGS: JsonObject = {
  dynamic: false,
  properties: {
    "@timestamp": DATE,
    "kibana.alert.uuid": KEYWORD,
    "kibana.alert.last_detected": DATE,
    "kibana.alert.workflow_status": KEYWORD,
    "kibana.alert.workflow_status_updated_at": DATE,
    "kibana.alert.suppression.docs_count": { type: "long" },
  },
};

/** An engine without security, at an address. */
export function openLab(url: string): Lab {
  const ask: Lab["ask"] = (method, path, body) =>
    send(`${url}${path}`, method, "application/json", body && JSON.stringify(body));
  const store = async (path: string, documents: Documents) => {
    const body = bulkOf(documents);
    const done = await send(`${url}${path}`, "POST", "application/x-ndjson", body);
    expect(done["errors"], JSON.stringify(done).slice(0, 2000)).toBe(false);
  };
  return {
    ask,
    async createIndex(name, { shards = 1, hidden = false, aliases = {} } = {}) {
      const more = hidden ? { refresh_interval: "-1" } : {};
      const settings = { number_of_shards: shards, number_of_replicas: 0, ...more };
      await ask("PUT", `/${name}`, { settings, mappings: MAPPINGS, aliases });
    },
    store: (index, documents) => store(`/${index}/_bulk?refresh=true`, documents),
    storeHidden: (index, documents) => store(`/${index}/_bulk`, documents),
    refresh: async (index) => void (await ask("POST", `/${index}/_refresh`)),
    count: async (index) => Number((await ask("GET", `/${index}/_count`))["count"]),
  };
}

function bulkOf(documents: Documents): string {
  const lines = Object.entries(documents).flatMap(([_id, document]) => [
    JSON.stringify({ index: { _id } }),
    JSON.stringify(document),
  ]);
  return `${lines.join("\n")}\n`;
}

async function send(
  url: string,
  method: string,
  type: string,
  body: string | undefined,
): Promise<JsonObject> {
  const sent = body === undefined ? {} : { headers: { "content-type": type }, body };
  const answer = await fetch(url, { method, ...sent });
  const text = await answer.text();
  expect(answer.status, `${method} ${url}: ${text}`).toBeLessThan(300);
  return JSON.parse(text) as JsonObject;
}

/** A detection alert as it stands in its index. */
export function detection(uuid: string, time: number, more: JsonObject = {}): JsonObject {
  return {
    "@timestamp": new Date(time).toISOString(),
    "kibana.alert.uuid": uuid,
    "kibana.alert.rule.name": "Many failed logins",
    "kibana.alert.rule.uuid": "rule-1",
    "kibana.alert.severity": "high",
    "kibana.alert.workflow_status": "open",
    "event.kind": "signal",
    host: { name: "web-01" },
    ...more,
  };
}

/** A document of the action index, with the hits of its rule as the text that Kibana renders. */
export function action(hits: readonly JsonObject[], more: JsonObject = {}): JsonObject {
  const context = { hits: JSON.stringify(hits) };
  return { rule: { name: "Disk is full" }, context, ...more };
}

/** A document that a rule found. */
export function hit(_id: string, _index = "logs-1"): JsonObject {
  return { _index, _id, _source: { host: { name: "db-01" } } };
}

/** `prefix0`, `prefix1` … with what is made for each. */
export function numbered(
  prefix: string,
  count: number,
  make: (id: string, n: number) => JsonObject,
): Documents {
  const ids = Array.from({ length: count }, (_, n) => `${prefix}${n}`);
  return Object.fromEntries(ids.map((id, n) => [id, make(id, n)]));
}
