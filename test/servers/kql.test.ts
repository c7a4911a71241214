/** What a KQL text finds in a real engine, by the mapping of its fields. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toElasticsearchQuery } from "../../src/kql/index.ts";
import type { Engine } from "./distribution.ts";
import { describeEngines, START_TIMEOUT } from "./engines.ts";
import { startSearchEngine, type SearchEngine } from "./search-engine.ts";

const NOW = Date.now();
const ago = (hours: number) => new Date(NOW - hours * 3_600_000).toISOString();

const keyword = { type: "keyword" };
const MAPPING = {
  dynamic: false,
  properties: {
    kind: keyword,
    name: keyword,
    tags: keyword,
    path: keyword,
    message: { type: "text" },
    severity: keyword,
    risk: { type: "long" },
    ratio: { type: "double" },
    flag: { type: "boolean" },
    seen: { type: "date" },
    day: { type: "date" },
    host: { properties: { ip: { type: "ip" }, name: keyword, cores: { type: "long" } } },
    threat: {
      type: "nested",
      properties: { type: keyword, value: keyword, score: { type: "long" } },
    },
  },
};

const DOCUMENTS: Readonly<Record<string, object>> = {
  a: {
    name: "Failed Logon Burst",
    message: "Brute force: 40 failed log-ons on WEB-01",
    flag: true,
  },
  b: { name: "Failed Logon", message: "one failed logon", flag: false, tags: ["Windows", "T1110"] },
  c: { name: "failed logon burst", message: "force of nature", tags: ["windows"] },
  d: { host: { ip: "10.20.30.40", name: "web-01", cores: 8 }, risk: 73, ratio: 0.5 },
  e: { host: { ip: ["10.99.0.1", "2001:db8::7"], name: "web-02" }, risk: 21, ratio: 1 },
  f: { host: { ip: "192.168.1.1", name: "db-01", cores: 21 }, risk: -5 },
  g: { seen: ago(1), day: "2026-03-04T23:59:59.999Z" },
  h: { seen: ago(30), day: "2026-03-05T00:00:00Z" },
  i: { seen: ago(24 * 40), day: "2026-03-03T12:00:00Z" },
  j: {
    threat: [
      { type: "ip", value: "10.0.0.1", score: 9 },
      { type: "domain", value: "bad.example", score: 2 },
    ],
  },
  k: { threat: [{ type: "ip", value: "bad.example", score: 1 }] },
  l: { path: "C:\\Tools\\run (1).exe", tags: ["what?", "a*b"] },
  m: { path: "/usr/bin/env && true", tags: ["AND", "fish AND chips"], message: "fish AND chips" },
  n: { severity: "low", name: "" },
  o: { severity: "medium", name: "null" },
  p: { severity: "high", name: "true" },
  q: { severity: "critical", name: "73" },
};
const FILLERS = 24;

/** Each text, and the documents it finds. */
const FOUND: Readonly<Record<string, readonly [text: string, ids: string][]>> = {
  "all and none": [
    ["kind: alert", "a b c d e f g h i j k l m n o p q"],
    ["kind: alert and *", "a b c d e f g h i j k l m n o p q"],
    ["not *", ""],
    ["unheard.of: x", ""],
    ["unheard.of: *", ""],
  ],
  keywords: [
    ["name: Failed Logon Burst", "a"],
    ['name: "Failed Logon"', "b"],
    ["name: Failed", ""],
    ["tags: windows", "c"],
    ["tags: (windows or Windows)", "b c"],
    ["tags: (Windows and T1110)", "b"],
    ["kind: alert and tags: * and not tags: (windows or Windows)", "l m"],
    ['path: "C:\\\\Tools\\\\run (1).exe"', "l"],
    ['name: "null"', "o"],
    ["name: true", "p"],
    ['name: ""', "n"],
  ],
  text: [
    ["message: failed", "a b"],
    ["message: brute logon", "a b"],
    ['message: "failed logon"', "b"],
    ['message: "failed log"', "a"],
    ['message: "logon failed"', ""],
    ["message: FORCE", "a c"],
    ["message: log*", "a b"],
    ["message: Bru*", "a"],
    ["message: one log*", "b"],
    ["message: fish AND ch*", "m"],
  ],
  "wildcards in keywords": [
    ["name: Failed*", "a b"],
    ["name: Failed Logon B*", "a"],
    ["name: *ogon", "b"],
    ["name: f*d*t", "c"],
    ["path: C\\:\\\\Tools\\\\*", "l"],
    ["path: *run \\(1\\).e*", "l"],
    ["path: *&\\u0026 t*", "m"],
    ["path: /usr/*", "m"],
    ["tags: what?*", "l"],
    ["tags: wha?t*", ""],
    ["tags: a\\**", "l"],
    ["tags: fish AND*", "m"],
  ],
  existence: [
    ["risk: *", "d e f"],
    ["host: *", "d e f"],
    ["host.cores: *", "d f"],
    ["host: * and not host.cores: *", "e"],
  ],
  "numbers and booleans": [
    ["risk: 73", "d"],
    ['risk: "73"', "d"],
    ["risk > 21", "d"],
    ["risk >= 21", "d e"],
    ["risk < 0", "f"],
    ["risk <= 21 and ratio: 1", "e"],
    ["ratio: 0.5", "d"],
    ["flag: true", "a"],
    ["flag: false", "b"],
  ],
  dates: [
    ["day: 2026-03-04", "g"],
    ['day: "2026-03-04"', "g"],
    ['day: "2026-03-05T00:00:00.000Z"', "h"],
    ["day > 2026-03-04", "h"],
    ["day >= 2026-03-04", "g h"],
    ["day < 2026-03-04", "i"],
    ["day <= 2026-03-04", "g i"],
    ["seen >= now-1d", "g"],
    ["seen < now-7d", "i"],
    ["seen >= now-2d/d and seen < now-2h", "h"],
  ],
  "addresses and networks": [
    ["host.ip: 10.20.30.40", "d"],
    ['host.ip: "10.0.0.0/8"', "d e"],
    ["host.ip: 10.20.0.0/16", "d"],
    ['host.ip: "2001:db8::/32"', "e"],
    ["host.ip: (10.20.30.40 or 192.168.0.0/16)", "d f"],
    ["host.ip >= 10.50.0.0 and host.ip < 11.0.0.0", "e"],
  ],
  "elements of arrays": [
    ["threat:{ type: ip and value: bad.example }", "k"],
    ["threat:{ type: ip and score > 5 }", "j"],
    ["threat:{ value: bad* }", "j k"],
    ["threat:{ not type: ip }", "j"],
    ["threat:{ domain }", "j"],
    ["threat:{ * }", "j k"],
    ["kind: alert and threat:{ type: * } and not threat:{ score < 2 }", "j"],
  ],
  "the scale of severities": [
    ["severity: high", "p"],
    ["severity >= high", "p q"],
    ["severity > high", "q"],
    ["severity <= medium", "n o"],
    ["severity > critical", ""],
  ],
  "fields by wildcard": [
    ["host.*: web-01", "d"],
    ["host.*: 21", "f"],
    ["host.*: 192.168.0.0/16", "f"],
    ["host.*: web*", "d e"],
    ["host.*: *", "d e f"],
    ["host.c* > 8", "f"],
    ["host.* >= web", "d e"],
    ["d*y > 2026-03-04", "h"],
    ["d*y <= 2026-03-04", "g i"],
    ["nothing.*: web-01", ""],
  ],
  "terms without a field": [
    ["web-01", "a d"],
    ["73", "d q"],
    ['"failed logon"', "b"],
    ["10.0.0.0/8", "d e"],
    ["web*", "a d e"],
    ["fish ch*", "m"],
    ["medium or critical", "o q"],
    ["kind: alert and not (web* or *ed* or *force*)", "f g h i j k l m n p q"],
  ],
};

describeEngines(testKql);

function testKql(engine: Engine): void {
  let server: SearchEngine;

  beforeAll(async () => {
    server = await startSearchEngine(engine);
    await fill();
  }, START_TIMEOUT);
  afterAll(async () => await server?.stop());

  async function ask(method: string, path: string, body: string) {
    const type = path.includes("_bulk") ? "x-ndjson" : "json";
    const headers = { "content-type": `application/${type}` };
    const answer = await fetch(`${server.url}${path}`, { method, headers, body });
    return { status: answer.status, body: (await answer.json()) as Answer };
  }

  async function fill(): Promise<void> {
    const made = await ask("PUT", "/kql", JSON.stringify({ mappings: MAPPING }));
    expect(made.status).toBe(200);
    const fillers = Array.from(
      { length: FILLERS },
      (_, n) => [`x${n}`, { kind: "filler" }] as const,
    );
    const alerts = Object.entries(DOCUMENTS).map(
      ([id, it]) => [id, { kind: "alert", ...it }] as const,
    );
    const lines = [...alerts, ...fillers].flatMap(([_id, document]) => [
      JSON.stringify({ index: { _id } }),
      JSON.stringify(document),
    ]);
    const filled = await ask("POST", "/kql/_bulk?refresh=true", `${lines.join("\n")}\n`);
    expect(filled.body).toMatchObject({ errors: false });
  }

  async function search(text: string) {
    const body = { query: toElasticsearchQuery(text), size: 100, _source: false };
    return await ask(
      "POST",
      "/kql/_search?allow_partial_search_results=false",
      JSON.stringify(body),
    );
  }

  async function find(text: string): Promise<string> {
    const { status, body } = await search(text);
    expect(status, JSON.stringify(body)).toBe(200);
    return body.hits.hits
      .map(({ _id }) => _id)
      .toSorted()
      .join(" ");
  }

  for (const [group, rows] of Object.entries(FOUND))
    describe(group, () => {
      it.each(rows)("%s", async (text, ids) => {
        expect(await find(text)).toBe(ids);
      });
    });

  describe("what the mapping forbids is refused", () => {
    it.each(["host:{ name: web-01 }", "risk: many", "risk: 7*", "host.ip: 10.*", "day > soon"])(
      "%s",
      async (text) => {
        expect((await search(text)).status).toBe(400);
      },
    );
  });
}

interface Answer {
  readonly hits: { readonly hits: readonly { readonly _id: string }[] };
}
