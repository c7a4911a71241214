import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openBench } from "../../src/cli/testing/run.ts";
import { Database } from "../../src/sqlite/database.ts";
import { removePolicy, savePolicy } from "../../src/store/sqlite/policies.ts";
import { request, startScene, type Answer, type Scene } from "./program.ts";

let scene: Scene;

beforeEach(async () => {
  scene = await startScene(`
sources: { in: { kind: generic } }
destinations:
  out: { kind: file, path: "./out.ndjson" }
  night: { kind: file, path: "./night.ndjson" }
routes: [{ name: all, to: [out] }]
`);
});
afterEach(() => scene.stop());

function call(method: "PUT" | "DELETE", path: string, body?: object): Promise<Answer> {
  const headers = {
    authorization: `Bearer ${scene.adminKey}`,
    ...(body ? { "content-type": "application/json" } : {}),
  };
  const init = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) };
  return request(`${scene.url}/api/v1/policies/${path}`, init);
}

/** Sends an event of a host, and answers what it came to when that is decided. */
async function send(host: string): Promise<{ number: string; count: number }> {
  const event = { title: `Odd login ${performance.now()}`, host: { name: host } };
  const taken = await scene.post("/v1/ingest/in", JSON.stringify(event));
  return vi.waitFor(async () => {
    const { status, json } = await scene.get(`/api/v1/alerts/${taken.json.events[0].id}`);
    expect(status).toBe(200);
    return json;
  });
}

async function destinationsOf(host: string): Promise<string[]> {
  const { number } = await send(host);
  const { json } = await scene.get(`/api/v1/deliveries?alert=${number}`);
  return json.items.map(({ destination }: { destination: string }) => destination);
}

test("a route made over the API takes the next alert, also after a restart, until it is removed", async () => {
  expect(await destinationsOf("web-1")).toEqual(["out"]);
  const made = await call("PUT", "routes/night", { match: "host.name: web-*", to: ["night"] });
  expect(made.json).toMatchObject({ name: "night", origin: "store" });
  expect(await destinationsOf("web-2")).toEqual(["night"]);
  expect(await destinationsOf("db-1")).toEqual(["out"]);
  scene = await scene.restart();
  expect(await destinationsOf("web-3")).toEqual(["night"]);
  const routes = await scene.get("/api/v1/routes");
  const listed = routes.json.items.map(({ name, origin }: Record<string, string>) => [
    name,
    origin,
  ]);
  expect(listed).toEqual([
    ["night", "store"],
    ["all", "file"],
  ]);
  expect((await call("DELETE", "routes/night")).status).toBe(204);
  expect(await destinationsOf("web-4")).toEqual(["out"]);
});

test("what does not fit is refused across the threads, and nothing changes", async () => {
  const refused = await call("PUT", "routes/night", { to: ["nowhere"], match: "host.name:" });
  expect(refused.status).toBe(400);
  expect(refused.json.message).toContain("unknown destination `nowhere`");
  expect((await call("PUT", "routes/all", { to: ["night"] })).status).toBe(409);
  expect(await destinationsOf("web-1")).toEqual(["out"]);
});

test("what does not go with the file keeps the program from starting, and says what to remove", async () => {
  const change = (work: (database: Database) => void) => {
    const database = new Database(scene.paths.store);
    work(database);
    database.close();
  };
  const settings = { to: ["gone"] };
  change((database) => savePolicy(database, { kind: "routes", name: "night", settings }, "ada", 1));
  await expect(scene.restart()).rejects.toThrow(
    "routes night: unknown destination `gone` — tocsin policy remove routes night",
  );
  change((database) => void removePolicy(database, "routes", "night", "ada", 2));
  scene = await scene.restart();
  expect(await destinationsOf("web-1")).toEqual(["out"]);
});

test("a fold policy made by a command beside the server works soon, without a restart", async () => {
  const bench = openBench({ env: { TOCSIN_DATA: scene.paths.folder }, now: Date.now });
  const readStdin = async () => Buffer.from("by: [host.name]\nwindow: 1h\n");
  const argv = ["policy", "set", "fold", "by-host", "--file", "-", "--as", "ada"];
  expect((await send("web-1")).count).toBe(1);
  expect((await bench.runWith({ readStdin }, ...argv)).code).toBe(0);
  bench.dispose();
  // The server looks once a second; the rest is for machines with much to do.
  await vi.waitFor(async () => expect((await send("web-1")).count).toBeGreaterThan(1), {
    timeout: 10_000,
    interval: 100,
  });
});
