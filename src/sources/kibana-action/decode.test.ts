import { describe, expect, it } from "vitest";
import { decodeAction } from "./decode.ts";

describe("decodeAction", () => {
  it("rejects a body that is no object, with its bytes", () => {
    for (const body of [null, 7, "hello", true]) {
      const { events, rejected } = decodeAction(body);
      expect(events).toEqual([]);
      expect(rejected.map(({ reason, bytes }) => [reason, Buffer.from(bytes).toString()])).toEqual([
        ["not_an_object", JSON.stringify(body)],
      ]);
    }
  });

  it("knows the text that Kibana sends when a template cannot be rendered", () => {
    const text = 'error rendering mustache template "{{a": Unclosed tag at 3';
    expect(decodeAction(text).rejected[0]?.reason).toBe("template_error");
  });

  it("keeps what it can read of a list that was cut off, and rejects the rest", () => {
    const hits = '[{"_index":"i","_id":"1"},{"_index":"i","_id":';
    const { events, rejected } = decodeAction({ rule: { name: "r" }, context: { hits } });
    expect(events.map((event) => event.key)).toEqual(["es:i/1#r"]);
    expect(rejected.map((item) => item.reason)).toEqual(["unreadable"]);
  });

  it("reads objects that a template put in quotes", () => {
    const context = JSON.stringify({ alerts: [{ "kibana.alert.uuid": "u" }] });
    const { events } = decodeAction({ rule: '{"name":"quoted"}', context });
    expect(events.map(({ stream, key }) => [stream, key])).toEqual([
      ["quoted", "kibana.alert.uuid:u"],
    ]);
  });

  it("puts the message around each document, without the other documents", () => {
    const hits = [{ _id: "1" }, { _id: "2" }];
    const body = { rule: { name: "r" }, context: { hits, message: "m" }, custom: 1 };
    expect(decodeAction(body).events.map((event) => event.document)).toEqual([
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
      const { events } = decodeAction({ ruleName: "r", ...body });
      expect(events.map((event) => event.document)).toEqual([{ ruleName: "r", ...body }]);
    }
  });

  it("takes an alert document as it is, whatever fields it has", () => {
    const body = { "kibana.alert.uuid": "u", data: [{ a: 1 }], alerts: [{ b: 2 }] };
    const { events } = decodeAction(body);
    expect(events).toEqual([{ stream: "unknown", key: "kibana.alert.uuid:u", document: body }]);
  });

  it("does not take a message with a word of Elastic's in it for a document", () => {
    const hits = [{ _index: "i", _id: "1" }];
    for (const word of [{ signal: "weak" }, { fields: { a: 1 } }]) {
      const { events } = decodeAction({ rule: { name: "r" }, hits, ...word });
      expect(events.map(({ stream, key }) => [stream, key])).toEqual([["r", "es:i/1#r"]]);
    }
  });

  it("finds the documents where the first place for them is empty", () => {
    const body = { context: { hits: "" }, alerts: [{ "kibana.alert.uuid": "u" }] };
    expect(decodeAction(body).events.map((event) => event.key)).toEqual(["kibana.alert.uuid:u"]);
  });

  it("takes anything else as a message of its own", () => {
    expect(decodeAction({}).events).toEqual([{ stream: "unknown", key: null, document: {} }]);
  });
});
