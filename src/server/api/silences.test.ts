import { fastify, type FastifyInstance, type InjectOptions } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  applyChange,
  type Asked,
  type Changed,
  type ChangeKind,
} from "../../app/changes/change.ts";
import { fail } from "../../errors.ts";
import { openLedger, type Ledger } from "../../ledger/ledger.ts";
import { silenceDetailSchema, silenceListSchema } from "../../ledger/silences.ts";
import { anEntry, NOON, TestFolder } from "../../ledger/testing/folder.ts";
import { Database } from "../../sqlite/database.ts";
import { registerApi } from "./api.ts";
import type { ApiDependencies } from "./dependencies.ts";

let folder: TestFolder;
let database: Database;
let ledger: Ledger;
let app: FastifyInstance;

/** A key here is the name of its one scope, and of who holds it. */
const authorise: ApiDependencies["authorise"] = ({ headers }, scope) => {
  const held = headers.authorization?.replace("Bearer ", "") ?? "";
  if (held !== scope) throw fail("FORBIDDEN", { component: "t", message: `needs ${scope}` });
  return `${held} key`;
};

beforeEach(async () => {
  folder = new TestFolder();
  database = new Database(folder.paths.store);
  ledger = openLedger(folder.paths, () => NOON);
  app = fastify();
  const commands = {
    change: async <Kind extends ChangeKind>(
      kind: Kind,
      asked: Asked<Kind>,
      who: string,
    ): Promise<Changed<Kind>> => applyChange(database, kind, asked, { who, now: NOON }),
  };
  const dependencies = { ledger, commands, authorise, configuration: {}, now: () => NOON };
  await registerApi(app, dependencies as unknown as ApiDependencies);
});

afterEach(async () => {
  await app.close();
  ledger.close();
  database.close();
  await folder.remove();
});

async function call(method: "GET" | "POST" | "PATCH", path: string, payload?: object) {
  const headers = { authorization: `Bearer ${method === "GET" ? "read" : "write"}` };
  const request: InjectOptions = { method, url: `/api/v1/silences${path}`, headers };
  const answer = await app.inject(payload === undefined ? request : { ...request, payload });
  return { status: answer.statusCode, json: answer.json() };
}

const WISH = { match: "host.name: web-*", for: "2h", comment: "patching" };

it("a silence is made by whoever holds the key, and holds back from then on", async () => {
  const made = await call("POST", "", { ...WISH, at_end: "digest", remind: "30m" });
  expect(made.status).toBe(201);
  expect(made.json).toMatchObject({
    id: "S-1",
    author: "write key",
    state: "active",
    until: "2026-05-04T14:00:00.000Z",
    remind: 1_800_000,
  });
  await folder.receive([anEntry("k", { host: { name: "web-01" } })]);
  await folder.decide();
  const shown = await call("GET", "/s-1");
  expect(shown.json).toMatchObject({
    debt: { alerts: 1, severity: "high", open: 1 },
    hidden: { total: 1, items: [{ number: "ALR-000001", status: "new" }] },
  });
});

it("one that recurs is made with a pattern and a time zone", async () => {
  const wish = { ...WISH, cron: "0 22 * * tue", time_zone: "Europe/Berlin", for: "4h" };
  const { status, json } = await call("POST", "", wish);
  expect(status).toBe(201);
  expect(json).toMatchObject({ state: "scheduled", window: null, for: 14_400_000, until: null });
});

it("a silence is changed, and ended", async () => {
  await call("POST", "", WISH);
  const changed = await call("PATCH", "/S-1", { for: "4h", remind: null });
  expect(changed).toMatchObject({
    status: 200,
    json: { version: 2, until: "2026-05-04T16:00:00.000Z", comment: "patching" },
  });
  const ended = await call("POST", "/S-1/end");
  expect(ended).toMatchObject({ status: 200, json: { state: "ended", window: null } });
  expect((await call("POST", "/S-1/end")).json).toMatchObject({ code: "CONFLICT" });
});

it("silences are listed by their state", async () => {
  await call("POST", "", WISH);
  await call("POST", "", { ...WISH, from: "2026-05-05T00:00:00+02:00" });
  const idsOf = async (query: string) =>
    (await call("GET", query)).json.items.map(({ id }: { id: string }) => id);
  expect(await idsOf("")).toEqual(["S-2", "S-1"]);
  expect(await idsOf("?state=active")).toEqual(["S-1"]);
  expect(await idsOf("?state=scheduled")).toEqual(["S-2"]);
  expect(await idsOf("?state=ended")).toEqual([]);
});

it("what is answered fits its schemas", async () => {
  const made = await call("POST", "", WISH);
  expect(silenceDetailSchema.parse(made.json)).toEqual(made.json);
  const list = await call("GET", "");
  expect(silenceListSchema.parse(list.json)).toEqual(list.json);
});

describe("a request is refused", () => {
  it.each([
    ["without a comment", { match: "*", for: "2h" }, "comment"],
    ["with a blank comment", { ...WISH, comment: " " }, "comment"],
    ["with a matcher that is not KQL", { ...WISH, match: "severity >=" }, "match"],
    ["with a length that is none", { ...WISH, for: "soon" }, "for"],
    ["with a pattern that is none", { ...WISH, cron: "nightly" }, "cron"],
    ["with a member that there is not", { ...WISH, colour: "red" }, "colour"],
    ["with two ends", { ...WISH, until: "2026-05-05T00:00:00Z" }, "until"],
    ["over before it begins", { ...WISH, for: undefined, until: "2026-01-01T00:00:00Z" }, "over"],
  ])("%s", async (_, wish, part) => {
    const { status, json } = await call("POST", "", wish);
    expect([status, json.code]).toEqual([400, "REQUEST_INVALID"]);
    expect(JSON.stringify(json)).toContain(part);
    expect((await call("GET", "")).json.items).toEqual([]);
  });

  it("when it changes nothing, or what is not there", async () => {
    await call("POST", "", WISH);
    expect((await call("PATCH", "/S-1", {})).status).toBe(400);
    expect((await call("PATCH", "/S-1", { from: "2026-05-05T00:00:00Z" })).status).toBe(400);
    expect((await call("PATCH", "/S-9", { comment: "x" })).status).toBe(404);
    expect((await call("POST", "/S-9/end")).status).toBe(404);
    expect((await call("GET", "/S-9")).status).toBe(404);
    expect((await call("GET", "?state=gone")).status).toBe(400);
  });

  it("when the key may only read", async () => {
    const headers = { authorization: "Bearer read" };
    for (const [method, path] of [
      ["POST", ""],
      ["PATCH", "/S-1"],
      ["POST", "/S-1/end"],
    ] as const) {
      const url = `/api/v1/silences${path}`;
      expect((await app.inject({ method, url, headers, payload: WISH })).statusCode).toBe(403);
    }
  });
});

it("bodies are described as they are written: durations are texts", async () => {
  const { paths } = (await app.inject("/api/v1/openapi.json")).json();
  const body = paths["/api/v1/silences"].post.requestBody.content["application/json"].schema;
  expect(body.properties.for).toMatchObject({ type: "string" });
  expect(body.required).toEqual(["match", "comment"]);
  expect(paths["/api/v1/silences/{id}"].patch.operationId).toBe("changeSilence");
});
