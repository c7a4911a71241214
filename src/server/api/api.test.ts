import { fastify, type FastifyInstance, type InjectOptions } from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { z } from "zod";
import { fail } from "../../errors.ts";
import type { Scope } from "../../keys/key.ts";
import { alertDetailSchema } from "../../ledger/alert.ts";
import { alertListSchema } from "../../ledger/alerts.ts";
import { auditData, auditSchema } from "../../ledger/audit.ts";
import { deliveryDetailSchema, deliveryListSchema } from "../../ledger/deliveries.ts";
import { explanationSchema } from "../../ledger/explain.ts";
import { openLedger, type Ledger } from "../../ledger/ledger.ts";
import { quarantinedDetailSchema, quarantineListSchema } from "../../ledger/quarantine.ts";
import { statsSchema } from "../../ledger/stats.ts";
import { anEntry, aRejectedEntry, NOON, TestFolder } from "../../ledger/testing/folder.ts";
import { feedStatusSchema, type FeedStatus } from "../../polling/status.ts";
import { registerApi } from "./api.ts";
import type { Commands } from "./commands.ts";
import type { ApiDependencies } from "./dependencies.ts";

let folder: TestFolder;
let ledger: Ledger;
let app: FastifyInstance;
let asked: unknown[];
let reading: FeedStatus | null;

const commands: Commands = {
  change: () => Promise.reject(new RangeError("is tested elsewhere")),
  async requeue(selection) {
    asked.push(selection);
    return 2;
  },
  async replayQuarantine(id, repaired) {
    asked.push({ id, repaired: repaired && Buffer.from(repaired).toString() });
    return { accepted: 1, duplicates: 0 };
  },
  async createKey(wish) {
    asked.push(wish);
    const { name, scopes, sources = [] } = wish;
    return { id: "k1", name, scopes, sources, expires_at: null, key: "tcs_k1_s" };
  },
  async revokeKey(id) {
    return id === "k1";
  },
  async testDestination(name) {
    if (name !== "chat") throw fail("NOT_FOUND", { component: "t", message: "none", hint: "h" });
    return {
      verdict: { kind: "delivered", status: 200 },
      exchanges: [{ request: "POST /", answer: "200" }],
    };
  },
  async render(destination, wish) {
    asked.push({ destination, ...wish });
    return { type: "text/plain", text: "Odd login" };
  },
  audit: async (since) => auditData(folder.paths, { since, now: NOON }),
};

/** A key here is the name of its one scope. */
const authorise: ApiDependencies["authorise"] = ({ headers }, scope) => {
  const held = headers.authorization?.replace("Bearer ", "");
  if (held === undefined) throw fail("UNAUTHENTICATED", { component: "t", message: "no key" });
  if (held !== scope) throw fail("FORBIDDEN", { component: "t", message: `needs ${scope}` });
  return held;
};

/** What of the configuration the API shows. */
const CONFIGURATION = {
  sources: new Map([
    [
      "sensor",
      {
        name: "sensor",
        kind: "generic",
        definition: { vendor: "Acme", summary: "Sensors." },
        listen: { host: "127.0.0.1", port: 5000 },
        config: { secret: "hidden" },
      },
    ],
  ]),
  destinations: new Map([
    [
      "chat",
      {
        name: "chat",
        kind: "slack",
        definition: {
          summary: "Chat.",
          repeat: { kind: "shown", by: null, retry: "Again." },
          defaults: { concurrency: 4 },
        },
        common: {},
        config: { token: "hidden" },
      },
    ],
  ]),
  routes: [{ name: "r", match: "*", to: ["chat"], continue: false, shadow: false, default: false }],
  operators: null,
} as unknown as ApiDependencies["configuration"];

beforeEach(async () => {
  asked = [];
  folder = new TestFolder();
  ledger = openLedger(folder.paths, () => NOON);
  app = fastify({ genReqId: () => "request-1" });
  const dependencies = { ledger, commands, authorise, configuration: CONFIGURATION };
  reading = null;
  await registerApi(app, { ...dependencies, feedOf: () => reading, now: () => NOON });
  await folder.receive([
    anEntry("a", { host: { name: "web-01" } }),
    anEntry("b", { alert: { severity: "medium" } }),
    aRejectedEntry("c", "{oops"),
  ]);
  await folder.decide();
  await folder.deliver("desk", "rejected");
});

afterEach(async () => {
  await app.close();
  ledger.close();
  await folder.remove();
});

const call = (method: "GET" | "POST" | "DELETE", path: string, scope: Scope, payload?: object) => {
  const headers = { authorization: `Bearer ${scope}` };
  const request: InjectOptions = { method, url: `/api/v1${path}`, headers };
  return app.inject(payload === undefined ? request : { ...request, payload });
};
const read = async (path: string) => (await call("GET", path, "read")).json();

test.each<[string, z.ZodType]>([
  ["/alerts", alertListSchema],
  ["/alerts/ALR-000001", alertDetailSchema],
  ["/deliveries", deliveryListSchema],
  ["/deliveries/1", deliveryDetailSchema],
  ["/dead", deliveryListSchema],
  ["/quarantine", quarantineListSchema],
  ["/audit", auditSchema],
  ["/stats", statsSchema],
])("what %s answers fits its schema", async (path, schema) => {
  const answer = await call("GET", path, "read");
  expect(answer.statusCode).toBe(200);
  expect(answer.headers["content-type"]).toContain("application/json");
  expect(schema.parse(answer.json())).toEqual(answer.json());
});

test("alerts are filtered, queried and paged", async () => {
  const first = await read("/alerts?limit=1");
  expect(first.items).toMatchObject([{ number: "ALR-000002", severity: "medium" }]);
  const second = await read(`/alerts?limit=1&cursor=${first.next}`);
  expect(second).toMatchObject({ items: [{ number: "ALR-000001" }], next: null });
  const queried = await read(`/alerts?q=${encodeURIComponent("host.name: web-*")}&since=1h`);
  expect(queried.items).toMatchObject([{ number: "ALR-000001" }]);
  expect((await read("/alerts?until=2026-05-04T12:00:00Z")).items).toEqual([]);
});

test("an alert answers with its document, trace and deliveries; explain adds words to read", async () => {
  const alert = await read("/alerts/ALR-000001");
  expect(alert).toMatchObject({ severity: "high", raw: { host: { name: "web-01" } } });
  const explained = await read(`/alerts/${alert.id}/explain`);
  expect(explanationSchema.parse(explained)).toEqual(explained);
  expect(explained.steps.at(-1)).toMatchObject({ ...alert.trace.at(-1) });
  expect(explained.steps.at(-1).text).toBe("taken by urgent (severity: high) → chat, desk");
  expect(explained.deliveries).toHaveLength(2);
  expect(await read(`/events/${alert.id}`)).toMatchObject({ outcome: "alert", key: "a" });
});

test("the quarantine answers with bytes", async () => {
  const { items } = await read("/quarantine");
  const item = await read(`/quarantine/${items[0].id}`);
  expect(quarantinedDetailSchema.parse(item)).toEqual(item);
  expect(item.text).toBe("{oops");
});

test("a single delivery is replayed, but not one that is pending", async () => {
  const [dead] = (await read("/dead")).items;
  const replayed = await call("POST", `/deliveries/${dead.id}/replay`, "write");
  expect(replayed.json()).toEqual({ requeued: 2 });
  expect(asked).toEqual([{ ids: [dead.id] }]);
  const [pending] = (await read("/deliveries?state=pending")).items;
  const refused = await call("POST", `/deliveries/${pending.id}/replay`, "write");
  expect(refused.statusCode).toBe(409);
});

test("dead deliveries are replayed by id, by destination or all", async () => {
  const replay = (payload: object) => call("POST", "/dead/replay", "write", payload);
  await replay({ ids: [3, 4] });
  await replay({ destination: "desk", since: "24h" });
  await replay({ all: true });
  expect(asked).toEqual([
    { ids: [3, 4] },
    { state: "dead", destination: "desk", since: NOON - 86_400_000, until: undefined },
    { state: "dead", destination: undefined, since: undefined, until: undefined },
  ]);
  expect((await replay({})).statusCode).toBe(400);
  expect((await replay({ all: true, ids: [1] })).statusCode).toBe(400);
});

test("an item of the quarantine is replayed as it is or repaired", async () => {
  await call("POST", "/quarantine/X/replay", "write");
  await call("POST", "/quarantine/X/replay", "write", { text: '{"a":1}' });
  await call("POST", "/quarantine/X/replay", "write", { bytes: "e30=" });
  expect(asked).toEqual([
    { id: "X", repaired: undefined },
    { id: "X", repaired: '{"a":1}' },
    { id: "X", repaired: "{}" },
  ]);
});

test("keys are made, listed and ended", async () => {
  const wish = { name: "n", scopes: ["ingest"], expires_at: "2026-06-01T00:00:00Z" };
  const made = await call("POST", "/keys", "admin", wish);
  expect(made.statusCode).toBe(201);
  expect(made.json().key).toMatch(/^tcs_/);
  expect(asked).toMatchObject([{ name: "n", sources: [], expiresAt: Date.parse(wish.expires_at) }]);
  expect((await call("GET", "/keys", "admin")).json()).toEqual({ items: [], next: null });
  const ended = await call("DELETE", "/keys/k1", "admin");
  expect([ended.statusCode, ended.body]).toEqual([204, ""]);
  expect((await call("DELETE", "/keys/k2", "admin")).statusCode).toBe(404);
});

test("what is configured is shown without its secrets", async () => {
  expect((await read("/sources")).items).toEqual([
    {
      name: "sensor",
      kind: "generic",
      vendor: "Acme",
      summary: "Sensors.",
      listen: "127.0.0.1:5000",
      feed: null,
    },
  ]);
  expect((await read("/destinations")).items).toMatchObject([{ name: "chat", concurrency: 4 }]);
  expect((await read("/routes")).items).toMatchObject([{ name: "r", to: ["chat"] }]);
  const tested = await call("POST", "/destinations/chat/test", "write");
  expect(tested.json()).toMatchObject({ verdict: { kind: "delivered" } });
  expect((await call("POST", "/destinations/none/test", "write")).statusCode).toBe(404);
});

test("a message is rendered and not sent", async () => {
  expect(await read("/destinations/chat/render?alert=ALR-000001&kind=update")).toEqual({
    destination: "chat",
    type: "text/plain",
    text: "Odd login",
  });
  expect(asked).toEqual([{ destination: "chat", alert: "ALR-000001", kind: "update" }]);
  expect((await call("GET", "/destinations/chat/render", "read")).statusCode).toBe(400);
});

test("a source that is read shows how that goes", async () => {
  reading = {
    state: "failing",
    read_to: "2026-05-04T11:00:00.000Z",
    lag_seconds: 3600,
    error: "cluster lab refuses the key",
    missing: 2,
    reconciled_at: "2026-05-04T11:30:00.000Z",
  };
  const { items } = await read("/sources");
  expect(items).toMatchObject([{ name: "sensor", feed: reading }]);
  expect(feedStatusSchema.parse(reading)).toEqual(reading);
});

test.each([
  ["/alerts?limit=0", "query.limit"],
  ["/alerts?limit=501", "query.limit"],
  ["/alerts?severity=dreadful", "query.severity"],
  ["/alerts?colour=red", "colour"],
  ["/deliveries/none", "params.id"],
])(
  "a request that does not fit is refused, with the part that is wrong: %s",
  async (path, part) => {
    const answer = await call("GET", path, "read");
    expect(answer.statusCode).toBe(400);
    expect(answer.headers["content-type"]).toContain("application/problem+json");
    expect(answer.json()).toMatchObject({ code: "REQUEST_INVALID", request_id: "request-1" });
    expect(JSON.stringify(answer.json().errors)).toContain(part);
  },
);

test.each([
  ["/alerts?q=severity%20%3E%3D", 400, "KQL_INVALID"],
  ["/alerts?since=yesterday", 400, "REQUEST_INVALID"],
  ["/alerts?cursor=nonsense", 400, "REQUEST_INVALID"],
  ["/alerts/ALR-999999", 404, "NOT_FOUND"],
  ["/deliveries/999", 404, "NOT_FOUND"],
  ["/quarantine/nonsense", 404, "NOT_FOUND"],
])("%s answers %i as a problem with a hint", async (path, status, code) => {
  const answer = await call("GET", path, "read");
  expect(answer.statusCode).toBe(status);
  expect(answer.json()).toMatchObject({ status, code, hint: expect.any(String) });
  expect(answer.json().message).toBe(answer.json().detail);
});

test("a body that is not JSON is refused as a problem", async () => {
  const answer = await app.inject({
    method: "POST",
    url: "/api/v1/keys",
    headers: { authorization: "Bearer admin", "content-type": "application/json" },
    payload: "{",
  });
  expect([answer.statusCode, answer.json().code]).toEqual([400, "REQUEST_INVALID"]);
});

interface Operation {
  readonly operationId: string;
  readonly responses: Record<string, { content?: Record<string, { schema: object }> }>;
}

const describeApi = async () => (await app.inject("/api/v1/openapi.json")).json();

test("every route but the description asks for a key, and for its scope", async () => {
  const { paths } = await describeApi();
  const operations = Object.entries<Record<string, Operation>>(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
  );
  expect(operations.length).toBeGreaterThan(18);
  for (const { method, path } of operations) {
    const request = { method, url: path.replace(/\{\w+\}/g, "1") } as InjectOptions;
    const none = await app.inject(request);
    expect([method, path, none.statusCode, none.headers["www-authenticate"]]).toEqual([
      method,
      path,
      401,
      'Bearer realm="tocsin"',
    ]);
    const headers = { authorization: "Bearer ingest" };
    expect((await app.inject({ ...request, headers })).statusCode).toBe(403);
  }
});

test("the description is OpenAPI 3.1 with a name for every operation and no dangling reference", async () => {
  const described = await describeApi();
  expect(described.openapi).toBe("3.1.0");
  const operations = Object.values<Record<string, Operation>>(described.paths).flatMap((methods) =>
    Object.values(methods),
  );
  const ids = operations.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  const references = JSON.stringify(described).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g);
  const missing = [...references].filter(([, name]) => !(name! in described.components.schemas));
  expect(missing).toEqual([]);
  const { schemas } = described.components;
  expect(Object.keys(schemas).filter((name) => name.endsWith("Input"))).toEqual([]);
  expect(Object.keys(schemas)).toEqual(expect.arrayContaining(["Alert", "Audit", "Problem"]));
  expect(schemas.Alert.properties.severity.enum).toContain("critical");
  const list = described.paths["/api/v1/alerts"].get;
  expect(list.parameters.map(({ name }: { name: string }) => name)).toContain("q");
  expect(Object.keys(list.responses["4xx"]?.content ?? list.responses["4XX"].content)).toEqual([
    "application/problem+json",
  ]);
});
