import { fastify, type FastifyInstance, type InjectOptions } from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { z } from "zod";
import { applyChange } from "../../app/changes/change.ts";
import { fail } from "../../errors.ts";
import { alertDetailSchema } from "../../ledger/alert.ts";
import { caseDetailSchema } from "../../ledger/case.ts";
import { caseListSchema, listedCaseSchema } from "../../ledger/cases.ts";
import { openLedger, type Ledger } from "../../ledger/ledger.ts";
import { openCaseFolder } from "../../ledger/testing/cases.ts";
import { NOON, type TestFolder } from "../../ledger/testing/folder.ts";
import { Database } from "../../sqlite/database.ts";
import { registerApi } from "./api.ts";
import type { Commands } from "./commands.ts";
import type { ApiDependencies } from "./dependencies.ts";

let folder: TestFolder;
let ledger: Ledger;
let database: Database;
let app: FastifyInstance;

/** A key here is its owner's name, and its one scope. */
const authorise: ApiDependencies["authorise"] = ({ headers }, scope) => {
  const [who = "", held] = (headers.authorization ?? "").replace("Bearer ", "").split(":");
  if (held === scope) return who;
  throw fail("FORBIDDEN", { component: "t", message: `needs ${scope}` });
};

beforeEach(async () => {
  folder = await openCaseFolder();
  ledger = openLedger(folder.paths, () => NOON);
  database = new Database(folder.paths.store);
  app = fastify({ genReqId: () => "request-1" });
  const change: Commands["change"] = async (kind, asked, who) =>
    applyChange(database, kind, asked, { who, now: NOON + 1000 });
  const dependencies = { ledger, commands: { change }, authorise, now: () => NOON };
  await registerApi(app, dependencies as unknown as ApiDependencies);
});

afterEach(async () => {
  await app.close();
  database.close();
  ledger.close();
  await folder.remove();
});

const call = (method: "GET" | "POST", path: string, key: string, payload?: object) => {
  const headers = { authorization: `Bearer ${key}` };
  const request: InjectOptions = { method, url: `/api/v1${path}`, headers };
  return app.inject(payload === undefined ? request : { ...request, payload });
};
const read = async (path: string) => (await call("GET", path, "eve:read")).json();
const post = async (path: string, payload?: object, schema?: z.ZodType) => {
  const answer = await call("POST", path, "ada:write", payload);
  expect([answer.statusCode, answer.json().message]).toEqual([200, undefined]);
  if (schema) expect(schema.parse(answer.json())).toEqual(answer.json());
  return answer.json();
};
const ids = async (path: string) =>
  (await read(path)).items.map((item: { number: string; id: string }) => item.id);

test.each<[string, z.ZodType]>([
  ["/cases", caseListSchema],
  ["/cases/CASE-000001", caseDetailSchema],
  ["/alerts/ALR-000001", alertDetailSchema],
])("what %s answers fits its schema", async (path, schema) => {
  const answer = await read(path);
  expect(schema.parse(answer)).toEqual(answer);
});

test("cases are filtered, queried and paged", async () => {
  const first = await read("/cases?limit=2&status=open");
  expect(first.items).toMatchObject([{ id: "CASE-000003" }, { id: "CASE-000002" }]);
  expect(await ids(`/cases?limit=2&cursor=${first.next}`)).toEqual(["CASE-000001"]);
  expect(await ids(`/cases?q=${encodeURIComponent("alert_count >= 2")}`)).toEqual(["CASE-000001"]);
  expect(await ids("/cases?status=closed")).toEqual([]);
  expect(await ids("/cases?owner=ada")).toEqual([]);
});

test("alerts are listed by case", async () => {
  const { items } = await read("/alerts?case=CASE-000002");
  expect(items).toMatchObject([{ number: "ALR-000004", case_id: "CASE-000002", status: "new" }]);
});

test("an alert is acknowledged, closed and reopened, and says by whom", async () => {
  const path = "/alerts/ALR-000001";
  const seen = await post(`${path}/acknowledge`, undefined, alertDetailSchema);
  expect(seen).toMatchObject({ status: "acknowledged", actions: [{ who: "ada" }] });
  const closing = { verdict: "benign", comment: "A backup." };
  const closed = await post(`${path}/close`, closing, alertDetailSchema);
  expect(closed).toMatchObject({ status: "closed", verdict: "benign" });
  expect(closed.actions.at(-1)).toMatchObject({ detail: { text: "A backup." } });
  expect(await post(`${path}/close`, { verdict: "benign" })).toMatchObject({ status: "closed" });
  expect(await post(`${path}/reopen`)).toMatchObject({ status: "new", verdict: null });
});

test("a case is changed and commented on, in the name of the key", async () => {
  const fields = { status: "in_progress", owner: "ada", tags: ["vip"] };
  const changed = await post("/cases/CASE-000001", fields, listedCaseSchema);
  expect(changed).toMatchObject(fields);
  await post("/cases/1/comments", { text: "Seen before." }, listedCaseSchema);
  expect((await read("/cases/1")).timeline.items.at(-1)).toEqual({
    at: new Date(NOON + 1000).toISOString(),
    who: "ada",
    kind: "comment",
    detail: { text: "Seen before." },
  });
});

test("tasks are added, changed and done", async () => {
  await post("/cases/1/tasks", { title: "Isolate", owner: "bob" }, listedCaseSchema);
  await post("/cases/1/tasks/1", { title: "Isolate web-1", owner: null });
  const { tasks } = await post("/cases/1/tasks/1");
  expect(tasks).toEqual([{ id: 1, title: "Isolate web-1", done: true, owner: null }]);
});

test("a case is closed with its alerts, and reopened without them", async () => {
  const closed = await post("/cases/1/close", { verdict: "true_positive" }, listedCaseSchema);
  expect(closed).toMatchObject({ status: "closed", verdict: "true_positive" });
  expect(await ids("/alerts?case=1&status=closed")).toHaveLength(3);
  expect(await post("/cases/1/reopen")).toMatchObject({ status: "in_progress", verdict: null });
  expect(await ids("/alerts?case=1&status=closed")).toHaveLength(3);
});

test("cases are merged and split", async () => {
  const merged = await post("/cases/1/merge", { from: ["CASE-000002"] }, listedCaseSchema);
  expect(merged).toMatchObject({ id: "CASE-000001", alert_count: 4 });
  const divided = await post("/cases/1/split", { alerts: ["ALR-000004"], title: "Web 2" });
  expect(divided).toMatchObject({
    case: { id: "CASE-000001", alert_count: 3 },
    created: { id: "CASE-000004", alert_count: 1, title: "Web 2" },
  });
});

test.each<[string, object | undefined, number, string]>([
  ["/alerts/ALR-000099/acknowledge", undefined, 404, "NOT_FOUND"],
  ["/alerts/ALR-000001/close", {}, 400, "REQUEST_INVALID"],
  ["/alerts/ALR-000001/close", { verdict: "bad" }, 400, "REQUEST_INVALID"],
  ["/alerts/ALR-000001/reopen", undefined, 409, "CONFLICT"],
  ["/cases/CASE-000099", { owner: "ada" }, 404, "NOT_FOUND"],
  ["/cases/1", { colour: "red" }, 400, "REQUEST_INVALID"],
  ["/cases/1", { status: "closed", verdict: "benign" }, 409, "CONFLICT"],
  ["/cases/1/close", {}, 400, "REQUEST_INVALID"],
  ["/cases/1/comments", { text: " " }, 400, "REQUEST_INVALID"],
  ["/cases/1/tasks/7", undefined, 404, "NOT_FOUND"],
  ["/cases/1/merge", { from: ["1"] }, 400, "REQUEST_INVALID"],
  ["/cases/1/split", { alerts: ["ALR-000004"] }, 400, "REQUEST_INVALID"],
])("POST %s with %j answers %i as a problem with a hint", async (path, body, status, code) => {
  const answer = await call("POST", path, "ada:write", body);
  expect(answer.statusCode).toBe(status);
  expect(answer.headers["content-type"]).toContain("application/problem+json");
  expect(answer.json()).toMatchObject({ status, code, hint: expect.any(String) });
});

test.each(["/cases/CASE-000099", "/alerts?case=CASE-000099"])("%s is NOT_FOUND", async (path) => {
  expect(await read(path)).toMatchObject({ status: 404, hint: expect.any(String) });
});

test("who may only read changes nothing", async () => {
  const refused = await call("POST", "/cases/1", "eve:read", { owner: "eve" });
  expect(refused.statusCode).toBe(403);
  expect((await read("/cases/1")).owner).toBeNull();
});
