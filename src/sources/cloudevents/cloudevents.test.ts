import { describe, expect, it } from "vitest";
import { decodeReceipt } from "../decode.ts";
import type { JsonObject, JsonValue } from "../source.ts";
import { cloudeventsSource } from "./index.ts";

const context = (settings: object = {}) => ({
  config: cloudeventsSource.config.parse(settings),
  name: "ce",
  kind: "cloudevents",
});
const event = (more: JsonObject = {}) => ({
  specversion: "1.0",
  id: "1",
  source: "/s",
  type: "t",
  ...more,
});
const decode = (body: JsonValue) => cloudeventsSource.decode(body, context());
const base64 = (text: string | Uint8Array) => Buffer.from(text).toString("base64");

function dataOf(more: JsonObject) {
  const { document } = decode(event(more)).events[0] ?? expect.unreachable("no event");
  return document;
}

function alertOf(more: JsonObject, settings: object = {}) {
  const { stream, document } = decode(event(more)).events[0] ?? expect.unreachable("no event");
  const found = { stream, document, received_at: 0, repaired: [] };
  return cloudeventsSource.normalise(found, context(settings)).alert;
}

describe("identity of an event", () => {
  const key = (source: string, id: string) => decode(event({ source, id })).events[0]?.key;

  it("is source and id together", () => {
    expect(key("/s", "1")).toBe("cloudevents:ce:/s 1");
    expect(key("/s", "2")).not.toBe(key("/s", "1"));
    expect(key("/r", "1")).not.toBe(key("/s", "1"));
  });

  it("does not mix up where the one ends and the other begins", () => {
    expect(key("/a b", "c")).not.toBe(key("/a", "b c"));
    expect(key("/a/b", "c")).not.toBe(key("/a", "b/c"));
  });

  it("is bounded, whatever a sender puts into it", () => {
    const body = Buffer.from(
      JSON.stringify(event({ id: "x".repeat(5000), source: `/${"é\n".repeat(900)}` })),
    );
    const [found] = decodeReceipt(cloudeventsSource, context(), { bytes: body }).events;
    expect(found?.key).toMatch(/^cloudevents:\P{Cc}{1,244}$/u);
  });
});

describe("data", () => {
  it.each<[string, JsonObject, JsonValue]>([
    ["an object", { data: { a: 1 } }, { a: 1 }],
    ["JSON as text", { data: ' {"a":1}' }, { a: 1 }],
    ["JSON as bytes", { data_base64: base64('{"a":1}') }, { a: 1 }],
    [
      "bytes of 0.3",
      { specversion: "0.3", datacontentencoding: "base64", data: base64('{"a":1}') },
      { a: 1 },
    ],
    ["text as bytes", { data_base64: base64("words") }, "words"],
    ["text that only begins like JSON", { data: "{a" }, "{a"],
  ])("that is %s is opened", (_name, more, data) => {
    const document = dataOf(more);
    expect(document["data"]).toEqual(data);
    expect(Object.keys(document)).not.toContain("data_base64");
    expect(Object.keys(document)).not.toContain("datacontentencoding");
  });

  it("that is bytes of something else stays as it came", () => {
    const data_base64 = base64(new Uint8Array([0xff, 0xfe, 0x00]));
    expect(dataOf({ data_base64 })).toEqual(event({ data_base64 }));
  });

  it("that was an object already leaves the event as it came", () => {
    const body = event({ data: { a: 1 } });
    expect(decode(body).events[0]?.document).toBe(body);
  });

  it.each<[JsonObject, string]>([
    [{ data_base64: "%%%" }, "unreadable"],
    [{ data_base64: 7 }, "unreadable"],
    [{ data: `${"[".repeat(100_000)}${"]".repeat(100_000)}` }, "too_deep"],
    [{ data_base64: base64(`${'{"a":'.repeat(80)}1${"}".repeat(80)}`) }, "too_deep"],
  ])("that cannot be opened is rejected", (more, reason) => {
    const { events, rejected } = decode(event(more));
    expect([events, rejected.map((item) => item.reason)]).toEqual([[], [reason]]);
  });
});

describe("what is no event that can be read", () => {
  it.each<[JsonValue, string]>([
    ["text", "a CloudEvent is a JSON object"],
    [{}, "not a CloudEvent in structured mode: without specversion, id, source, type"],
    [event({ id: "" }), "not a CloudEvent in structured mode: without id"],
    [event({ source: null }), "not a CloudEvent in structured mode: without source"],
    [event({ specversion: "0.2" }), 'CloudEvents of version "0.2" are not read, only 1.0 and 0.3'],
  ])("%j is rejected", (body, detail) => {
    expect(decode(body)).toMatchObject({ events: [], rejected: [{ detail }] });
  });
});

describe("the alert", () => {
  it("is of the data first, and of the attributes for what that does not say", () => {
    const time = "2026-03-01T09:00:00Z";
    expect(alertOf({ time, data: { title: "T" } })).toMatchObject({
      title: "T",
      event_time: "2026-03-01T09:00:00.000Z",
      external: { id: "1" },
    });
    const data = { title: "T", timestamp: "2026-03-01T08:00:00Z", alert_id: "a" };
    expect(alertOf({ time, data })).toMatchObject({
      event_time: "2026-03-01T08:00:00.000Z",
      external: { id: "a" },
    });
  });

  it("does not take the attributes for words of the data", () => {
    const alert = alertOf({ subject: "blob/1", data: { message: "M" } });
    expect([alert.title, alert.provenance.flags]).toEqual(["M", []]);
  });

  it("is named by type and subject where the data names nothing", () => {
    expect(alertOf({ subject: "door 7", data: { x: 1 } }).title).toBe("t: door 7");
    expect(alertOf({}).title).toBe("t");
  });

  it("keeps to what is configured, and reads attributes as ce", () => {
    const settings = { alert: { title: "ce.subject", event_time: "at" } };
    const time = "2026-03-01T09:00:00Z";
    const alert = alertOf({ subject: "S", time, data: { at: "never", title: "T" } }, settings);
    expect([alert.title, alert.event_time]).toEqual(["S", null]);
  });

  it("has only strings for what a hostile event calls its members", () => {
    const data = JSON.parse('{"__proto__":{"title":"x"},"ce":{"subject":["y"]},"constructor":1}');
    expect(alertOf({ data }, { alert: { title: "{{ constructor }}{{ ce.subject }}" } }).title).toBe(
      "1y",
    );
  });
});
