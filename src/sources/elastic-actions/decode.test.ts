import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readBody } from "../../receipt/read.ts";
import { identify } from "../identity.ts";
import type { JsonValue } from "../source.ts";
import { decodeActionDocument } from "./decode.ts";

const INDEX = "siem-alert";

function decode(source: JsonValue, id = "d") {
  return decodeActionDocument({ _index: INDEX, _id: id, _source: source });
}

function keysOf(source: JsonValue): (string | null)[] {
  return decode(source).events.map(({ key }) => key);
}

describe("decodeActionDocument", () => {
  it("gives hits without an identity numbers of the document, whatever stands between them", () => {
    const hits = [{ a: 1 }, { _index: "i", _id: "1" }, { a: 1 }];
    expect(keysOf({ rule: { name: "r" }, context: { hits } })).toEqual([
      "es:siem-alert/d#0",
      "es:i/1#r",
      "es:siem-alert/d#2",
    ]);
  });

  it("gives the same document the same keys again, and another document others", () => {
    const source = { rule: { name: "r" }, context: { hits: [{ a: 1 }] } };
    expect(decode(source, "x")).toEqual(decode(source, "x"));
    expect(decode(source, "x").events[0]?.key).not.toBe(decode(source, "y").events[0]?.key);
  });

  it("names what is rejected, and keeps only the part that cannot be read", () => {
    const hits = '[{"_index":"i","_id":"1"},{"_index":"i","_id":';
    const { events, rejected } = decode({ rule: { name: "r" }, context: { hits } });
    expect(events.map(({ key }) => key)).toEqual(["es:i/1#r"]);
    expect(rejected.map(({ reason, key }) => [reason, key])).toEqual([
      ["unreadable", "es:siem-alert/d!0"],
    ]);
    expect(Buffer.from(rejected[0]?.bytes ?? []).toString()).toBe('{"_index":"i","_id":');
  });

  it("rejects a document whose source is missing, or is no object, under its name", () => {
    const items: JsonValue[] = [
      { _index: INDEX, _id: "d" },
      { _index: INDEX, _id: "d", _source: null },
      { _index: INDEX, _id: "d", _source: "text" },
    ];
    for (const item of items) {
      const { events, rejected } = decodeActionDocument(item);
      expect(events).toEqual([]);
      expect(rejected.map(({ key }) => key)).toEqual(["es:siem-alert/d!0"]);
    }
  });

  it("does not take the time of a message for its identity: two actions may share it", () => {
    const message = { rule: { name: "r" }, alert: { uuid: "a" }, date: "2026-01-01T00:00:00.000Z" };
    expect(keysOf(message)).toEqual(["es:siem-alert/d"]);
  });

  it("knows an alert that stands in the index as it is", () => {
    expect(keysOf({ "kibana.alert.uuid": "u", "kibana.alert.rule.name": "r" })).toEqual([
      "kibana.alert.uuid:u",
    ]);
  });

  it("is not misled by a body that speaks of other indices and ids", () => {
    const source = { _index: "other", rule: { name: "r" }, context: { hits: [{ a: 1 }] } };
    expect(keysOf(source)).toEqual(["es:siem-alert/d#0"]);
  });

  it("reads a repaired body without a hit around it", () => {
    const hits = [{ _index: "i", _id: "1" }];
    const { events } = decodeActionDocument({ rule: { name: "r" }, context: { hits } });
    expect(events.map(({ key }) => key)).toEqual(["es:i/1#r"]);
  });

  it("names nothing after a hit that has no name itself", () => {
    const hits = [17, { a: 1 }];
    for (const item of [{ context: { hits } }, { _source: { context: { hits } } }]) {
      const { events, rejected } = decodeActionDocument(item);
      expect([...events, ...rejected].map(({ key }) => key ?? null)).toEqual([null, null]);
    }
  });

  it("tells apart rules of 10 kB that differ at the end, in keys that are short", () => {
    const hits = [{ _index: "i", _id: "1" }];
    const events = ["a", "b"].flatMap((end) => {
      const name = "long ".repeat(2000) + end;
      return decode({ rule: { name }, context: { hits } }).events;
    });
    const place = { source: "s", index: 0, count: 1 };
    const keys = events.map((event) => identify(event, place));
    expect(events.every(({ stream }) => stream.length <= 256)).toBe(true);
    expect(keys.every(({ key, window }) => key.length <= 256 && window === null)).toBe(true);
    expect(new Set(keys.map(({ key }) => key)).size).toBe(2);
  });

  it("leaves no event of any body of Kibana's without a key", () => {
    const folder = new URL("../kibana/samples/", import.meta.url);
    const files = readdirSync(folder).filter((file) => !file.endsWith(".expected.json"));
    const keys = files.flatMap((file) => {
      const read = readBody(readFileSync(new URL(file, folder)));
      const documents = read.kind === "documents" ? read.documents : [];
      return documents.flatMap(({ value }) => keysOf(value));
    });
    expect(keys.length).toBeGreaterThan(10);
    expect(keys.filter((key) => key === null)).toEqual([]);
  });
});
