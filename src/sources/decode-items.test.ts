import { describe, expect, it } from "vitest";
import { z } from "zod";
import { fail } from "../errors.ts";
import { createRandom, pick } from "../receipt/testing/mutate.ts";
import { decodeInTurns, decodeItems } from "./decode-items.ts";
import { sources } from "./index.ts";
import { isObject } from "./read.ts";
import { defineSource, REJECT_REASONS } from "./source.ts";
import type { Decoded, DecodedEvent, JsonObject, JsonValue, SourceDefinition } from "./source.ts";

const anEvent = (document: JsonObject, more: Partial<DecodedEvent> = {}): DecodedEvent => ({
  stream: "rule",
  key: null,
  document,
  ...more,
});

const rejected = { reason: "not_an_alert", detail: "", bytes: Buffer.from("x") } as const;

const NOTHING = (): Decoded => ({ events: [], rejected: [] });

const BEHAVIOURS: Readonly<Record<string, (document: JsonObject) => Decoded>> = {
  same: (document) => ({ events: [anEvent(document, { key: "k:1", version: "v" })], rejected: [] }),
  hits: (document) => ({
    events: [anEvent({ ...document, n: 0 }), anEvent({ ...document, n: 1 }, { key: "k:2" })],
    rejected: [rejected, { ...rejected, key: "own:1" }],
  }),
  none: () => ({ events: [], rejected: [], empty: "no_hits" }),
  nothing: NOTHING,
  throw: () => {
    throw new TypeError("x is not a function");
  },
  limit: () => {
    throw fail("LIMIT_EXCEEDED", { component: "ingest", message: "too much" });
  },
  broken: () => ({ events: [anEvent(undefined as unknown as JsonObject)], rejected: [] }),
};

/** A source that does with a document what its member `do` says. */
const source = defineSource({
  kind: "test",
  vendor: "Test",
  summary: "",
  config: z.object({}),
  decode(document: JsonValue) {
    const { do: name } = document as JsonObject;
    const behaviour = typeof name === "string" ? BEHAVIOURS[name] : undefined;
    return (behaviour ?? NOTHING)(document as JsonObject);
  },
  normalise() {
    throw new TypeError("not used");
  },
});

const anItem = (id: string, document: JsonObject) => ({ name: `es:i/${id}`, at: null, document });
const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();

function decode(documents: readonly JsonObject[], limits: object = {}) {
  const items = documents.map((document, index) => anItem(String(index), document));
  return decodeItems(source, { config: {}, name: "s" }, items, { limits });
}

/** Arrays in each other, built without recursion. */
function nest(levels: number): JsonValue {
  let value: JsonValue = [];
  for (let level = 1; level < levels; level += 1) value = [value];
  return value;
}

describe("decoding the items of a feed", () => {
  it("keeps the source's key and version, and the document as the body", () => {
    const { events, rejected: others, empty } = decode([{ do: "same" }]);
    expect(events).toMatchObject([
      { stream: "rule", key: "k:1", window: null, version: "v", repaired: [] },
    ]);
    expect(text(events[0]?.body)).toBe('{"do":"same"}');
    expect([others, empty]).toEqual([[], undefined]);
  });

  it("names what has no key after its item, and by its place in it", () => {
    const decoded = decode([{ do: "none" }, { do: "hits" }]);
    expect(decoded.events.map(({ key, window }) => [key, window])).toEqual([
      ["es:i/1#0", null],
      ["k:2", null],
    ]);
    expect(decoded.rejected.map(({ key }) => key)).toEqual(["es:i/1!0", "own:1"]);
    expect(decoded.events.map(({ body }) => text(body))).toEqual([
      '{"do":"hits","n":0}',
      '{"do":"hits","n":1}',
    ]);
    expect(decoded.empty).toBeUndefined();
  });

  it("bounds the names of long items, and still tells what is in them apart", () => {
    const item = anItem("x".repeat(300), { do: "hits" });
    const context = { config: {}, name: "s" };
    const { events, rejected: others } = decodeItems(source, context, [item]);
    const keys = [events[0]?.key, others[0]?.key];
    for (const key of keys) expect(key).toMatch(/^es:sha256-[0-9a-f]{64}$/);
    expect(keys[0]).not.toBe(keys[1]);
  });

  it.each([
    ["throw", "unreadable", "decode failed: x is not a function"],
    ["limit", "unreadable", "decode failed: too much"],
    ["broken", "unreadable", expect.stringMatching(/^decode failed: /)],
    ["nothing", "not_an_alert", "no alert was found in it"],
  ])("rejects an item whole whose source does: %s", (name, reason, detail) => {
    const { events, rejected: others } = decode([{ do: "same" }, { do: name }, { do: "same" }]);
    expect(events).toHaveLength(2);
    expect(others).toEqual([{ reason, detail, key: "es:i/1!0", bytes: expect.anything() }]);
    expect(text(others[0]?.bytes)).toBe(`{"do":"${name}"}`);
  });

  it("rejects an item that is nested too deep, with its bytes, however deep that is", () => {
    const { events, rejected: others } = decode([
      { do: "same", a: nest(63) },
      { do: "same", a: nest(64) },
      { do: "same", a: nest(100_000), b: { c: [1, '"', null, { d: [] }] } },
    ]);
    expect(events).toHaveLength(1);
    expect(others.map(({ reason, key }) => [reason, key])).toEqual([
      ["too_deep", "es:i/1!0"],
      ["too_deep", "es:i/2!0"],
    ]);
    const [open, close] = ["[".repeat(100_000), "]".repeat(100_000)];
    expect(text(others[1]?.bytes)).toBe(
      `{"do":"same","a":${open}${close},"b":{"c":[1,"\\"",null,{"d":[]}]}}`,
    );
  });

  it("rejects an item that is larger than what may be read, whole", () => {
    const fits = { do: "same", a: "é".repeat(10) };
    const unpackedBytes = Buffer.byteLength(JSON.stringify(fits));
    const { events, rejected: others } = decode([fits, { ...fits, b: 1 }], { unpackedBytes });
    expect(events).toHaveLength(1);
    expect(others).toMatchObject([{ reason: "unreadable", key: "es:i/1!0" }]);
    expect(others[0]?.detail).toContain(`${unpackedBytes} may be read`);
  });

  it("says why there is nothing, when there are items and nothing came of them", () => {
    expect(decode([{ do: "none" }, { do: "none" }])).toEqual({
      events: [],
      rejected: [],
      empty: "no_hits",
    });
    expect(decode([{ do: "none" }, { do: "same" }]).empty).toBeUndefined();
    expect(decode([])).toEqual({ events: [], rejected: [] });
  });

  it("takes any number of events", () => {
    const documents = Array.from({ length: 30 }, () => ({ do: "hits" }));
    expect(decode(documents, { events: 5 }).events).toHaveLength(60);
  });
});

/** Names that sources look at, so that random documents reach further than their outside. */
// oxfmt-ignore
const NAMES = [
  "_index", "_id", "_source", "_seq_no", "context", "hits", "alerts", "rule", "name", "fields", "signal",
  "kibana.alert.uuid", "kibana", "alert", "uuid", "@timestamp", "hit", "result", "sid", "event", "message",
  "__proto__", "toString", "",
];
const SCALARS: readonly JsonValue[] = [
  null,
  true,
  0,
  1e300,
  "",
  "x",
  "a@b#c!d",
  "\0\ud800",
  "[{}",
  '[{"_id":"1"}]',
  "{{ a }}",
  "2026-01-01T00:00:00Z",
];

function randomValue(random: () => number, depth: number): JsonValue {
  if (depth === 0 || random() < 0.3) return pick(SCALARS, random);
  if (random() < 0.3) {
    return Array.from({ length: Math.floor(random() * 4) }, () => randomValue(random, depth - 1));
  }
  return randomObject(random, depth);
}

function randomObject(random: () => number, depth: number): JsonObject {
  const members = Array.from({ length: Math.floor(random() * 5) }, () => [
    pick(NAMES, random),
    randomValue(random, depth - 1),
  ]);
  return Object.fromEntries(members) as JsonObject;
}

describe("any document as an item, through every source", () => {
  it("ends as events, as rejected items, or as nothing for a reason, and as one of them only", () => {
    for (let seed = 1; seed <= 3000; seed += 1) {
      const random = createRandom(seed);
      const definition = sources[seed % sources.length] as SourceDefinition;
      const item = anItem(String(seed), randomObject(random, 6));
      const context = { config: readConfig(definition), name: "s" };
      const { events, rejected: others, empty } = decodeItems(definition, context, [item]);
      const where = `seed ${seed}: ${definition.kind}: ${JSON.stringify(item.document)}`;
      expect(events.length + others.length > 0, where).toBe(empty === undefined);
      const keys = [...events, ...others].map(({ key }) => key ?? "none");
      for (const key of keys) expect(key, where).toMatch(/^[\w.-]+:\P{Cc}{1,256}$/u);
      for (const { window, body } of events) {
        expect(window, where).toBeNull();
        expect(isObject(JSON.parse(text(body))), where).toBe(true);
      }
      for (const { reason, detail } of others) {
        expect(REJECT_REASONS, where).toContain(reason);
        expect(detail, where).not.toMatch(/^decode failed/);
      }
    }
  });
});

/** Of a kind that is read the settings do not matter to its `decode`. */
function readConfig(definition: SourceDefinition): unknown {
  const parsed = definition.config.safeParse({ cluster: "c" });
  return parsed.success ? parsed.data : definition.config.parse({});
}

describe("decoding in turns", () => {
  it("lets others have the thread however long single items take", async () => {
    let served = 0;
    let isOver = false;
    const serve = () => {
      served += 1;
      if (!isOver) setImmediate(serve);
    };
    setImmediate(serve);
    const slow = {
      decode: (document: JsonValue) => {
        const until = performance.now() + 6;
        while (performance.now() < until);
        return source.decode(document, { config: {}, name: "lab" });
      },
    };
    const items = ["a", "b", "c", "d"].map((name) => ({ name, at: 0, document: { do: "same" } }));
    const names: string[] = [];
    for await (const { item, decoded } of decodeInTurns(slow, { config: {}, name: "lab" }, items)) {
      names.push(item.name);
      expect(decoded.events).toHaveLength(1);
    }
    isOver = true;
    expect(names).toEqual(["a", "b", "c", "d"]);
    expect(served).toBeGreaterThanOrEqual(3);
  });
});
