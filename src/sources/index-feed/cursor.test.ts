import { expect, it } from "vitest";
import { beginCursor, readCursor, writeCursor } from "./cursor.ts";

it("reads what it wrote", () => {
  const cursor = {
    origin: 1,
    marks: { created: 2, changed: 3 },
    sequences: { "siem-alert": { count: 2, sum: 9, last: 5 } },
  };
  expect(readCursor(writeCursor(cursor))).toEqual(cursor);
});

it.each([
  "",
  "7",
  "null",
  "{}",
  '{"v":2,"origin":1,"marks":{},"sequences":{}}',
  '{"v":1,"origin":',
])("takes %j for no cursor", (text) => expect(readCursor(text)).toBeNull());

it("begins now, at a time, or a while ago", () => {
  expect(beginCursor(null, 5000).origin).toBe(5000);
  expect(beginCursor({ kind: "at", time: 7 }, 5000).origin).toBe(7);
  expect(beginCursor({ kind: "ago", duration: 1000 }, 5000).origin).toBe(4000);
});
