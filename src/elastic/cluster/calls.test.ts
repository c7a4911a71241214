/** What the calls send, and what they make of answers; real engines judge them in `test/servers`. */
import { afterEach, describe, expect, it } from "vitest";
import { startPeer, type Peer } from "../../../test/peers/peer.ts";
import type { ElasticCluster } from "./cluster.ts";
import { clusterOf, closeAll, failureOf, keep } from "./testing/cluster.ts";

afterEach(closeAll);

const SHARDS = { total: 1, successful: 1, failed: 0 };
const missing = { error: { type: "index_not_found_exception", reason: "no such index [x]" } };

/** A cluster that answers everything like this. */
async function answering(
  body: unknown,
  status = 200,
): Promise<{ peer: Peer; lab: ElasticCluster }> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const peer = keep(await startPeer((_, response) => void response.writeHead(status).end(text)));
  return { peer, lab: clusterOf(peer) };
}

const sentTo = ({ received }: Peer) => {
  const [first] = received;
  return [first?.method, first?.path, first?.headers["content-type"], first?.body];
};

describe("info", () => {
  it("is asked until it is known, and never again", async () => {
    let requests = 0;
    const answers = [500, 200].map((status) => ({
      status,
      body: '{"version":{"number":"8.1.0"}}',
    }));
    const peer = keep(
      await startPeer((_, response) => {
        const { status, body } = answers[requests++] ?? { status: 500, body: "" };
        response.writeHead(status).end(body);
      }),
    );
    const lab = clusterOf(peer);
    expect((await failureOf(lab.info())).data).toMatchObject({ status: 500 });
    expect(await lab.info()).toEqual({ version: "8.1.0", flavour: "elasticsearch" });
    expect(await lab.info()).toEqual({ version: "8.1.0", flavour: "elasticsearch" });
    expect(requests).toBe(2);
  });
});

describe("a search", () => {
  it("sends its body as it is and gives the whole answer", async () => {
    const answer = { _shards: SHARDS, hits: { hits: [] }, aggregations: { n: { value: 1 } } };
    const { peer, lab } = await answering(answer);
    expect(await lab.search({ index: "a-*,b", body: { size: 0 } })).toEqual(answer);
    const path = "/a-*%2Cb/_search";
    expect(sentTo(peer)).toEqual(["POST", path, "application/json", '{"size":0}']);
  });

  it.each([
    [{ _shards: { total: 2, failed: 1 } }, "REQUEST_FAILED", /only a part of the shards/],
    [{ _shards: SHARDS, timed_out: true }, "REQUEST_FAILED", /only a part of the shards/],
    [{ _shards: { total: 0, failed: 0 } }, "NOT_FOUND", /there is no such index/],
    ["<html>", "REQUEST_FAILED", /not that of Elasticsearch/],
  ])("takes %j for no answer", async (body, code, message) => {
    const { lab } = await answering(body);
    const error = await failureOf(lab.search({ index: "logs", body: {} }));
    expect(error).toMatchObject({ code, component: "cluster lab" });
    expect(error.message).toMatch(/^searching logs: /);
    expect(error.message).toMatch(message);
  });

  it("that is longer than one may be is an error", async () => {
    const { peer } = await answering({ _shards: SHARDS, text: "x".repeat(2000) });
    const lab = clusterOf({ url: peer.url, longestAnswer: 1000 });
    const error = await failureOf(lab.search({ index: "logs", body: {} }));
    expect(error.message).toMatch(/longer than one may be/);
  });

  it.each(["", "..", "  "])("of the index %j is not sent", async (index) => {
    const { peer, lab } = await answering({});
    expect((await failureOf(lab.search({ index, body: {} }))).code).toBe("REQUEST_INVALID");
    expect(peer.received).toEqual([]);
  });
});

describe("a count", () => {
  it("is that of all shards", async () => {
    const { peer, lab } = await answering({ count: 7, _shards: SHARDS });
    expect(await lab.count({ index: "logs", query: { match_all: {} } })).toBe(7);
    const body = '{"query":{"match_all":{}}}';
    expect(sentTo(peer)).toEqual(["POST", "/logs/_count", "application/json", body]);
  });

  it("of some shards is none", async () => {
    const { lab } = await answering({ count: 7, _shards: { total: 2, failed: 1 } });
    const error = await failureOf(lab.count({ index: "logs", query: {} }));
    expect(error.code).toBe("REQUEST_FAILED");
  });
});

describe("a bulk", () => {
  it("is sent as lines and has a verdict for each operation", async () => {
    const error = { type: "version_conflict_engine_exception", reason: "[1]: conflict" };
    const items = [{ create: { status: 201 } }, { delete: { status: 409, error } }];
    const { peer, lab } = await answering({ errors: true, items });
    const verdicts = await lab.bulk(
      [
        { kind: "create", index: "a", id: "1", document: { n: 1 } },
        { kind: "delete", index: "a", id: "2", seqNo: 5, primaryTerm: 1 },
      ],
      { refresh: true },
    );
    const words = "version_conflict_engine_exception: [1]: conflict";
    expect(verdicts).toEqual([
      { status: 201, error: null },
      { status: 409, error: words },
    ]);
    const lines = [
      '{"create":{"_index":"a","_id":"1"}}',
      '{"n":1}',
      '{"delete":{"_index":"a","_id":"2","if_seq_no":5,"if_primary_term":1}}',
    ];
    const body = `${lines.join("\n")}\n`;
    expect(sentTo(peer)).toEqual(["POST", "/_bulk?refresh=true", "application/x-ndjson", body]);
  });

  it("of nothing is not sent", async () => {
    const { peer, lab } = await answering({});
    expect(await lab.bulk([])).toEqual([]);
    expect(peer.received).toEqual([]);
  });

  it("with fewer verdicts than operations is an error", async () => {
    const { lab } = await answering({ items: [] });
    const operation = { kind: "create", index: "a", id: "1", document: {} } as const;
    expect((await failureOf(lab.bulk([operation]))).message).toMatch(/^writing to a: the answer/);
  });
});

describe("an index request", () => {
  const stored = { _index: "alerts-000001", _id: "x/1" };

  it.each([
    [undefined, "POST", "/alerts/_doc"],
    ["x/1", "PUT", "/alerts/_doc/x%2F1"],
  ])("with the id %s says where the document is", async (id, method, path) => {
    const { peer, lab } = await answering(stored, 201);
    const request = { index: "alerts", document: { n: 1 }, ...(id !== undefined && { id }) };
    expect(await lab.index(request)).toEqual({ index: "alerts-000001", id: "x/1" });
    expect(sentTo(peer)).toEqual([method, path, "application/json", '{"n":1}']);
  });

  it("with an id that would be another path is not sent", async () => {
    const { peer, lab } = await answering(stored);
    const error = await failureOf(lab.index({ index: "alerts", id: "..", document: {} }));
    expect(error.code).toBe("REQUEST_INVALID");
    expect(peer.received).toEqual([]);
  });

  it("that is refused is told the privilege", async () => {
    const { lab } = await answering({ error: { type: "security_exception" } }, 403);
    const error = await failureOf(lab.index({ index: "alerts", document: {} }));
    expect(error).toMatchObject({ code: "CLUSTER_REFUSED", data: { status: 403 } });
    expect(error.hint).toMatch(/privilege write on alerts$/);
  });
});

describe("a list of indices", () => {
  it("has their names and how many documents they say they have", async () => {
    const rows = [
      { index: "a", "docs.count": "12" },
      { index: "b", "docs.count": null },
    ];
    const { lab } = await answering(rows);
    expect(await lab.listIndices("a,b")).toEqual([
      { name: "a", documents: 12 },
      { name: "b", documents: null },
    ]);
  });

  it("is empty where there are none", async () => {
    expect(await (await answering([])).lab.listIndices("x-*")).toEqual([]);
    expect(await (await answering(missing, 404)).lab.listIndices("x")).toEqual([]);
  });

  it("is none where the path is not answered", async () => {
    const { lab } = await answering({ error: "no" }, 404);
    expect(await failureOf(lab.listIndices("x"))).toMatchObject({ code: "CLUSTER_REFUSED" });
  });
});

describe("types of fields", () => {
  it("are those of all indices", async () => {
    const fields = { "host.name": { keyword: {}, text: {} }, host: { object: {} } };
    const { peer, lab } = await answering({ indices: ["a"], fields });
    const types = await lab.fieldTypes("a", ["host.name", "@timestamp"]);
    expect([...types]).toEqual([
      ["host.name", ["keyword", "text"]],
      ["host", ["object"]],
    ]);
    expect(peer.received[0]?.path).toBe("/a/_field_caps?fields=host.name,%40timestamp");
  });

  it.each([
    [{ indices: [], fields: {} }, 200, "NOT_FOUND"],
    [missing, 404, "NOT_FOUND"],
    [{ indices: ["a"], fields: {}, failed_indices: 1 }, 200, "REQUEST_FAILED"],
  ])("are not known of %j", async (body, status, code) => {
    const { lab } = await answering(body, status);
    expect((await failureOf(lab.fieldTypes("x", ["f"]))).code).toBe(code);
  });
});

const unknownPath = { error: "no handler found for uri [/_security/…] and method [POST]" };
const asIndex = { error: { type: "invalid_index_name_exception", reason: "[_license]" } };

describe("a licence", () => {
  it("is told by its type", async () => {
    expect(await (await answering({ license: { type: "gold" } })).lab.license()).toBe("gold");
  });

  it.each([
    [asIndex, 400],
    [unknownPath, 400],
    [{ error: {} }, 403],
    [unknownPath, 405],
  ])("is not known of %j with %i", async (body, status) => {
    expect(await (await answering(body, status)).lab.license()).toBeNull();
  });

  it("is not said to be none by a cluster that refuses the credentials", async () => {
    const { lab } = await answering({ error: {} }, 401);
    expect((await failureOf(lab.license())).code).toBe("CLUSTER_REFUSED");
  });
});

describe("privileges", () => {
  const wanted = { cluster: ["monitor"], indices: [{ names: ["a-*"], privileges: ["read"] }] };

  it("are those that the user has and lacks", async () => {
    const answer = {
      username: "reader",
      cluster: { monitor: false },
      index: { "a-*": { read: true } },
    };
    const { peer, lab } = await answering(answer);
    const granted = await lab.privileges(wanted);
    expect(granted?.user).toBe("reader");
    expect(granted?.cluster.get("monitor")).toBe(false);
    expect(granted?.indices.get("a-*")?.get("read")).toBe(true);
    expect(JSON.parse(peer.received[0]?.body ?? "")).toEqual({
      cluster: ["monitor"],
      index: [{ names: ["a-*"], privileges: ["read"] }],
    });
  });

  it.each([asIndex, unknownPath])("are none where the answer is %j", async (body) => {
    expect(await (await answering(body, 400)).lab.privileges(wanted)).toBeNull();
  });

  it("that do not exist are an error", async () => {
    const error = { type: "illegal_argument_exception", reason: "unknown cluster privilege [x]" };
    const { lab } = await answering({ error }, 400);
    expect((await failureOf(lab.privileges(wanted))).message).toMatch(/unknown cluster privilege/);
  });
});
