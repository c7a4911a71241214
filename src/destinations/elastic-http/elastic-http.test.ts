import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import {
  AGENT_HMAC_HEADER,
  AGENT_HMAC_KEY,
  AGENT_PASSWORD,
  AGENT_SECRET,
  AGENT_SECRET_HEADER,
  AGENT_USER,
  startAgent,
  type AgentOptions,
  type FakeAgent,
} from "../../../test/peers/elastic-http.ts";
import { createHttp } from "../../net/client.ts";
import type { Destination, Message, Verdict } from "../destination.ts";
import {
  aDigest,
  alertWith,
  contextWith,
  hostileAlert,
  messageWith,
  NOW,
  sendingWith,
} from "../testing/messages.ts";
import { elasticHttp } from "./elastic-http.ts";
import { supernaFields } from "./superna.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

async function startWith(options: AgentOptions = {}, own: object = {}) {
  const agent = await startAgent(options);
  open.push(agent);
  return { agent, to: destination(agent.url, own) };
}

function destination(url: string, own: object = {}): Destination<string> {
  const egress = { allow: [], deny: [] };
  const http = createHttp({ component: "destination soc", egress, connections: 4, timeout: 5000 });
  open.push(http);
  const { context } = contextWith({ http });
  return elasticHttp.create(elasticHttp.config.parse({ url: `${url}/`, ...own }), context);
}

/** Sends them at the same time. */
async function send(to: Destination<string>, messages: readonly Message[]): Promise<Verdict[]> {
  const { sending } = sendingWith();
  return await Promise.all(messages.map((each) => to.send(to.render(each), each, sending)));
}

const numbered = (number: number) =>
  messageWith({ key: `d_${number}`, alert: alertWith({ title: `alert ${number}` }) });
const titlesOf = ({ events }: FakeAgent) =>
  events.map((event) => String(event["message"])).toSorted();

const BASIC = { username: AGENT_USER, password: AGENT_PASSWORD };
const SECRET = { headers: { [AGENT_SECRET_HEADER]: AGENT_SECRET } };
const HMAC = { header: AGENT_HMAC_HEADER, secret: AGENT_HMAC_KEY };
const WITH_HMAC = { hmac: { type: "sha256", prefix: "" } } as const;

/** What the input answers, and what it means. */
const MATRIX: readonly (readonly [
  what: string,
  options: AgentOptions,
  own: object,
  wanted: Record<string, unknown>,
])[] = [
  ["200", {}, {}, { kind: "delivered", status: 200 }],
  ["200 with another body", { responseBody: "successCount 1" }, {}, { kind: "delivered" }],
  ["200 without a body", { responseBody: "" }, {}, { kind: "delivered" }],
  ["202", { responseCode: 202 }, {}, { kind: "delivered", status: 202 }],
  [
    "400, a body cut by max_body_bytes",
    { maxBody: 100 },
    {},
    { kind: "reject", reason: "rejected_by_peer", status: 400, error: says("max_body_bytes") },
  ],
  [
    "401, Basic",
    { basic: true },
    { ...BASIC, password: "another" },
    { kind: "reject", reason: "unauthorized", status: 401, error: says("username and password") },
  ],
  [
    "401, secret header",
    { secret: true },
    {},
    { kind: "reject", reason: "unauthorized", status: 401, error: says("under headers") },
  ],
  [
    "401, signature missing",
    WITH_HMAC,
    {},
    { kind: "reject", reason: "unauthorized", status: 401, error: says("missing HMAC header") },
  ],
  [
    "401, signature wrong",
    WITH_HMAC,
    { hmac: { ...HMAC, secret: "another" } },
    { kind: "reject", reason: "unauthorized", status: 401, error: says("of hmac") },
  ],
  [
    "405",
    {},
    { method: "PUT" },
    { kind: "reject", reason: "rejected_by_peer", status: 405, error: says("set method") },
  ],
  [
    "415, content type",
    {},
    { content_type: "application/json; charset=utf-8" },
    { kind: "reject", status: 415, error: says("byte for byte") },
  ],
];

function says(text: string) {
  return expect.stringContaining(text) as string;
}

/** What something on the way makes of it, or the input in a state that the settings cannot bring about. */
const ANSWERS: readonly (readonly [
  what: string,
  status: number,
  body: object,
  wanted: Record<string, unknown>,
])[] = [
  [
    "400, query",
    400,
    { message: "unexpected URL query: wait_for_completion_timeout" },
    { kind: "reject", error: says("does not know wait_for_completion") },
  ],
  ["406", 406, { message: "body cannot be empty" }, { kind: "reject", error: says("body away") }],
  [
    "415, encoding",
    415,
    { message: "unsupported content encoding: br" },
    { kind: "reject", error: says("gzip: false") },
  ],
  [
    "500, gzip",
    500,
    { message: "failed to create gzip reader: gzip: invalid header" },
    { kind: "reject", reason: "rejected_by_peer", error: says("gzip: false") },
  ],
  [
    "500, hard limit",
    500,
    { error: "max in flight bytes exceeded during read", max_in_flight: 10, in_flight: 20 },
    { kind: "retry", reason: "rate_limited", status: 500 },
  ],
  [
    "500, publishing",
    500,
    { message: 'failed to put data into event key "json"' },
    { kind: "retry", reason: "server_error", status: 500 },
  ],
  [
    "504",
    504,
    { message: "could not publish event within timeout" },
    { kind: "retry", reason: "timeout", status: 504 },
  ],
];

describe("an answer", () => {
  it.each(MATRIX)("%s", async (_what, options, own, wanted) => {
    const { to } = await startWith(options, own);
    expect(await send(to, [messageWith()])).toMatchObject([wanted]);
  });

  it.each(ANSWERS)("%s", async (_what, status, body, wanted) => {
    const { agent, to } = await startWith();
    agent.misbehave((_received, response) => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
    expect(await send(to, [messageWith()])).toMatchObject([wanted]);
  });

  it("503 with a Content-Encoding that is none is waited out as it asks", async () => {
    const { agent, to } = await startWith();
    agent.full = "high water";
    const wanted = { kind: "retry", reason: "rate_limited", status: 503, after: 10_000 };
    expect(await send(to, [messageWith()])).toMatchObject([
      { ...wanted, error: says("in flight bytes above high water mark") },
    ]);
    agent.full = "no";
    expect(await send(to, [messageWith()])).toMatchObject([{ kind: "delivered" }]);
  });

  it("504 to what is waited for is a repeat afterwards, with the same key", async () => {
    const { agent, to } = await startWith({}, { wait_for_completion: "500ms" });
    agent.acknowledges = false;
    expect(await send(to, [messageWith()])).toMatchObject([{ kind: "retry", reason: "timeout" }]);
    agent.acknowledges = true;
    await send(to, [messageWith()]);
    expect(agent.received.map(({ path }) => path)).toEqual([
      "/?wait_for_completion_timeout=0.5s",
      "/?wait_for_completion_timeout=0.5s",
    ]);
    const keys = agent.events.map(({ tocsin }) => (tocsin as { message: object }).message);
    expect(keys).toHaveLength(2);
    expect(keys[0]).toEqual(keys[1]);
  });
});

describe("a request", () => {
  it("keeps its secrets out of what the endpoint says", async () => {
    const { agent, to } = await startWith({}, { ...BASIC, ...SECRET, hmac: HMAC });
    const message = `not ${AGENT_PASSWORD}, ${AGENT_SECRET}, ${AGENT_HMAC_KEY}`;
    agent.misbehave((_received, response) => {
      response.writeHead(401).end(JSON.stringify({ message }));
    });
    const [verdict] = await send(to, [messageWith()]);
    expect(verdict).toMatchObject({ error: says("not <secret>, <secret>, <secret>") });
  });

  it("has the content type byte for byte", async () => {
    const { agent, to } = await startWith(
      { contentType: "application/x-ndjson" },
      {
        content_type: "application/x-ndjson",
      },
    );
    expect(await send(to, [messageWith()])).toMatchObject([{ kind: "delivered" }]);
    expect(agent.received[0]?.headers["content-type"]).toBe("application/x-ndjson");
  });

  it.each(["sha256", "sha1"] as const)(
    "is signed with %s over the bytes on the wire",
    async (type) => {
      const prefix = `${type}=`;
      const hmac = { ...HMAC, algorithm: type, prefix };
      const { agent, to } = await startWith({ hmac: { type, prefix } }, { gzip: true, hmac });
      expect(await send(to, [messageWith()])).toMatchObject([{ kind: "delivered" }]);
      const [received] = agent.received;
      const { bytes = Buffer.alloc(0), headers = {} } = received ?? {};
      const digest = createHmac(type, AGENT_HMAC_KEY).update(bytes).digest("hex");
      expect(headers[AGENT_HMAC_HEADER]).toBe(`${prefix}${digest}`);
      expect(headers["content-encoding"]).toBe("gzip");
      expect(JSON.parse(gunzipSync(bytes).toString("utf8"))).toMatchObject({
        message: "Brute force on web-1",
      });
    },
  );

  it("has its signature in base64 when so configured", async () => {
    const hmac = { ...HMAC, encoding: "base64" };
    const { agent, to } = await startWith({}, { hmac });
    await send(to, [messageWith()]);
    const [received] = agent.received;
    const { bytes = Buffer.alloc(0), headers = {} } = received ?? {};
    const digest = createHmac("sha256", AGENT_HMAC_KEY).update(bytes).digest("base64");
    expect(headers[AGENT_HMAC_HEADER]).toBe(digest);
  });

  it("says Content-Encoding only of what is compressed", async () => {
    const { agent, to } = await startWith();
    await send(to, [messageWith()]);
    expect(agent.received[0]?.headers).not.toHaveProperty("content-encoding");
  });

  it("shows what it compresses when it is tried by hand", async () => {
    const { to } = await startWith({}, { gzip: true });
    const { sending, exchanges } = sendingWith();
    await to.send(to.render(messageWith()), messageWith(), sending);
    expect(exchanges[0]?.request).toContain('"message":"Brute force on web-1"');
  });
});

describe("alerts that are sent at the same time", () => {
  const messages = [1, 2, 3].map(numbered);
  const titles = ["alert 1", "alert 2", "alert 3"];

  it.each([
    ["object", 3, /^\{.*\}$/],
    ["array", 1, /^\[\{.*\},\{.*\},\{.*\}\]$/],
    ["ndjson", 1, /^\{.*\}\n\{.*\}\n\{.*\}$/],
  ] as const)("go as %s in %i request(s)", async (batch, requests, shape) => {
    const { agent, to } = await startWith({}, { batch });
    expect((await send(to, messages)).map(({ kind }) => kind)).toEqual(Array(3).fill("delivered"));
    expect(agent.received).toHaveLength(requests);
    for (const { body } of agent.received) expect(body).toMatch(shape);
    expect(titlesOf(agent)).toEqual(titles);
  });

  it.each(["array", "ndjson"])(
    "are sent apart as %s when one of them is refused",
    async (batch) => {
      const { agent, to } = await startWith({}, { batch });
      agent.misbehave(({ body }, response) => {
        if (body.includes("alert 2")) {
          response.writeHead(400).end('{"message":"failed to evaluate program"}');
          return;
        }
        agent.events.push(...([JSON.parse(`[${body.replaceAll("\n", ",")}]`)].flat(2) as never[]));
        response.end('{"message":"success"}');
      });
      const verdicts = await send(to, messages);
      expect(verdicts.map(({ kind }) => kind)).toEqual(["delivered", "reject", "delivered"]);
      expect(titlesOf(agent)).toEqual(["alert 1", "alert 3"]);
    },
  );

  it("are sent apart when they are too much at once", async () => {
    const { agent, to } = await startWith({}, { batch: "ndjson" });
    agent.full = "hard limit";
    const verdicts = await send(to, messages);
    expect(verdicts.map(({ kind }) => kind)).toEqual(Array(3).fill("delivered"));
    expect(titlesOf(agent)).toEqual(titles);
  });

  it("are not sent apart where the address is what is refused", async () => {
    const { agent, to } = await startWith({}, { batch: "ndjson" });
    const message = "unexpected URL query: a";
    agent.misbehave((_received, response) => {
      response.writeHead(400).end(JSON.stringify({ message }));
    });
    const verdicts = await send(to, messages);
    expect(verdicts.map(({ kind }) => kind)).toEqual(Array(3).fill("reject"));
    expect(agent.received).toHaveLength(1);
  });

  it("are never sent apart after what may have been published in part", async () => {
    const { agent, to } = await startWith({}, { batch: "ndjson" });
    agent.misbehave((_received, response) => void response.writeHead(500).end('{"message":"x"}'));
    const verdicts = await send(to, messages);
    expect(verdicts.map(({ kind }) => kind)).toEqual(Array(3).fill("retry"));
    expect(agent.received).toHaveLength(1);
  });

  it("are never none: no empty list goes out", async () => {
    const { agent, to } = await startWith({}, { batch: "array" });
    const stop = new AbortController();
    const sent = to.send(to.render(messageWith()), messageWith(), { signal: stop.signal });
    stop.abort();
    expect(await sent).toMatchObject({ kind: "retry" });
    await send(to, [messageWith()]);
    expect(agent.received.map(({ body }) => body.startsWith("[{"))).toEqual([true]);
  });
});

describe("Superna's fields", () => {
  const superna = alertWith({
    source: {
      name: "storage",
      kind: "superna",
      vendor: "Superna",
      product: "Data Security Edition",
      space: null,
    },
    external: { id: "5_1", url: "https://eyeglass.example.test/" },
    title: "Ransomware Defender event: LAB\\ann on finance$",
    reason: "state LOCKED_OUT, protocol SMB2, 1 file",
    description: "Action: Superna Zero Trust alert\nShares: finance$, public$ and 7 more",
    severity: "critical",
    severity_original: "CRITICAL",
    detected_at: "2026-02-11T09:31:07.000Z",
    tags: ["LOCKED_OUT"],
    artifacts: [
      { type: "ip", value: "10.20.30.41", role: "source", field: "clientIPs" },
      { type: "sid", value: "S-1-5-21-1111-1104", role: "actor", field: "user" },
      { type: "account", value: "LAB\\ann", role: "actor", field: "userName" },
      { type: "file_path", value: "/ifs/data/q4.xlsx.locked", role: "target", field: "files" },
    ],
  });

  it("are the twelve of its guide", () => {
    expect(supernaFields(messageWith({ alert: superna }))).toEqual({
      action: "Superna Zero Trust alert",
      Alert_url: "https://eyeglass.example.test/",
      client_ip: ["10.20.30.41"],
      detected: "2026-02-11T09:31:07.000Z",
      severity: "CRITICAL",
      user: "S-1-5-21-1111-1104",
      files: ["/ifs/data/q4.xlsx.locked"],
      shares: ["finance$", "public$"],
      state: "LOCKED_OUT",
      protocol: "SMB2",
      device_vendor: "Superna",
      device_product: "Data Security Edition",
    });
  });

  it("have the state that the source named, whatever tags there are", () => {
    const tagged = { ...superna, tags: ["vip", "LOCKED_OUT"] };
    expect(supernaFields(messageWith({ alert: tagged })).state).toBe("LOCKED_OUT");
  });

  it("are not read from what another source's alert says", () => {
    const alert = alertWith({
      title: "Login",
      reason: "state LOCKED_OUT, protocol SMB2",
      description: "Action: x\nShares: y",
    });
    expect(supernaFields(messageWith({ alert }))).toMatchObject({
      action: "Login",
      shares: [],
      state: "new",
      protocol: "",
    });
  });

  it.each([
    ["another source's alert", messageWith()],
    ["a hostile alert", messageWith({ alert: hostileAlert() })],
    ["a digest", messageWith({ digest: aDigest() })],
  ])("are all there, and no other, of %s", async (_what, message) => {
    const { agent, to } = await startWith({}, { format: "superna" });
    expect(await send(to, [message])).toMatchObject([{ kind: "delivered" }]);
    expect(Object.keys(agent.events[0] ?? {})).toEqual(
      Object.keys(supernaFields(messageWith({ alert: superna }))),
    );
    expect(agent.events[0]?.["Alert_url"]).toMatch(/^https:\/\//);
  });
});

it("renders its sample as before", () => {
  const sample = readFileSync(new URL("./samples/brute-force.json", import.meta.url), "utf8");
  const to = destination("http://agent.test");
  expect(JSON.parse(to.render(messageWith()))).toEqual(JSON.parse(sample));
});

describe("settings", () => {
  const parse = (own: object) =>
    elasticHttp.config.safeParse({ url: "http://agent.lab:8080/", ...own }).success;

  it("that contradict each other are refused", () => {
    expect(parse({ ...BASIC, ...SECRET })).toBe(true);
    expect(parse({ username: "a" })).toBe(false);
    expect(parse({ ...BASIC, headers: { Authorization: "Bearer x" } })).toBe(false);
    expect(parse({ headers: { "Content-Encoding": "gzip" } })).toBe(false);
    expect(parse({ url: "http://agent.lab/?a=1", wait_for_completion: "1s" })).toBe(false);
  });

  it("that wait longer than the timeout are refused", () => {
    const config = elasticHttp.config.parse({ url: "http://a.lab/", wait_for_completion: "1s" });
    const { context } = contextWith({ now: () => NOW });
    expect(() => elasticHttp.create(config, context)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID" }),
    );
  });
});
