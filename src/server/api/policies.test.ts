import { fastify, type FastifyInstance, type InjectOptions } from "fastify";
import { afterEach, beforeEach, expect, it } from "vitest";
import {
  applyChange,
  type Asked,
  type Changed,
  type ChangeKind,
} from "../../app/changes/change.ts";
import { APPLIED_CONFIGURATION } from "../../app/applied-configuration.ts";
import { fail } from "../../errors.ts";
import { openLedger, type Ledger } from "../../ledger/ledger.ts";
import { policyListSchema, policySchema } from "../../ledger/policies.ts";
import { NOON, TestFolder } from "../../ledger/testing/folder.ts";
import { Database } from "../../sqlite/database.ts";
import { setMeta } from "../../store/sqlite/meta.ts";
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
  const file = { destinations: { out: { kind: "log" } }, routes: [{ name: "usual", to: ["out"] }] };
  setMeta(database, APPLIED_CONFIGURATION, JSON.stringify(file));
  ledger = openLedger(folder.paths, () => NOON);
  app = fastify();
  const commands = {
    change: async <Kind extends ChangeKind>(
      kind: Kind,
      asked: Asked<Kind>,
      who: string,
    ): Promise<Changed<Kind>> => applyChange(database, kind, asked, { who, now: NOON }),
  };
  const usual = { ...file.routes[0], match: "*", continue: false, shadow: false, default: false };
  const configuration = { routes: [usual], operators: null };
  const dependencies = { ledger, commands, authorise, configuration, now: () => NOON };
  await registerApi(app, dependencies as unknown as ApiDependencies);
});

afterEach(async () => {
  await app.close();
  ledger.close();
  database.close();
  await folder.remove();
});

async function call(
  method: "GET" | "PUT" | "DELETE",
  path: string,
  payload?: object,
  key?: string,
) {
  const headers = { authorization: `Bearer ${key ?? (method === "GET" ? "read" : "admin")}` };
  const request: InjectOptions = { method, url: `/api/v1${path}`, headers };
  const answer = await app.inject(payload === undefined ? request : { ...request, payload });
  return { status: answer.statusCode, json: answer.body === "" ? null : answer.json() };
}

it("a policy is made by whoever holds an admin key, listed before the file's, and removed", async () => {
  const made = await call("PUT", "/policies/routes/night", { to: ["out"], match: "a" });
  expect(made.status).toBe(200);
  expect(policySchema.parse(made.json)).toMatchObject({ author: "admin key", origin: "store" });
  const listed = policyListSchema.parse((await call("GET", "/policies")).json);
  expect(listed.items.map(({ name, origin }) => [name, origin])).toEqual([
    ["night", "store"],
    ["usual", "file"],
  ]);
  expect(await call("DELETE", "/policies/routes/night")).toEqual({ status: 204, json: null });
  expect((await call("GET", "/policies")).json.items).toHaveLength(1);
});

it("routes made by hand are among the routes, with what they leave out", async () => {
  await call("PUT", "/policies/routes/night", { to: ["out"], limit: { max: 1, per: "1m" } });
  expect((await call("GET", "/routes")).json.items).toEqual([
    {
      name: "night",
      origin: "store",
      match: "*",
      to: ["out"],
      continue: false,
      shadow: false,
      default: false,
    },
    expect.objectContaining({ name: "usual", origin: "file" }),
  ]);
});

it.each([
  ["PUT", "/policies/routes/night", { to: ["nowhere"] }, 400],
  ["PUT", "/policies/routes/night", [], 400],
  ["PUT", "/policies/silences/night", {}, 400],
  ["PUT", "/policies/routes/usual", { to: ["out"] }, 409],
  ["DELETE", "/policies/routes/usual", undefined, 409],
  ["DELETE", "/policies/fold/usual", undefined, 404],
] as const)("%s %s %j is answered with a problem", async (method, path, body, status) => {
  const refused = await call(method, path, body);
  expect(refused.status).toBe(status);
  expect(refused.json).toMatchObject({ status, hint: expect.stringMatching(/\S/) });
});

it("a key that may only write changes none", async () => {
  const refused = await call("PUT", "/policies/routes/night", { to: ["out"] }, "write");
  expect(refused.status).toBe(403);
  expect((await call("GET", "/policies")).json.items).toHaveLength(1);
});
