/** The search of a glance, and its answer read strictly. */
import { expect, it } from "vitest";
import type { JsonObject } from "../../receipt/json.ts";
import { glanceBody, readGlance, type GlanceRequest } from "./glance.ts";

const REQUEST: GlanceRequest = {
  index: "alerts",
  tracks: [
    {
      track: { name: "created", field: "@timestamp" },
      filters: [{ term: { kept: true } }],
      from: 1000,
      mark: 2000,
      to: 3000,
    },
  ],
  timeless: { without: "@timestamp", filter: [] },
};

const between = (gte: number, lt: number) => ({
  range: { "@timestamp": { gte, lt, format: "epoch_millis" } },
});

it("asks for numbers and no documents, and only for those that are counted", () => {
  const lacks = { bool: { filter: [], must_not: [{ exists: { field: "@timestamp" } }] } };
  const kept = { term: { kept: true } };
  expect(glanceBody(REQUEST)).toEqual({
    size: 0,
    track_total_hits: false,
    query: {
      bool: {
        should: [{ bool: { filter: [kept, between(1000, 3000)] } }, lacks],
        minimum_should_match: 1,
      },
    },
    aggs: {
      track_created: {
        filter: { bool: { filter: [kept] } },
        aggs: {
          known: { filter: between(1000, 2000) },
          fresh: {
            filter: between(2000, 3000),
            aggs: { times: { stats: { field: "@timestamp" } } },
          },
        },
      },
      timeless: {
        filter: lacks,
        aggs: {
          indices: {
            terms: { field: "_index", size: 10_000 },
            aggs: { numbers: { stats: { field: "_seq_no" } } },
          },
        },
      },
    },
  });
});

function answer() {
  const numbers = { count: 2, sum: 7, max: 5, min: 2, avg: 3.5 };
  return {
    aggregations: {
      track_created: { doc_count: 5, known: { doc_count: 3 }, fresh: { doc_count: 0 } },
      timeless: {
        doc_count: 2,
        indices: { sum_other_doc_count: 0, buckets: [{ key: "alerts-1", doc_count: 2, numbers }] },
      },
    },
  };
}

const read = (body: object) => readGlance(body as JsonObject, REQUEST, "cluster lab");

it("reads the numbers", () => {
  const { tracks, sequences } = read(answer());
  expect([...tracks]).toEqual([["created", { known: 3, fresh: 0 }]]);
  expect([...sequences]).toEqual([["alerts-1", { count: 2, sum: 7, last: 5 }]]);
});

it.each([
  ["a track", ["track_created"]],
  ["a region", ["track_created", "known"]],
  ["a count", ["track_created", "fresh", "doc_count"]],
  ["the indices", ["timeless", "indices"]],
  ["how many indices were left out", ["timeless", "indices", "sum_other_doc_count"]],
  ["the name of an index", ["timeless", "indices", "buckets", "0", "key"]],
  ["the numbers of an index", ["timeless", "indices", "buckets", "0", "numbers"]],
])("takes an answer without %s for none", (_what, path) => {
  const body = answer();
  spoil(body.aggregations, path, undefined);
  expect(() => read(body)).toThrow(/counting in alerts: the answer lacks a number/);
});

it.each([
  ["half a document", ["track_created", "fresh", "doc_count"], 0.5],
  ["indices that were left out", ["timeless", "indices", "sum_other_doc_count"], 1],
  ["no highest number", ["timeless", "indices", "buckets", "0", "numbers", "max"], null],
])("takes an answer with %s for none", (_what, path, value) => {
  const body = answer();
  spoil(body.aggregations, path, value);
  expect(() => read(body)).toThrow(/counting in alerts: the answer lacks a number/);
});

/** Sets what stands at a path. */
function spoil(object: object, path: readonly string[], value: unknown): void {
  const [name = "", ...rest] = path;
  const below: unknown = Reflect.get(object, name);
  if (rest.length === 0 || typeof below !== "object" || below === null)
    Reflect.set(object, name, value);
  else spoil(below, rest, value);
}

it("takes an answer without any numbers for none", () => {
  expect(() => read({})).toThrow(/lacks a number/);
});
