import { createHmac } from "node:crypto";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Database } from "../../src/sqlite/database.ts";
import { createKey } from "../../src/keys/keys.ts";
import { request, startScene, type Scene } from "./program.ts";
import { randomBytes } from "node:crypto";

const CONFIGURATION = `
sources:
  kibana: { kind: kibana }
  elastic: { kind: elastic }
  splunk: { kind: splunk, token: a-secret-path }
  superna: { kind: superna }
  generic: { kind: generic }
  signed: { kind: generic, hmac: { header: x-signature, secret: "signing-secret", prefix: "sha256=" } }
  standard: { kind: generic, hmac: { scheme: standard-webhooks, secret: "whsec_c2lnbmluZy1zZWNyZXQ=" } }
  timed: { kind: generic, hmac: { header: x-sig, secret: s, encoding: base64, timestamp_header: x-time } }
  vip: { kind: generic, header: { name: x-vip, secret: "very-secret" } }
  slow: { kind: generic, rate: { max: 2, per: 1h } }
  prometheus: { kind: alertmanager, rate: { max: 2, per: 1h } }
  local: { kind: superna, listen: "127.0.0.1:0", auth: none }
limits: { body: 64KiB, unpacked: 256KiB, events: 50 }
destinations: { out: { kind: file, path: out.ndjson } }
routes: [{ name: all, to: [out] }]
`;

let scene: Scene;
beforeAll(async () => {
  scene = await startScene(CONFIGURATION);
});
afterAll(() => scene.stop());

const body = (id: string, more: object = {}) =>
  JSON.stringify({ id, title: `Alert ${id}`, ...more });
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

describe("what a sender is told", () => {
  it("names each event by id and key, and knows it when it comes again", async () => {
    const document = JSON.stringify({ "kibana.alert.uuid": "u-1", "kibana.alert.rule.name": "R" });
    const first = await scene.post("/v1/ingest/elastic", document);
    expect(first.status).toBe(202);
    expect(first.json).toEqual({
      accepted: 1,
      duplicates: 0,
      events: [{ id: expect.stringMatching(/^[0-9A-Z]{26}$/), key: "kibana.alert.uuid:u-1" }],
    });
    const again = await scene.post("/v1/ingest/elastic", document);
    expect(again.json).toEqual({ accepted: 0, duplicates: 1, events: first.json.events });
  });

  it.each(["/api/webhook/kibana", "/api/webhook/kibana/"])(
    "at %s is what the old worker said",
    async (path) => {
      const hits = [{ _index: "i", _id: `${path}1`, _source: { a: 1 } }];
      const { status, json } = await scene.post(
        path,
        JSON.stringify({ rule: { name: "Rule K" }, context: { hits: JSON.stringify(hits) } }),
        { ...bearer(scene.ingestKey), "content-type": "application/x-www-form-urlencoded" },
      );
      expect(status).toBe(200);
      expect(json).toEqual({
        status: "success",
        stream: "Rule K",
        sent: 1,
        skipped: 0,
        message_ids: [expect.stringMatching(/^[0-9A-Z]{26}$/)],
      });
    },
  );

  it("at the Splunk endpoint counts what was there already as skipped", async () => {
    const row = JSON.stringify({ sid: "s-1", search_name: null, result: { count: "3" } });
    const first = await scene.post("/api/webhook/splunk/", row);
    const again = await scene.post("/api/webhook/splunk", row);
    expect(first.json).toMatchObject({ status: "success", sent: 1, skipped: 0 });
    expect(again.json).toMatchObject({ sent: 0, skipped: 1, message_ids: [] });
  });

  it("at /webhook is one line of text", async () => {
    const { status, text } = await scene.post(
      "/webhook",
      JSON.stringify({ id: "1_1", severity: "CRITICAL", state: "LOCKED_OUT", user: "jdoe" }),
    );
    expect([status, text]).toEqual([200, "1 accepted, 0 known already, 0 put in quarantine\n"]);
  });

  it("is a success with no event for empty hits and for a recovered action", async () => {
    const empty = await scene.post(
      "/api/webhook/kibana",
      '{"rule":{"name":"R"},"context":{"hits":"[]"}}',
    );
    expect([empty.status, empty.json]).toEqual([
      200,
      { status: "success", stream: null, sent: 0, skipped: 0, message_ids: [], empty: "no_hits" },
    ]);
    const recovered = await scene.post(
      "/v1/ingest/kibana",
      '{"rule":{"name":"R"},"alert":{"actionGroup":"recovered"},"context":{"hits":""}}',
    );
    expect([recovered.status, recovered.json]).toEqual([
      202,
      { accepted: 0, duplicates: 0, events: [], empty: "recovered" },
    ]);
  });

  it("is both parts of a body that is partly readable", async () => {
    const lines = `${body("p1")}\n{"id": broken\n${body("p2")}\n`;
    const { status, json } = await scene.post("/v1/ingest/generic", lines);
    expect(status).toBe(202);
    expect(json.accepted).toBe(2);
    expect(json.quarantined).toEqual([
      { id: expect.any(String), reason: "unreadable", detail: expect.any(String) },
    ]);
  });

  it("is the same for bytes that a header misnames", async () => {
    const plain = await scene.post("/v1/ingest/generic", body("g1"), {
      ...bearer(scene.ingestKey),
      "content-encoding": "gzip",
      "content-type": "text/plain",
    });
    const packed = await scene.post("/v1/ingest/generic", gzipSync(body("g2")));
    expect([plain.json.accepted, packed.json.accepted]).toEqual([1, 1]);
  });

  it("honours an idempotency key over what is in the body", async () => {
    const headers = { ...bearer(scene.ingestKey), "idempotency-key": "once" };
    const first = await scene.post("/v1/ingest/generic", body("i1"), headers);
    const second = await scene.post("/v1/ingest/generic", body("i2"), headers);
    expect([first.json.accepted, second.json.duplicates]).toEqual([1, 1]);
    expect(second.json.events).toEqual(first.json.events);
  });
});

describe("a body that cannot be read", () => {
  it("is refused with a problem that names its place in quarantine, and kept as it came", async () => {
    const broken = 'error rendering mustache template "{{#a}}": Unclosed tag at 6';
    const { status, headers, json } = await scene.post("/v1/ingest/kibana", broken, {
      ...bearer(scene.ingestKey),
      "x-api-key": "do-not-keep",
      "x-kind": "keep",
    });
    expect(status).toBe(422);
    expect(headers.get("content-type")).toMatch(/^application\/problem\+json/);
    expect(json).toMatchObject({ code: "BODY_UNREADABLE", status: 422, reason: "template_error" });
    expect(typeof json.message).toBe("string");
    const database = new Database(scene.paths.stream, { readOnly: true });
    const row = database.get<{ body: Uint8Array; headers: string; reason: string; source: string }>(
      `SELECT e.body, e.reason, e.source, r.headers FROM entries e JOIN receipts r ON r.id = e.receipt
       WHERE e.reason = 'template_error'`,
    );
    database.close();
    expect(Buffer.from(row?.body ?? []).toString()).toBe(broken);
    expect(row?.source).toBe("kibana");
    const kept = JSON.parse(row?.headers ?? "{}");
    expect(kept).toMatchObject({
      authorization: "<secret>",
      "x-api-key": "<secret>",
      "x-kind": "keep",
    });
    const again = await scene.post("/v1/ingest/kibana", broken);
    expect(again.json.quarantine_id).toBe(json.quarantine_id);
  });

  it("is a problem when it is empty, too", async () => {
    const { status, json } = await scene.post("/v1/ingest/generic", "");
    expect([status, json.code]).toEqual([422, "BODY_UNREADABLE"]);
  });
});

describe("limits", () => {
  const many = (count: number) =>
    `[${Array.from({ length: count }, (_, n) => body(`m${n}`)).join()}]`;
  it.each([
    ["bytes on the wire", () => "x".repeat(65 * 1024), { limit: "body", value: 65_536 }],
    [
      "unpacked bytes",
      () => gzipSync(`"${"x".repeat(300_000)}"`),
      { limit: "unpacked_bytes", value: 262_144 },
    ],
    ["events", () => many(51), { limit: "events", value: 50 }],
    ["depth", () => `${"[".repeat(70)}${"]".repeat(70)}`, { limit: "depth", value: 64 }],
  ])("on %s are named in the answer", async (_name, make, named) => {
    const { status, json } = await scene.post("/v1/ingest/generic", make());
    expect([status, json.code]).toEqual([413, "LIMIT_EXCEEDED"]);
    expect(json).toMatchObject(named);
    expect(json.message).toContain(String(named.value));
  });

  it("of a rate answer 429 and when to come back", async () => {
    const statuses = [];
    for (const id of ["r1", "r2", "r3"]) {
      statuses.push(await scene.post("/v1/ingest/slow", body(id)));
    }
    expect(statuses.map(({ status }) => status)).toEqual([202, 202, 429]);
    expect(Number(statuses[2]?.headers.get("retry-after"))).toBeGreaterThan(0);
  });
});

describe("a notification of Alertmanager", () => {
  const notification = (status: string) =>
    JSON.stringify({
      version: "4",
      alerts: [
        {
          status,
          labels: { alertname: "A" },
          startsAt: "2026-03-01T09:00:00Z",
          fingerprint: "f1",
        },
      ],
    });

  it("is taken in both its states, and over the rate is answered so that it is sent again", async () => {
    const post = (status: string) => scene.post("/v1/ingest/prometheus", notification(status));
    const [opened, closed, refused] = [
      await post("firing"),
      await post("resolved"),
      await post("firing"),
    ];
    expect([opened.json.accepted, closed.json.accepted]).toEqual([1, 1]);
    expect([refused.status, refused.json.status, refused.json.code]).toEqual([
      503,
      503,
      "RATE_LIMITED",
    ]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  });
});

describe("who may send", () => {
  const basic = (key: string) => ({
    authorization: `Basic ${Buffer.from(`any:${key}`).toString("base64")}`,
  });
  const keyFor = (changes: object) => {
    const database = new Database(scene.paths.store);
    const wish = { name: "t", scopes: ["ingest" as const], ...changes };
    const { key } = createKey(database, wish, randomBytes, Date.now());
    database.close();
    return key;
  };

  it.each<[string, () => Record<string, string>, number]>([
    ["a key as bearer", () => bearer(scene.ingestKey), 202],
    ["a key as the password of Basic", () => basic(scene.ingestKey), 202],
    ["an admin key", () => bearer(scene.adminKey), 202],
    ["a key bound to the source", () => bearer(keyFor({ sources: ["generic"] })), 202],
    ["a key bound to another source", () => bearer(keyFor({ sources: ["kibana"] })), 403],
    ["a key without the scope", () => bearer(keyFor({ scopes: ["read"] })), 403],
    ["an expired key", () => bearer(keyFor({ expiresAt: Date.now() - 1 })), 401],
    ["nothing", () => ({}), 401],
    ["a key with a wrong secret", () => bearer(`${scene.ingestKey.slice(0, -2)}xx`), 401],
    ["something that is no key", () => bearer("tcs_"), 401],
    ["an unknown scheme", () => ({ authorization: "Digest x" }), 401],
  ])("with %s is answered %#", async (_name, headers, status) => {
    expect((await scene.post("/v1/ingest/generic", body("auth"), headers())).status).toBe(status);
  });

  it("is decided by the source's own secret header", async () => {
    const right = await scene.post("/v1/ingest/vip", body("v"), { "x-vip": "very-secret" });
    const wrong = await scene.post("/v1/ingest/vip", body("v"), { "x-vip": "wrong" });
    expect([right.status, wrong.status]).toEqual([202, 401]);
  });

  it("is decided by a secret path for those who cannot set headers", async () => {
    const row = JSON.stringify({ sid: "s-2", result: { a: "1" } });
    const right = await scene.post("/v1/ingest/splunk/t/a-secret-path", row, {});
    const key = await scene.post(`/v1/ingest/generic/t/${scene.ingestKey}`, body("t"), {});
    const wrong = await scene.post("/v1/ingest/splunk/t/guess", row, {});
    expect([right.status, key.status, wrong.status]).toEqual([202, 202, 401]);
  });

  it("is decided by a signature over the bytes", async () => {
    const payload = body("s");
    const hex = createHmac("sha256", "signing-secret").update(payload).digest("hex");
    const right = await scene.post("/v1/ingest/signed", payload, {
      "x-signature": `sha256=${hex}`,
    });
    const changed = await scene.post("/v1/ingest/signed", `${payload} `, {
      "x-signature": `sha256=${hex}`,
    });
    const missing = await scene.post("/v1/ingest/signed", payload);
    expect([right.status, changed.status, missing.status]).toEqual([202, 401, 401]);
  });

  it("is decided by a signature with a time, within its tolerance", async () => {
    const payload = body("x");
    const sign = (at: number) => {
      const mac = createHmac("sha256", "s").update(`${at}.${payload}`).digest("base64");
      return scene.post("/v1/ingest/timed", payload, { "x-sig": mac, "x-time": String(at) });
    };
    const now = Math.floor(Date.now() / 1000);
    expect([(await sign(now)).status, (await sign(now - 3600)).status]).toEqual([202, 401]);
  });

  it("is decided by a Standard Webhooks signature", async () => {
    const payload = body("w");
    const at = Math.floor(Date.now() / 1000);
    const mac = createHmac("sha256", "signing-secret")
      .update(`msg_1.${at}.${payload}`)
      .digest("base64");
    const headers = { "webhook-id": "msg_1", "webhook-timestamp": String(at) };
    const right = await scene.post("/v1/ingest/standard", payload, {
      ...headers,
      "webhook-signature": `v1,${mac}`,
    });
    const wrong = await scene.post("/v1/ingest/standard", payload, {
      ...headers,
      "webhook-signature": "v1,AAAA",
    });
    expect([right.status, wrong.status]).toEqual([202, 401]);
  });

  it("is nobody at the main listener for a source that is open on its own", async () => {
    const { status } = await scene.post("/v1/ingest/local", body("l"), {});
    expect(status).toBe(401);
  });

  it("is told when there is no such source, but not which there are", async () => {
    const { status, json } = await scene.post("/v1/ingest/nowhere", body("n"));
    expect([status, json.code]).toEqual([404, "NOT_FOUND"]);
    expect(JSON.stringify(json)).not.toContain("generic");
  });
});

describe("every answer", () => {
  it("carries security headers and an id of its request", async () => {
    const { headers } = await request(`${scene.url}/healthz`, {});
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("of an unknown path is a problem with a message", async () => {
    const { status, json } = await request(`${scene.url}/nothing/here?token=secret`, {});
    expect([status, json.code]).toEqual([404, "NOT_FOUND"]);
    expect(json.message).not.toContain("secret");
  });

  it("counts in the metrics", async () => {
    const { text } = await request(`${scene.url}/metrics`, {});
    expect(text).toMatch(/tocsin_received_total\{source="elastic",outcome="accepted"\} 1/);
    expect(text).toContain("tocsin_unaccounted_events 0");
    expect((await request(`${scene.url}/readyz`, {})).json).toEqual({ status: "ready" });
  });
});

it("balances after all of this", async () => {
  const report = scene.audit();
  expect(report.gaps).toEqual([]);
  expect(report.received.quarantined).toBeGreaterThan(0);
  const { items, accepted, duplicates, quarantined } = report.received;
  expect(items).toBe(accepted + duplicates + quarantined);
});
