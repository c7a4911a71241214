import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { request, startScene, type Answer, type Scene } from "./program.ts";

/** A peer that refuses for good until it is told otherwise, and keeps what it was sent. */
const peer = { status: 400, keys: [] as string[], server: null as Server | null };
let scene: Scene;

beforeAll(async () => {
  peer.server = createServer((incoming, response) => {
    incoming.resume();
    incoming.on("end", () => {
      peer.keys.push(String(incoming.headers["idempotency-key"]));
      response.writeHead(peer.status).end("answer");
    });
  });
  await new Promise<void>((resolve) => peer.server?.listen(0, "127.0.0.1", resolve));
  const { port } = peer.server.address() as AddressInfo;
  scene = await startScene(`
sources: { in: { kind: generic }, kibana: { kind: kibana } }
destinations: { hook: { kind: webhook, url: "http://127.0.0.1:${port}/" } }
routes: [{ name: all, to: [hook] }]
`);
});
afterAll(async () => {
  await scene.stop();
  peer.server?.close();
});

function send(method: string, path: string, body?: unknown): Promise<Answer> {
  const headers = { authorization: `Bearer ${scene.adminKey}`, "content-type": "application/json" };
  const init =
    body === undefined
      ? { method, headers: { authorization: headers.authorization } }
      : { method, headers, body: JSON.stringify(body) };
  return request(`${scene.url}/api/v1${path}`, init);
}

/** Asks again until the answer is as it should be. */
async function until(
  ask: () => Promise<Answer>,
  holds: (answer: Answer) => boolean,
): Promise<Answer> {
  let answer = await ask();
  for (let tries = 0; tries < 1000 && !holds(answer); tries += 1) answer = await ask();
  expect(holds(answer), answer.text).toBe(true);
  return answer;
}

describe("the API of a running program", () => {
  it("shows an alert as it was sent on, with severity by name, and what became of it", async () => {
    const taken = await scene.post("/v1/ingest/in", '{"title":"Refused","severity":"high"}');
    const { id } = taken.json.events[0];
    const dead = await until(
      () => send("GET", "/dead"),
      ({ json }) => json.items.length === 1,
    );
    expect(dead.json.items[0]).toMatchObject({ destination: "hook", state: "dead" });
    const { json } = await send("GET", `/alerts/${id}`);
    expect(json).toMatchObject({ id, number: "ALR-000001", severity: "high", title: "Refused" });
    expect(json.raw).toEqual({ title: "Refused", severity: "high" });
  });

  it("replays the dead with the same key, and they arrive", async () => {
    const [key] = peer.keys;
    peer.status = 200;
    const { json } = await send("POST", "/dead/replay", { all: true });
    expect(JSON.stringify(json)).toContain("1");
    await until(
      () => send("GET", "/deliveries?state=delivered"),
      ({ json: list }) =>
        list.items.some((item: { destination: string }) => item.destination === "hook"),
    );
    expect(peer.keys.filter((seen) => seen === key).length).toBeGreaterThanOrEqual(2);
  });

  it("replays from quarantine what was repaired, once", async () => {
    const refused = await scene.post("/v1/ingest/kibana", '{"rule": oops');
    const id = refused.json.quarantine_id;
    const body = Buffer.from(
      '{"rule":{"name":"R"},"context":{"hits":[{"_index":"i","_id":"9","_source":{}}]}}',
    );
    await until(
      () => send("POST", `/quarantine/${id}/replay`, { bytes: body.toString("base64") }),
      ({ status }) => status === 200,
    );
    const { json } = await send("GET", "/alerts?q=rule.name:R");
    expect(json.items.length).toBeLessThanOrEqual(1);
    await until(
      () => send("GET", "/alerts?q=rule.name:R"),
      ({ json: list }) => list.items.length === 1,
    );
    expect((await send("GET", "/quarantine")).json.items).toEqual([]);
  });

  it("makes a key that can send, and ends it", async () => {
    const made = await send("POST", "/keys", {
      name: "short",
      scopes: ["ingest"],
      sources: ["in"],
    });
    const headers = { authorization: `Bearer ${made.json.key}` };
    expect((await scene.post("/v1/ingest/in", '{"title":"k"}', headers)).status).toBe(202);
    expect((await send("DELETE", `/keys/${made.json.id}`)).status).toBeLessThan(300);
    await until(
      () => scene.post("/v1/ingest/in", '{"title":"k"}', headers),
      ({ status }) => status === 401,
    );
  });

  it("tries a destination and shows what was said, without its secrets", async () => {
    const { json } = await send("POST", "/destinations/hook/test");
    expect(json.verdict).toMatchObject({ kind: "delivered", status: 200 });
    expect(JSON.stringify(json.exchanges)).toContain("idempotency-key");
  });

  it("balances, and says so", async () => {
    const { json } = await until(
      () => send("GET", "/audit"),
      ({ json: report }) => report.in_flight.entries === 0 && report.in_flight.deliveries === 0,
    );
    expect(json).toMatchObject({ balanced: true, gap_count: 0 });
  });
});
