import { expect, it } from "vitest";
import { verdictInWords } from "./peer-words.ts";

const answerWith = (status: number, body: string) => ({ status, headers: {}, body });

it.each([
  [{ words: "Summary is required", hint: "set it" }, "HTTP 400: Summary is required — set it"],
  [{ words: "Summary is required" }, "HTTP 400: Summary is required"],
  [{ hint: "set it" }, 'HTTP 400: {"odd":1} — set it'],
  [{}, 'HTTP 400: {"odd":1}'],
  [{ words: "<b>a</b>\u0007\nb" }, "HTTP 400: a ␇ b"],
  [{ words: "" }, "HTTP 400"],
])("says %j as %s", (said, error) => {
  const verdict = verdictInWords(answerWith(400, '{"odd":1}'), 0, said);
  expect(verdict).toEqual({ kind: "reject", reason: "rejected_by_peer", status: 400, error });
});

it("has nothing to say of what was delivered", () => {
  const verdict = verdictInWords(answerWith(201, "{}"), 0, { words: "?", hint: "?" });
  expect(verdict).toEqual({ kind: "delivered", status: 201 });
});
