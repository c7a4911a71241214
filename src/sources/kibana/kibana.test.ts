import { describe, expect, it } from "vitest";
import { decodeKibana } from "./decode.ts";

describe("decodeKibana", () => {
  it("rejects a body that is no object, with its bytes", () => {
    for (const body of [null, 7, "hello", true]) {
      const { events, rejected } = decodeKibana(body);
      expect(events).toEqual([]);
      expect(rejected.map(({ reason, bytes }) => [reason, Buffer.from(bytes).toString()])).toEqual([
        ["not_an_object", JSON.stringify(body)],
      ]);
    }
  });

  it("knows the text that Kibana sends when a template cannot be rendered", () => {
    const text = 'error rendering mustache template "{{a": Unclosed tag at 3';
    expect(decodeKibana(text).rejected[0]?.reason).toBe("template_error");
  });

  it("keeps what it can read of a list that was cut off, and rejects the rest", () => {
    const hits = '[{"_index":"i","_id":"1"},{"_index":"i","_id":';
    const { events, rejected } = decodeKibana({ rule: { name: "r" }, context: { hits } });
    expect(events.map((event) => event.key)).toEqual(["es:i/1#r"]);
    expect(rejected.map((item) => item.reason)).toEqual(["unreadable"]);
  });

  it("reads objects that a template put in quotes", () => {
    const context = JSON.stringify({ alerts: [{ "kibana.alert.uuid": "u" }] });
    const { events } = decodeKibana({ rule: '{"name":"quoted"}', context });
    expect(events.map(({ stream, key }) => [stream, key])).toEqual([
      ["quoted", "kibana.alert.uuid:u"],
    ]);
  });

  it("puts the message around each document, without the other documents", () => {
    const hits = [{ _id: "1" }, { _id: "2" }];
    const body = { rule: { name: "r" }, context: { hits, message: "m" }, custom: 1 };
    expect(decodeKibana(body).events.map((event) => event.document)).toEqual([
      { rule: { name: "r" }, context: { message: "m" }, custom: 1, hit: { _id: "1" } },
      { rule: { name: "r" }, context: { message: "m" }, custom: 1, hit: { _id: "2" } },
    ]);
  });

  it("does not take a number of hits or everyday words for documents", () => {
    const bodies = [
      { hits: 3 },
      { alerts: 2 },
      { hit: "yes" },
      { data: { a: 1 } },
      { data: "text" },
    ];
    for (const body of bodies) {
      const { events } = decodeKibana({ ruleName: "r", ...body });
      expect(events.map((event) => event.document)).toEqual([{ ruleName: "r", ...body }]);
    }
  });

  it("takes an alert document as it is, whatever fields it has", () => {
    const body = { "kibana.alert.uuid": "u", data: [{ a: 1 }], alerts: [{ b: 2 }] };
    const { events } = decodeKibana(body);
    expect(events).toEqual([{ stream: "unknown", key: "kibana.alert.uuid:u", document: body }]);
  });

  it("does not take a message with a word of Elastic's in it for a document", () => {
    const hits = [{ _index: "i", _id: "1" }];
    for (const word of [{ signal: "weak" }, { fields: { a: 1 } }]) {
      const { events } = decodeKibana({ rule: { name: "r" }, hits, ...word });
      expect(events.map(({ stream, key }) => [stream, key])).toEqual([["r", "es:i/1#r"]]);
    }
  });

  it("finds the documents where the first place for them is empty", () => {
    const body = { context: { hits: "" }, alerts: [{ "kibana.alert.uuid": "u" }] };
    expect(decodeKibana(body).events.map((event) => event.key)).toEqual(["kibana.alert.uuid:u"]);
  });

  it("takes anything else as a message of its own", () => {
    expect(decodeKibana({}).events).toEqual([{ stream: "unknown", key: null, document: {} }]);
  });

  it("gives a per-alert action the same key when it is sent again, and another one next time", () => {
    const body = (date: string) => ({ rule: { name: "r" }, alert: { uuid: "a" }, date });
    const keys = [
      "2026-01-01T00:00:00.000Z",
      "2026-01-01T00:00:00.000Z",
      "2026-01-01T00:01:00.000Z",
    ].map((date) => decodeKibana(body(date)).events[0]?.key);
    expect(keys[0]).toBe("kibana:a/2026-01-01T00:00:00.000Z");
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
  });
});
