/** Reading ranges from a fake engine that is strict about points in time and order. */
import { afterEach, describe, expect, it } from "vitest";
import {
  startElasticsearch,
  type FakeElasticsearch,
  type FakeOptions,
} from "../../../test/peers/elasticsearch.ts";
import type { EngineKind, StoredDocument } from "../../../test/peers/elasticsearch-search.ts";
import type { ElasticHit, RangeRequest } from "./cluster.ts";
import { clusterOf, closeAll, failureOf, keep } from "./testing/cluster.ts";

afterEach(closeAll);

const NOON = Date.parse("2026-05-05T12:00:00Z");
const ONE_HOUR = { index: "alerts", since: NOON, until: NOON + 3_600_000 };
const KINDS: readonly EngineKind[] = [
  "elasticsearch",
  "elasticsearch-bare",
  "opensearch",
  "opensearch-2",
];

function documentAt(id: string, time: number, index = "alerts"): StoredDocument {
  return { _index: index, _id: id, _source: { "@timestamp": new Date(time).toISOString(), id } };
}

/** Ids that sort in another way than they were written. */
function sameTime(count: number): StoredDocument[] {
  return Array.from({ length: count }, (_, n) => documentAt(`d${(n * 7919) % count}`, NOON));
}

async function engine(options: FakeOptions): Promise<FakeElasticsearch> {
  return keep(await startElasticsearch(options));
}

async function readAll(
  url: string,
  request: RangeRequest,
  onPage?: (page: number) => void,
): Promise<ElasticHit[]> {
  const hits: ElasticHit[] = [];
  let page = 0;
  for await (const each of clusterOf({ url }).readRange(request)) {
    hits.push(...each);
    onPage?.(++page);
  }
  return hits;
}

const idsOf = (hits: readonly ElasticHit[]) => hits.map(({ _id }) => _id);

describe.each(KINDS)("a range of %s", (kind) => {
  it("gives every document of one time once, over many pages", async () => {
    const { url, open } = await engine({ kind, documents: sameTime(250) });
    const ids = idsOf(await readAll(url, { ...ONE_HOUR, pageSize: 10 }));
    expect(ids).toHaveLength(250);
    expect(new Set(ids).size).toBe(250);
    expect(open.size).toBe(0);
  });

  it("gives the oldest first, with its first moment and without its last", async () => {
    const at = (minutes: number) => documentAt(`m${minutes}`, NOON + minutes * 60_000);
    const documents = [60, 59, 30, -1, 0, 61].map(at);
    const { url } = await engine({ kind, documents });
    const hits = await readAll(url, { ...ONE_HOUR, pageSize: 2 });
    expect(idsOf(hits)).toEqual(["m0", "m30", "m59"]);
    expect(hits[0]).toEqual({
      _index: "alerts",
      _id: "m0",
      time: NOON,
      _source: { "@timestamp": "2026-05-05T12:00:00.000Z", id: "m0" },
    });
  });

  it("tells documents of one id in two indices apart", async () => {
    const documents = ["alerts-a", "alerts-b"].flatMap((index) =>
      ["1", "2", "3"].map((id) => documentAt(id, NOON, index)),
    );
    const { url } = await engine({ kind, documents });
    const hits = await readAll(url, { ...ONE_HOUR, index: "alerts-*", pageSize: 1 });
    expect(new Set(hits.map((hit) => `${hit._index}/${hit._id}`)).size).toBe(6);
    expect(hits).toHaveLength(6);
  });

  it("says which index is not there", async () => {
    const { url } = await engine({ kind });
    const error = await failureOf(readAll(url, { ...ONE_HOUR, index: "alrets" }));
    expect(error).toMatchObject({ code: "NOT_FOUND", component: "cluster lab" });
    expect(error.message).toMatch(/^reading alrets: there is no such index/);
    expect(error.hint).toMatch(/check its name/);
  });

  it("says so when a pattern finds no index", async () => {
    const { url, open } = await engine({ kind });
    const error = await failureOf(readAll(url, { ...ONE_HOUR, index: "alrets-*" }));
    expect(error).toMatchObject({ code: "NOT_FOUND", data: { reason: "index_missing" } });
    expect(open.size).toBe(0);
  });

  it("gives nothing for a range without documents", async () => {
    const { url } = await engine({ kind, documents: [documentAt("1", NOON - 1)] });
    expect(await readAll(url, ONE_HOUR)).toEqual([]);
  });
});

describe.each(["elasticsearch", "opensearch", "opensearch-2"] as const)(
  "a point in time of %s",
  (kind) => {
    it("is closed when the consumer stops early", async () => {
      const fake = await engine({ kind, documents: sameTime(30) });
      for await (const page of clusterOf(fake).readRange({ ...ONE_HOUR, pageSize: 10 })) {
        expect(page).toHaveLength(10);
        expect(fake.open.size).toBe(1);
        break;
      }
      expect(fake.open.size).toBe(0);
    });

    it("is closed when the consumer throws", async () => {
      const fake = await engine({ kind, documents: sameTime(30) });
      const stop = () => {
        throw new RangeError("enough");
      };
      await expect(readAll(fake.url, ONE_HOUR, stop)).rejects.toThrow("enough");
      expect(fake.open.size).toBe(0);
    });

    it("does not see what is written meanwhile", async () => {
      const fake = await engine({ kind, documents: sameTime(20) });
      const write = (page: number) => fake.documents.push(documentAt(`new${page}`, NOON + 1));
      expect(await readAll(fake.url, { ...ONE_HOUR, pageSize: 10 }, write)).toHaveLength(20);
    });

    it("that is forgotten in the middle is opened again, and no document is lost or doubled", async () => {
      const documents = [...sameTime(95), documentAt("late", NOON + 1), documentAt("z", NOON + 2)];
      const fake = await engine({ kind, documents });
      const expire = (page: number) => [2, 5, 8].includes(page) && fake.expire();
      const ids = idsOf(await readAll(fake.url, { ...ONE_HOUR, pageSize: 10 }, expire));
      expect(ids).toHaveLength(97);
      expect(new Set(ids).size).toBe(97);
      expect(ids.slice(-2)).toEqual(["late", "z"]);
      expect(fake.open.size).toBe(0);
    });

    it("that is forgotten at once again and again is an error", async () => {
      const fake = await engine({ kind, documents: sameTime(30) });
      fake.misbehave(({ path }) => {
        if (path === "/_search" && fake.searches.length > 0) fake.expire();
        return false;
      });
      const error = await failureOf(readAll(fake.url, { ...ONE_HOUR, pageSize: 10 }));
      expect(error.message).toMatch(/search_context_missing_exception/);
    });
  },
);

it("does not wait for a cluster that hangs to forget a point in time", async () => {
  const fake = await engine({ documents: sameTime(1) });
  const stop = new AbortController();
  fake.misbehave(({ method, path }) => {
    if (path === "/_search") stop.abort();
    return method === "DELETE" || path === "/_search";
  });
  const reader = clusterOf({ url: fake.url, timeout: 60_000 });
  const read = async () => {
    for await (const page of reader.readRange({ ...ONE_HOUR, signal: stop.signal }))
      expect.unreachable(`${page.length} hits`);
  };
  expect((await failureOf(read())).message).toMatch(/cancelled/);
});

it("opens nothing before the first page is asked for", async () => {
  const { url, received } = await engine({ documents: sameTime(1) });
  clusterOf({ url }).readRange(ONE_HOUR);
  expect(received).toEqual([]);
});

it("reads without a point in time where the credentials grant none", async () => {
  const fake = await engine({ kind: "opensearch-2", documents: sameTime(30) });
  fake.misbehave(({ path }, response) => {
    if (path.endsWith("/_search")) return false;
    response.writeHead(403, { "content-type": "application/json" });
    response.end('{"error":{"type":"security_exception","reason":"no permissions"}}');
    return true;
  });
  expect(await readAll(fake.url, { ...ONE_HOUR, pageSize: 7 })).toHaveLength(30);
});

it("asks for smaller pages when one is too long to be read", async () => {
  const documents = sameTime(64).map((each) => ({
    ...each,
    _source: { ...each._source, text: "x".repeat(5000) },
  }));
  const fake = await engine({ documents });
  const reader = clusterOf({ url: fake.url, longestAnswer: 50_000 });
  const ids: string[] = [];
  for await (const page of reader.readRange(ONE_HOUR)) ids.push(...idsOf(page));
  expect(new Set(ids).size).toBe(64);
  expect(ids).toHaveLength(64);
});

it("ends with an error at a document that is too long by itself", async () => {
  const [one] = sameTime(1);
  const long = { ...one!, _source: { ...one!._source, text: "x".repeat(60_000) } };
  const fake = await engine({ documents: [long] });
  const reader = clusterOf({ url: fake.url, longestAnswer: 50_000 });
  const read = async () => {
    for await (const page of reader.readRange(ONE_HOUR)) expect.unreachable(`${page.length} hits`);
  };
  const error = await failureOf(read());
  expect(error.message).toMatch(/one document is longer/);
  expect(fake.open.size).toBe(0);
});

it("gives a document that is too long by itself without its content where that is asked for", async () => {
  const long = { text: "x".repeat(60_000) };
  const documents = Array.from({ length: 40 }, (_, n) => {
    const each = documentAt(`d${n}`, NOON + n);
    return n === 7 ? { ...each, _source: { ...each._source, ...long } } : each;
  });
  const fake = await engine({ documents });
  const reader = clusterOf({ url: fake.url, longestAnswer: 50_000 });
  const hits: ElasticHit[] = [];
  for await (const page of reader.readRange({ ...ONE_HOUR, tooLong: "empty" })) hits.push(...page);
  expect(idsOf(hits)).toEqual(documents.map(({ _id }) => _id));
  expect(hits.filter(({ cut }) => cut)).toEqual([
    { _index: "alerts", _id: "d7", _source: {}, time: NOON + 7, cut: true },
  ]);
  // Whatever comes behind it is asked for in larger pages again.
  expect(fake.searches.at(-1)?.["size"]).toBeGreaterThan(4);
  expect(fake.open.size).toBe(0);
});

it.each([
  [
    "a shard failed",
    { _shards: { total: 2, failed: 1, failures: [{ reason: { type: "circuit" } }] } },
  ],
  ["the time was over", { timed_out: true, _shards: { total: 2, failed: 0 } }],
  ["a remote cluster was left out", { _shards: { total: 2 }, _clusters: { skipped: 1 } }],
])("gives no page as whole when %s", async (_what, answer) => {
  const fake = await engine({ documents: sameTime(3) });
  fake.misbehave(({ path }, response) => {
    if (path !== "/_search") return false;
    response.end(JSON.stringify({ hits: { hits: [] }, ...answer }));
    return true;
  });
  const error = await failureOf(readAll(fake.url, ONE_HOUR));
  expect(error.message).toMatch(/only a part of the shards answered/);
  expect(fake.open.size).toBe(0);
});

it("refuses a hit without its document", async () => {
  const fake = await engine({ documents: sameTime(1) });
  fake.misbehave(({ path }, response) => {
    if (path !== "/_search") return false;
    const hit = { _index: "alerts", _id: "1", sort: [NOON, 1] };
    response.end(JSON.stringify({ _shards: { total: 1, failed: 0 }, hits: { hits: [hit] } }));
    return true;
  });
  expect((await failureOf(readAll(fake.url, ONE_HOUR))).message).toMatch(/no _source/);
});

it("encodes the index and passes the field names on", async () => {
  const fake = await engine({ documents: [documentAt("1", NOON, "a/b,c:d")] });
  const request = { ...ONE_HOUR, index: "a/b*", fields: ["host.*"], timeField: "id" };
  expect(await readAll(fake.url, request)).toEqual([]);
  expect(fake.received[0]?.path).toMatch(/^\/a%2Fb\*\/_pit\?/);
  expect(fake.searches[0]).toMatchObject({
    fields: ["host.*"],
    sort: [{ id: { order: "asc" } }, { _shard_doc: "asc" }],
  });
});

it.each(["", " ", ".", ".."])("refuses %j as an index", async (index) => {
  const { url, received } = await engine({});
  expect((await failureOf(readAll(url, { ...ONE_HOUR, index }))).code).toBe("REQUEST_INVALID");
  expect(received).toEqual([]);
});

describe("a range", () => {
  const documents = [
    {
      ...documentAt("a", NOON),
      _source: { "@timestamp": "2026-05-05T12:00:00Z", kind: "x", n: 1 },
    },
    {
      ...documentAt("b", NOON),
      _source: { "@timestamp": "2026-05-05T12:00:01Z", kind: "y", n: 2 },
    },
  ];

  it("leaves out what does not fit the filter", async () => {
    const { url } = await engine({ documents });
    const filter = [{ term: { kind: "y" } }];
    expect(idsOf(await readAll(url, { ...ONE_HOUR, filter }))).toEqual(["b"]);
  });

  it.each([
    [["n"], { n: 1 }],
    [[], {}],
  ])("gives only %j of the documents where that is asked for", async (source, _source) => {
    const { url } = await engine({ documents });
    expect(await readAll(url, { ...ONE_HOUR, source })).toMatchObject([{ _source }, { _id: "b" }]);
    expect((await readAll(url, { ...ONE_HOUR, source }))[0]?._source).toEqual(_source);
  });

  it("gives the versions of documents where they are asked for", async () => {
    const { url } = await engine({ documents });
    const hits = await readAll(url, { ...ONE_HOUR, versions: true });
    expect(hits).toMatchObject([{ seqNo: 0, primaryTerm: 1 }, { seqNo: 1 }]);
    expect(await readAll(url, ONE_HOUR)).not.toMatchObject([{ seqNo: 0 }, { seqNo: 1 }]);
  });

  it("takes no hit without the version that was asked for", async () => {
    const fake = await engine({ documents });
    fake.misbehave(({ path }, response) => {
      if (path !== "/_search") return false;
      const hit = { _index: "alerts", _id: "a", _source: {}, sort: [NOON, 1] };
      response.end(JSON.stringify({ _shards: { total: 1, failed: 0 }, hits: { hits: [hit] } }));
      return true;
    });
    const error = await failureOf(readAll(fake.url, { ...ONE_HOUR, versions: true }));
    expect(error.message).toMatch(/no version/);
  });
});

describe.each(KINDS)("a sequence of %s", (kind) => {
  const timeless = (id: string, number: number): StoredDocument => ({
    _index: "actions",
    _id: id,
    _seq_no: number,
    _source: { id },
  });

  async function readSequence(fake: FakeElasticsearch, after: number, onPage?: () => void) {
    const hits: ElasticHit[] = [];
    const request = { index: "actions", after, without: "@timestamp", pageSize: 10 };
    for await (const page of clusterOf(fake).readSequence(request)) {
      hits.push(...page);
      onPage?.();
    }
    return hits;
  }

  it("gives documents without the field, by their numbers, with their versions", async () => {
    const timed = { ...documentAt("t", NOON, "actions"), _seq_no: 1 };
    const documents = [timeless("c", 7), timed, timeless("a", 0), timeless("b", 3)];
    const fake = await engine({ kind, documents });
    const hits = await readSequence(fake, -1);
    expect(hits.map(({ _id, seqNo }) => [_id, seqNo])).toEqual([
      ["a", 0],
      ["b", 3],
      ["c", 7],
    ]);
    expect(hits[0]).toMatchObject({ primaryTerm: 1, time: Number.NaN });
    expect(fake.open.size).toBe(0);
  });

  it("gives what comes after a number", async () => {
    const documents = [timeless("a", 0), timeless("b", 3), timeless("c", 7)];
    const fake = await engine({ kind, documents });
    expect(idsOf(await readSequence(fake, 3))).toEqual(["c"]);
    expect(await readSequence(fake, 7)).toEqual([]);
  });

  it("gives every document of one number once, as several shards may have, over many pages", async () => {
    const documents = Array.from({ length: 95 }, (_, n) => timeless(`d${n}`, Math.floor(n / 40)));
    const fake = await engine({ kind, documents });
    let pages = 0;
    const ids = idsOf(await readSequence(fake, -1, () => void (++pages === 3 && fake.expire())));
    expect(ids).toHaveLength(95);
    expect(new Set(ids).size).toBe(95);
  });
});
