import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { fail } from "../errors.ts";
import { isJsonObject } from "../receipt/json.ts";
import { decodeReceipt } from "./decode.ts";
import type { DecodeOptions } from "./decode.ts";
import { defineSource } from "./source.ts";
import type { Decoded, JsonObject, JsonValue } from "./source.ts";

const event = (document: JsonObject, repaired?: string[]): Decoded => ({
  events: [{ stream: "rule", key: null, document, ...(repaired ? { repaired } : {}) }],
  rejected: [],
});

const BEHAVIOURS: Readonly<Record<string, (document: JsonObject) => Decoded>> = {
  same: (document) => event(document),
  inner: (document) => event(isJsonObject(document["inner"]) ? document["inner"] : {}),
  twice: (document) => ({
    events: [...event({ ...document, n: 1 }).events, ...event({ ...document, n: 2 }).events],
    rejected: [],
  }),
  repair: (document) => event(document, ["extra_comma", "own"]),
  none: () => ({ events: [], rejected: [], empty: "no_hits" }),
  nothing: () => ({ events: [], rejected: [] }),
  throw: () => {
    throw new TypeError("x is not a function");
  },
  limit: () => {
    throw fail("LIMIT_EXCEEDED", { component: "ingest", message: "too much" });
  },
};

/** A source that does with a document what its member `do` says. */
const source = defineSource({
  kind: "test",
  vendor: "Test",
  summary: "",
  config: z.object({}),
  decode(document: JsonValue) {
    if (!isJsonObject(document)) throw new TypeError("only objects were promised");
    const behaviour = typeof document["do"] === "string" ? document["do"] : "same";
    return (BEHAVIOURS[behaviour] ?? event)(document);
  },
  normalise() {
    throw new TypeError("not used");
  },
});

function decode(body: string | Uint8Array, options?: DecodeOptions) {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const receipt = decodeReceipt(source, { config: {}, name: "test" }, { bytes }, options);
  return { bytes, receipt };
}

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();

describe("decoding a receipt", () => {
  it("keeps the bytes of a plain body where the event is the whole document", () => {
    const { bytes, receipt } = decode('{ "a": 1 }');
    expect(receipt).toMatchObject({ rejected: [], repaired: [] });
    expect(receipt.empty).toBeUndefined();
    expect(receipt.events[0]?.body).toBe(bytes);
    expect(receipt.events[0]).toMatchObject({ stream: "rule", document: { a: 1 }, repaired: [] });
  });

  it.each([
    ["a part of the document", '{"do":"inner","inner":{"a":1}}', '{"a":1}'],
    ["an element", '[{ "a": 1 }]', '{"a":1}'],
    ["a packed document", gzipSync('{ "a": 1 }'), '{"a":1}'],
    ["a repaired document", '{ "a": 1, }', '{"a":1}'],
  ])("writes %s as JSON text", (_, body, expected) => {
    expect(text(decode(body).receipt.events[0]?.body)).toBe(expected);
  });

  it("gives every event its key", () => {
    const { receipt } = decode('{"do":"twice"}{"a":1}', { idempotencyKey: "k" });
    expect(receipt.events.map((found) => [found.key, found.window])).toEqual([
      ["header:test:k#0", null],
      ["header:test:k#1", null],
      ["header:test:k#2", null],
    ]);
    const [only] = decode('{"a":1}').receipt.events;
    expect(only).toMatchObject({ key: expect.stringMatching(/^sha256:test:/), window: 900_000 });
  });

  it("names the repairs of reader and source, per event and for the receipt", () => {
    const { receipt } = decode('{"do":"repair",}{"a":1}{"b":"C:\\W"}');
    expect(receipt.events.map((found) => found.repaired)).toEqual([
      ["extra_comma", "own"],
      [],
      ["invalid_escape"],
    ]);
    expect(receipt.repaired).toEqual(["extra_comma", "invalid_escape", "own"]);
  });
});

describe("what is not an event", () => {
  it("is rejected with the bytes of the request when nothing was readable", () => {
    const packed = gzipSync("hello");
    expect(decode(packed).receipt).toMatchObject({
      events: [],
      rejected: [{ reason: "unreadable", bytes: packed }],
    });
    const template = 'error rendering mustache template "{{x": Unclosed tag at 4';
    expect(decode(template).receipt.rejected).toMatchObject([{ reason: "template_error" }]);
    expect(decode("").receipt.rejected).toMatchObject([{ detail: "the body is empty" }]);
  });

  it("is rejected part by part beside events", () => {
    const { receipt } = decode('{"a":1}\nwhat\n{"b":2}');
    expect(receipt.events).toHaveLength(2);
    expect(receipt.rejected.map((item) => [item.reason, text(item.bytes)])).toEqual([
      ["unreadable", "what\n"],
    ]);
  });

  it.each([
    ["1", "a number"],
    ['"x"', "a string"],
    ["null", "null"],
    ["[]", "an array"],
  ])("is rejected when it is no object: %s", (element, type) => {
    const { receipt } = decode(`[{"a":1},${element}]`);
    expect(receipt.events).toHaveLength(1);
    expect(receipt.rejected).toMatchObject([
      { reason: "not_an_object", detail: `expected an object, not ${type}` },
    ]);
    expect(text(receipt.rejected[0]?.bytes)).toBe(element);
  });

  it("is kept when the source throws or makes nothing of it", () => {
    const { receipt } = decode('[{"do":"throw"},{"a":1},{"do":"nothing"}]');
    expect(receipt.events).toHaveLength(1);
    expect(receipt.rejected).toMatchObject([
      { reason: "unreadable", detail: "decode failed: x is not a function" },
      { reason: "not_an_alert" },
    ]);
    expect(text(receipt.rejected[0]?.bytes)).toBe('{"do":"throw"}');
  });

  it("has a reason when there is nothing at all", () => {
    expect(decode('{"do":"none"}').receipt).toMatchObject({ events: [], empty: "no_hits" });
    expect(decode("[]").receipt).toMatchObject({ rejected: [], empty: "empty_array" });
    expect(decode('{"do":"none"}{"a":1}').receipt.empty).toBeUndefined();
  });

  it("is refused as a whole over a limit", () => {
    const over = expect.objectContaining({ code: "LIMIT_EXCEEDED" });
    const limits = { events: 2 };
    expect(() => decode('{"do":"twice"}{"a":1}', { limits })).toThrow(over);
    expect(decode('{"do":"twice"}', { limits }).receipt.events).toHaveLength(2);
    expect(() => decode('{"do":"limit"}')).toThrow(over);
  });
});
