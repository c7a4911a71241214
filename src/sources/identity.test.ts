import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { identify } from "./identity.ts";
import type { DecodedEvent, JsonObject } from "./source.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

function keyOf(key: string | null, context: object = {}, document: JsonObject = { b: 1, a: [2] }) {
  const { version, ...identity } = identityOf({ key, document }, context);
  expect(version).toBeNull();
  return identity;
}

function identityOf(event: Partial<DecodedEvent>, context: object = {}) {
  const place = { source: "edr", index: 0, count: 1, ...context };
  return identify({ stream: "s", key: null, document: {}, ...event }, place);
}

describe("the identity of an event", () => {
  it("is the idempotency header before anything else, and for ever", () => {
    expect(keyOf("es:logs/1", { idempotencyKey: " abc " })).toEqual({
      key: "header:edr:abc",
      window: null,
    });
  });

  it("tells the events of one receipt apart", () => {
    const context = { idempotencyKey: "abc", index: 2, count: 3 };
    expect(keyOf(null, context).key).toBe("header:edr:abc#2");
  });

  it("is the source's key, as it is, when there is no header", () => {
    expect(keyOf("es:logs/1", { idempotencyKey: " " })).toEqual({ key: "es:logs/1", window: null });
  });

  it("is else the hash of the document for 15 minutes", () => {
    expect(keyOf(null)).toEqual({
      key: `sha256:edr:${sha256('{"a":[2],"b":1}')}`,
      window: 900_000,
    });
    expect(keyOf(null, {}, { a: [2], b: 1 })).toEqual(keyOf(null));
    expect(keyOf(null, {}, { a: [2], b: 2 })).not.toEqual(keyOf(null));
    expect(keyOf(null, { source: "other" })).not.toEqual(keyOf(null));
  });

  it("is hashed under its scheme when it is too long or holds control characters", () => {
    const fits = `es:${"x".repeat(253)}`;
    expect(keyOf(fits).key).toBe(fits);
    expect(keyOf(`${fits}x`)).toEqual({ key: `es:sha256-${sha256(`${fits}x`)}`, window: null });
    expect(keyOf("es:a\u0000b").key).toBe(`es:sha256-${sha256("es:a\u0000b")}`);
    const header = keyOf(null, { idempotencyKey: "a\nb", index: 1, count: 2 }).key;
    expect(header).toBe(`header:sha256-${sha256("header:edr:a\nb#1")}`);
    expect(keyOf("\u0007:x").key).toBe(`key:sha256-${sha256("\u0007:x")}`);
  });

  it("has the version that the source gives with its key, bounded", () => {
    const versionOf = (version: string, context: object = {}) =>
      identityOf({ key: "es:logs/1", version }, context).version;
    expect(versionOf("1/open")).toBe("1/open");
    expect(versionOf("x".repeat(81))).toBe(sha256("x".repeat(81)));
    expect(versionOf("a\u0000b")).toBe(sha256("a\u0000b"));
    expect(versionOf("1/open", { idempotencyKey: "abc" })).toBeNull();
    expect(identityOf({ version: "1/open" }).version).toBeNull();
  });
});
