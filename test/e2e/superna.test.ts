/** Superna's webhook, whole: the preset as it is written, with ports of its own. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openBench, type Bench, type Result } from "../../src/cli/testing/run.ts";
import { startAgent, type FakeAgent } from "../peers/elastic-http.ts";
import { freePort } from "../peers/free-port.ts";
import { request, startScene, type Answer, type Scene } from "./program.ts";

/** As the test template of the vendor's guide sends it: plain, and said to be compressed. */
const HEADERS = { "content-type": "application/json", "content-encoding": "gzip" };
const LOCKED_OUT = {
  id: "27_1",
  severity: "MAJOR",
  state: "LOCKED_OUT",
  protocol: "SMB2",
  user: "S-1-5-21-1004336348-1177238915-682003330-1104",
  userName: "LAB\\mhahn",
  detected: 1772355600000,
  numFiles: 2,
  nes: ["isilon-01"],
  shares: ["finance$", "public$"],
  files: ["\\\\isilon-01\\finance\\q1.xlsx.locked", "\\\\isilon-01\\finance\\q2.xlsx.locked"],
  clientIPs: ["192.0.2.44"],
};

let agent: FakeAgent;
let bench: Bench;
let scene: Scene;
let webhook: string;

beforeEach(async () => {
  agent = await startAgent();
  bench = openBench({ now: Date.now, wait: (milliseconds) => pause(milliseconds) });
  const port = await freePort();
  webhook = `http://localhost:${port}/webhook`;
  expect((await bench.run("init", "--preset", "superna")).code).toBe(0);
  const file = join(bench.folder, "tocsin.yaml");
  const text = readFileSync(file, "utf8")
    .replace("127.0.0.1:5000", `127.0.0.1:${port}`)
    .replace("127.0.0.1:8080", `127.0.0.1:${agent.port}`)
    // The scene has its own.
    .replace(/^listen:.*$/m, "");
  writeFileSync(file, text);
  scene = await startScene(text);
});
afterEach(async () => {
  await scene.stop();
  await agent.close();
  bench.dispose();
});

function post(event: object): Promise<Answer> {
  return request(webhook, { method: "POST", headers: HEADERS, body: JSON.stringify(event) });
}

function sendSample(...argv: string[]): Promise<Result> {
  return bench.run("send", "--sample", "superna", "--data", scene.paths.folder, ...argv);
}

/** Everything that came in is decided, and nothing of it is left to be sent. */
async function settled(): Promise<void> {
  await vi.waitFor(() => {
    const { in_flight: flying, balanced } = scene.audit();
    expect({ balanced, ...flying }).toMatchObject({ balanced: true, entries: 0, deliveries: 0 });
  }, 20_000);
}

const received = () => vi.waitFor(() => expect(agent.events).not.toEqual([]), 20_000);

describe("an event of Ransomware Defender", () => {
  test("that is Major and locked out arrives at the agent with the twelve fields and no other", async () => {
    const answer = await post(LOCKED_OUT);
    expect([answer.status, answer.text]).toEqual([
      200,
      "1 accepted, 0 known already, 0 put in quarantine\n",
    ]);
    await received();
    expect(agent.events).toEqual([
      {
        action: "Ransomware Defender event: LAB\\mhahn on isilon-01",
        Alert_url: "",
        client_ip: ["192.0.2.44"],
        detected: "2026-03-01T09:00:00.000Z",
        severity: "MAJOR",
        user: LOCKED_OUT.user,
        files: LOCKED_OUT.files,
        shares: LOCKED_OUT.shares,
        state: "LOCKED_OUT",
        protocol: "SMB2",
        device_vendor: "Superna",
        device_product: "Ransomware Defender",
      },
    ]);
    const headers = agent.received[0]?.headers;
    expect(headers).toHaveProperty("content-type", "application/json");
    // What Superna says of its own body is not passed on.
    expect(headers).not.toHaveProperty("content-encoding");
    await settled();
  });

  test.each([
    ["Critical", "LOCKED_OUT"],
    ["MAJOR", "DELAYED_LOCKOUT"],
    ["CRITICAL", "Delayed Lockout"],
    ["Major", "locked out"],
  ])("of %s, %s is sent", async (severity, state) => {
    await post({ ...LOCKED_OUT, severity, state });
    await received();
    expect(agent.events).toMatchObject([{ severity, state }]);
  });

  test.each([
    ["WARNING", "LOCKED_OUT"],
    ["MINOR", "DELAYED_LOCKOUT"],
    ["CRITICAL", "WARNING"],
    ["MAJOR", "MONITOR"],
    ["CRITICAL", "ACCESS_RESTORED"],
  ])("of %s, %s is kept and not sent", async (severity, state) => {
    const taken = await post({ ...LOCKED_OUT, severity, state });
    expect(taken.text).toContain("1 accepted");
    await settled();
    expect(agent.received).toEqual([]);
    const { json } = await scene.get("/api/v1/alerts");
    expect(json.items).toMatchObject([{ severity_original: severity, routing: "routed" }]);
  });

  test("is sent once it becomes a lockout, and once only", async () => {
    await post({ ...LOCKED_OUT, state: "WARNING" });
    await settled();
    expect(agent.received).toEqual([]);
    await post(LOCKED_OUT);
    await post(LOCKED_OUT);
    await received();
    await post({ ...LOCKED_OUT, state: "ACCESS_RESTORED" });
    await settled();
    expect(agent.events).toMatchObject([{ state: "LOCKED_OUT" }]);
    const { json } = await scene.get("/api/v1/alerts");
    expect(json.items).toHaveLength(1);
  });

  test("that the agent cannot take is kept, and sent when it can", async () => {
    agent.misbehave((_received, response) => void response.socket?.destroy());
    await post(LOCKED_OUT);
    await vi.waitFor(() => expect(agent.received).not.toEqual([]), 20_000);
    expect(agent.events).toEqual([]);
    agent.misbehave(undefined);
    await received();
    await settled();
    expect(agent.events).toMatchObject([{ state: "LOCKED_OUT" }]);
  });

  test("waits as long as a full agent asks, whose answer says it is encoded and is not", async () => {
    agent.full = "high water";
    await post(LOCKED_OUT);
    await vi.waitFor(() => expect(agent.received).toHaveLength(1), 20_000);
    agent.full = "no";
    const asked = performance.now();
    await received();
    expect(performance.now() - asked).toBeGreaterThan(8000);
    await settled();
    const { json } = await scene.get("/api/v1/deliveries/1");
    expect(json.attempts).toMatchObject([{ status: 503, reason: "rate_limited" }, { status: 200 }]);
  });
});

describe("the test event", () => {
  test("ends with the answer of the agent, and is a new event each time", async () => {
    for (const number of ["ALR-000001", "ALR-000002"]) {
      const { code, out, err } = await sendSample();
      expect({ code, err }).toEqual({ code: 0, err: "" });
      expect(out).toMatch(/^accepted 1, duplicates 0, quarantined 0\n/);
      expect(out).toContain(`  ${number}  → elastic-http  try 1, 200, `);
      expect(out).toMatch(/\ndelivered to elastic-http: 200\n$/);
    }
    expect(agent.events).toHaveLength(2);
    expect(agent.events).toMatchObject([{ state: "LOCKED_OUT" }, { state: "LOCKED_OUT" }]);
  });

  test("counts as many as were asked for", async () => {
    const { code, out } = await sendSample("--count", "3");
    expect(code).toBe(0);
    expect(out).toMatch(/\ndelivered to elastic-http: 200 \(3 times\)\n$/);
    expect(agent.events).toHaveLength(3);
  });

  test("says in JSON what became of it", async () => {
    const { out } = await sendSample("--json");
    expect(JSON.parse(out)).toMatchObject({
      accepted: 1,
      deliveries: [
        { destination: "elastic-http", state: "delivered", attempts: [{ status: 200 }] },
      ],
    });
  });

  test("says that the agent is full, and fails when the time is over", async () => {
    agent.full = "high water";
    const { code, out } = await sendSample("--wait", "300ms");
    expect(code).toBe(1);
    expect(out).toContain("try 1, retry (rate_limited)");
    expect(out).toMatch(
      /\nnot delivered to elastic-http yet: .*high water mark.*, tried again \S+ \S+\n$/,
    );
  });

  test("says why the agent refuses it, and fails", async () => {
    agent.misbehave((_received, response) => {
      response.writeHead(401).end('{"message":"incorrect username or password"}');
    });
    const { code, out } = await sendSample();
    expect(code).toBe(1);
    expect(out).toMatch(/\nnot delivered to elastic-http: .*incorrect username or password.*\n$/);
  });

  test("that no route sends says so", async () => {
    const { code, out } = await sendSample("--sample", "superna/user-activity-report");
    expect(code).toBe(0);
    expect(out).toMatch(/\nkept as ALR-000001 and sent nowhere; why: tocsin explain ALR-000001\n$/);
  });

  test("says no more than that it was accepted where the data cannot be read", async () => {
    const { code, out } = await bench.run("send", "--sample", "superna");
    expect(code).toBe(0);
    expect(out).toMatch(/^accepted 1, .*\n {2}\S+ {2}\S+\n$/);
    await received();
  });

  test("is told to nobody else's data", async () => {
    const other = await startScene(
      "sources: { a: { kind: generic } }\ndestinations: {}\nroutes: []",
    );
    const { out } = await bench.run("send", "--sample", "superna", "--data", other.paths.folder);
    await other.stop();
    expect(out).toMatch(/^accepted 1, .*\n {2}\S+ {2}\S+\n$/);
  });
});
