import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startElasticsearch, type FakeElasticsearch } from "../../../test/peers/elasticsearch.ts";
import { clusterOf, closeAll } from "../../elastic/cluster/testing/cluster.ts";
import type { Destination, Message, Verdict } from "../destination.ts";
import { aDigest, alertWith, contextWith, messageWith, sendingWith } from "../testing/messages.ts";
import { elasticsearch, type ElasticsearchConfig } from "./elasticsearch.ts";
import { createRender, showOperation } from "./render.ts";

const STREAM = "logs-tocsin.alerts-default";
const stream = { name: STREAM, isStream: true };
const index = { name: "alerts", isStream: false };

let peer: FakeElasticsearch;
beforeEach(async () => {
  peer = await startElasticsearch();
});
afterEach(async () => {
  await closeAll();
  await peer.close();
});

function destination(own: Partial<ElasticsearchConfig> = {}): Destination {
  const cluster = clusterOf({ url: peer.url });
  return elasticsearch.create(
    { cluster: "lab", ...own },
    contextWith({ cluster }).context,
  ) as Destination;
}

/** Sends them at the same time. */
async function send(to: Destination, messages: readonly Message[]): Promise<Verdict[]> {
  const { sending } = sendingWith();
  return await Promise.all(messages.map((each) => to.send(to.render(each), each, sending)));
}

const numbered = (number: number, change: Parameters<typeof alertWith>[0] = {}) =>
  messageWith({ key: `d_${number}`, alert: alertWith({ key: `key ${number}`, ...change }) });

/** Answers `_bulk` with these items in the place of the engine. */
function answerItems(items: readonly (readonly [status: number, type?: string])[]): void {
  peer.faults.misbehave((_received, response) => {
    const results = items.map(([status, type]) => {
      const error = type === undefined ? {} : { error: { type, reason: "because" } };
      return { create: { _index: STREAM, _id: "x", status, ...error } };
    });
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ took: 1, errors: true, items: results }));
  });
}

describe("a document", () => {
  it("renders its sample as before", () => {
    const sample = readFileSync(new URL("./samples/brute-force.json", import.meta.url), "utf8");
    const lines = showOperation(stream, createRender(stream)(messageWith())).text.split("\n");
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual(JSON.parse(sample));
  });

  it("has the alert's key as its id, and a hash where that is too long", () => {
    const idOf = (key: string) =>
      createRender(stream)(messageWith({ alert: alertWith({ key }) })).id;
    expect(idOf("é".repeat(256))).toBe("é".repeat(256));
    expect(idOf("é".repeat(257))).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(idOf("é".repeat(257))).not.toBe(idOf(`${"é".repeat(256)}e`));
  });

  it("is replaced by an update in an index, and followed by one in a data stream", () => {
    const update = messageWith({ kind: "update", key: "d~1", memory: "as it was created" });
    expect(createRender(index)(update)).toMatchObject({ kind: "index", id: "as it was created" });
    expect(createRender(index)({ ...update, memory: null })).toMatchObject({
      id: "kibana.alert.uuid:6f1c",
    });
    expect(createRender(stream)(update)).toMatchObject({ kind: "create", id: "d~1" });
  });

  it("of a digest never replaces that of its first alert", () => {
    const update = messageWith({ kind: "update", key: "d~1", memory: null, digest: aDigest() });
    expect(createRender(index)(update)).toMatchObject({ kind: "index", id: "d~1" });
  });

  it.each([
    ["reminder", { kind: "reminder" }],
    ["digest", { digest: aDigest() }],
  ] as const)("of a %s is one of its own", (_what, change) => {
    for (const target of [stream, index])
      expect(createRender(target)(messageWith(change))).toMatchObject({
        kind: "create",
        id: "d_01JTFYX3M0_7",
      });
  });

  it("says its data stream only where the name has the three parts", () => {
    const fieldsOf = (name: string) =>
      (
        JSON.parse(createRender({ name, isStream: true })(messageWith()).document) as {
          data_stream?: object;
        }
      ).data_stream;
    expect(fieldsOf("logs-soc.alerts-lab-1")).toEqual({
      type: "logs",
      dataset: "soc.alerts",
      namespace: "lab-1",
    });
    expect(fieldsOf("alerts")).toBeUndefined();
  });
});

describe("documents that are sent at the same time", () => {
  it("go out in one request", async () => {
    const verdicts = await send(
      destination(),
      [1, 2, 3].map((each) => numbered(each)),
    );
    expect(verdicts).toEqual(
      [1, 2, 3].map((each) => ({ kind: "delivered", status: 201, reference: `key ${each}` })),
    );
    expect(peer.received.map(({ path }) => path)).toEqual(["/_bulk"]);
  });

  it("are there once, however often they are sent", async () => {
    const to = destination();
    await send(to, [numbered(1)]);
    const again = await send(to, [numbered(1), numbered(2)]);
    expect(again).toMatchObject([
      { kind: "delivered", status: 409 },
      { kind: "delivered", status: 201 },
    ]);
    expect(peer.documents.map(({ _id }) => _id)).toEqual(["key 1", "key 2"]);
  });

  it("are refused each for itself", async () => {
    const event = { properties: { risk_score: { type: "long" } } };
    const template = { mappings: { properties: { event } } };
    peer.templates.set("strict", { index_patterns: [STREAM], data_stream: {}, template });
    const messages = [numbered(1), numbered(2, { risk_score: 7.5 }), numbered(3)];
    expect(await send(destination(), messages)).toMatchObject([
      { kind: "delivered" },
      { kind: "reject", reason: "rejected_by_peer", status: 400 },
      { kind: "delivered" },
    ]);
    expect(peer.documents.map(({ _id }) => _id)).toEqual(["key 1", "key 3"]);
  });

  it.each([
    [201, undefined, { kind: "delivered" }],
    [409, "version_conflict_engine_exception", { kind: "delivered" }],
    [429, "es_rejected_execution_exception", { kind: "retry", reason: "rate_limited" }],
    [503, "unavailable_shards_exception", { kind: "retry", reason: "server_error" }],
    [500, "exception", { kind: "retry", reason: "server_error" }],
    [403, "cluster_block_exception", { kind: "retry", reason: "server_error" }],
    [403, "security_exception", { kind: "reject", reason: "unauthorized" }],
    [404, "index_not_found_exception", { kind: "reject", reason: "not_found" }],
    [400, "document_parsing_exception", { kind: "reject", reason: "rejected_by_peer" }],
  ])("come to their own verdict at %i %s", async (status, type, wanted) => {
    answerItems([[201], type === undefined ? [status] : [status, type]]);
    const verdicts = await send(destination(), [numbered(1), numbered(2)]);
    expect(verdicts).toMatchObject([{ kind: "delivered" }, { ...wanted, status }]);
  });

  it("are sent in smaller requests when they are too large together", async () => {
    peer.misbehave(({ body }, response) => {
      if (body.split("\n").length <= 4) return false;
      response.writeHead(413).end();
      return true;
    });
    const verdicts = await send(
      destination(),
      [1, 2, 3].map((each) => numbered(each)),
    );
    expect(verdicts.map(({ kind }) => kind)).toEqual(["delivered", "delivered", "delivered"]);
    expect(peer.documents.map(({ _id }) => _id)).toEqual(["key 1", "key 2", "key 3"]);
  });

  it("are sent apart when the whole request cannot be read because of one", async () => {
    peer.misbehave(({ body }, response) => {
      if (!body.includes("key 2")) return false;
      response.writeHead(400, { "content-type": "application/json" });
      response.end('{"error":{"type":"illegal_argument_exception","reason":"odd"},"status":400}');
      return true;
    });
    const messages = [1, 2, 3].map((each) => numbered(each));
    const verdicts = await send(destination(), messages);
    expect(verdicts.map(({ kind }) => kind)).toEqual(["delivered", "reject", "delivered"]);
    expect(peer.documents.map(({ _id }) => _id)).toEqual(["key 1", "key 3"]);
  });

  it("are sent once in a try: when to try again is not for the client to say", async () => {
    let count = 0;
    peer.misbehave((_received, response) => {
      count += 1;
      response.destroy();
      return true;
    });
    expect(await send(destination(), [numbered(1)])).toMatchObject([{ kind: "retry" }]);
    expect(count).toBe(1);
  });

  it("are given up one by one when a single one is too large", async () => {
    peer.misbehave((_received, response) => response.writeHead(413).end() === response);
    const verdicts = await send(destination(), [numbered(1), numbered(2)]);
    expect(verdicts).toMatchObject([
      { kind: "reject", status: 413 },
      { kind: "reject", status: 413 },
    ]);
  });

  it("are all tried again when the cluster asks to wait", async () => {
    peer.misbehave((_received, response) => {
      response.writeHead(429, { "content-type": "application/json", "retry-after": "7" }).end("{}");
      return true;
    });
    const wanted = { kind: "retry", reason: "rate_limited", status: 429, after: 7000 };
    expect(await send(destination(), [numbered(1), numbered(2)])).toMatchObject([wanted, wanted]);
  });

  it("are all tried again when the cluster takes nothing", async () => {
    const error = { type: "cluster_block_exception", reason: "flood stage" };
    peer.misbehave((_received, response) => {
      response.writeHead(403, { "content-type": "application/json" });
      response.end(JSON.stringify({ error, status: 403 }));
      return true;
    });
    const verdicts = await send(destination(), [numbered(1), numbered(2)]);
    const wanted = { kind: "retry", reason: "server_error", status: 403 };
    expect(verdicts).toMatchObject([wanted, wanted]);
  });
});

it("tries again to replace a document that is being changed by another", async () => {
  peer.faults.misbehave((_received, response) => {
    const error = { type: "version_conflict_engine_exception", reason: "because" };
    const items = [{ index: { _index: "alerts", _id: "key 1", status: 409, error } }];
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ took: 1, errors: true, items }));
  });
  const update = { ...numbered(1), kind: "update" } as const;
  expect(await send(destination({ index: "alerts" }), [update])).toMatchObject([
    { kind: "retry", status: 409 },
  ]);
});

it("replaces the document of an alert in an index", async () => {
  const to = destination({ index: "alerts" });
  const [first] = await send(to, [numbered(1)]);
  const memory = first?.kind === "delivered" ? (first.reference ?? null) : null;
  await send(to, [{ ...numbered(1, { status: "closed" }), kind: "update", key: "d_1~1", memory }]);
  expect(peer.documents).toMatchObject([
    { _index: "alerts", _id: "key 1", _source: { tocsin: { status: "closed" } } },
  ]);
});

describe("what the cluster needs", () => {
  const look = async (install: boolean, own: Partial<ElasticsearchConfig> = {}) => {
    const findings = await destination(own).inspect?.({ install });
    return (findings ?? []).map(({ subject, state }) => `${state} ${subject}`);
  };

  it("is told, and installed when asked", async () => {
    expect(await look(false)).toEqual([
      "fine cluster lab",
      `fine privileges on ${STREAM}`,
      "missing lifecycle policy tocsin-alerts",
      `missing index template tocsin-${STREAM}`,
      `fine data stream ${STREAM}`,
    ]);
    expect(peer.templates.size + peer.policies.size).toBe(0);
    await look(true);
    expect(await look(false)).toEqual([
      "fine cluster lab",
      `fine privileges on ${STREAM}`,
      "fine lifecycle policy tocsin-alerts",
      `fine index template tocsin-${STREAM}`,
      `fine data stream ${STREAM}`,
    ]);
  });

  it("makes a data stream whose mapping takes what is sent", async () => {
    await look(true);
    expect(await send(destination(), [numbered(1)])).toMatchObject([{ kind: "delivered" }]);
    expect(peer.streams.get(STREAM)).toMatch(/^\.ds-/);
  });

  it("is less for an index: no policy and no stream", async () => {
    expect(await look(false, { index: "alerts" })).toEqual([
      "fine cluster lab",
      "fine privileges on alerts",
      "missing index template tocsin-alerts",
    ]);
  });

  it("says what lacks of the privileges, and what could not be read without them", async () => {
    peer.lacking.add(`create_doc on ${STREAM}`).add("manage_index_templates");
    const findings = (await destination().inspect?.({ install: false })) ?? [];
    expect(findings[1]).toMatchObject({ state: "missing", detail: "create_doc" });
    expect(findings[3]).toMatchObject({
      state: "unknown",
      hint: expect.stringContaining("manage_index_templates") as string,
    });
  });

  it("leaves alone what is somebody else's", async () => {
    const theirs = { index_patterns: [STREAM], template: {} };
    peer.templates.set(`tocsin-${STREAM}`, theirs);
    peer.policies.set("tocsin-alerts", { policy: { phases: {} } });
    expect(await look(true)).toContain(`wrong index template tocsin-${STREAM}`);
    expect(peer.templates.get(`tocsin-${STREAM}`)).toBe(theirs);
    expect(peer.policies.get("tocsin-alerts")).toEqual({ policy: { phases: {} } });
  });

  it("replaces an older template of ours when asked", async () => {
    const old = {
      index_patterns: [STREAM],
      template: {},
      _meta: { managed_by: "tocsin", version: 0 },
    };
    peer.templates.set(`tocsin-${STREAM}`, old);
    expect(await look(false)).toContain(`wrong index template tocsin-${STREAM}`);
    expect(await look(true)).toContain(`installed index template tocsin-${STREAM}`);
  });

  it("sees that an index is where the stream should be", async () => {
    peer.documents.push({ _index: STREAM, _id: "1", _source: {} });
    expect(await look(false)).toContain(`wrong data stream ${STREAM}`);
  });
});

describe("what OpenSearch needs", () => {
  beforeEach(async () => {
    await peer.close();
    peer = await startElasticsearch({ kind: "opensearch" });
  });

  it("has no lifecycle policy, and a template that asks for none", async () => {
    const findings = (await destination().inspect?.({ install: true })) ?? [];
    expect(findings.map(({ state }) => state)).toEqual([
      "fine",
      "fine",
      "unknown",
      "installed",
      "fine",
    ]);
    expect(findings[2]?.hint).toContain("ISM");
    expect(JSON.stringify([...peer.templates.values()])).not.toContain("lifecycle");
  });
});

it("takes a data stream or an index, not both, and no name that a cluster refuses", () => {
  const parse = (own: object) => elasticsearch.config.safeParse({ cluster: "lab", ...own }).success;
  expect(parse({})).toBe(true);
  expect(parse({ index: "alerts" })).toBe(true);
  expect(parse({ index: "alerts", data_stream: "logs-a-b" })).toBe(false);
  for (const index of ["Alerts", "_alerts", "a*", "a,b", "-a", ""])
    expect(parse({ index })).toBe(false);
});
