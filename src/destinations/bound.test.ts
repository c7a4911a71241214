import { expect, it } from "vitest";
import { boundJson } from "./bound.ts";

it("leaves what fits as it is", () => {
  const value = { a: "é".repeat(50), list: [1, null, { b: true }], none: undefined };
  expect(boundJson(value, 1000)).toBe(JSON.stringify(value));
});

it("cuts long texts and says so, and keeps short values whole", () => {
  const value = { id: "01JTFYX3M0", text: "x".repeat(50_000), time: "2026-05-05T10:00:00.000Z" };
  const text = boundJson(value, 10_000);
  expect(text.length).toBeLessThanOrEqual(10_000);
  expect(JSON.parse(text)).toMatchObject({ id: value.id, time: value.time });
  expect((JSON.parse(text) as typeof value).text).toMatch(/^x{7000,}… [\d,]+ characters more$/);
});

it("ends long lists early, the first entries first", () => {
  const list = Array.from({ length: 10_000 }, (_, index) => ({ value: `value ${index}` }));
  const bounded = JSON.parse(boundJson({ list }, 10_000)) as { list: unknown[] };
  expect(bounded.list.length).toBeGreaterThan(100);
  expect(bounded.list).toEqual(list.slice(0, bounded.list.length));
});

it("counts bytes and not characters", () => {
  const bounded = boundJson({ text: "😀".repeat(5000) }, 12_000);
  expect(Buffer.byteLength(bounded)).toBeLessThanOrEqual(12_000);
});

it("writes no half of a character", () => {
  expect(boundJson({ a: "x\ud800y", b: "\\ud800", c: "😀" }, 1000)).toBe(
    '{"a":"x\ufffdy","b":"\\\\ud800","c":"😀"}',
  );
});
