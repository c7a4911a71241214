import { expect, it } from "vitest";
import { escapeHtml } from "./escape.ts";
import { cutHtml, shownOf } from "./html-cut.ts";

it("shows what was escaped", () => {
  const text = `<b> & "quoted" 'x' &amp; &lt;`;
  expect(shownOf(`<i>${escapeHtml(text)}</i>`)).toBe(text);
});

it("keeps what fits, and cuts without leaving a tag open", () => {
  const html = `<b>${"&lt;".repeat(100)}</b>`;
  expect(cutHtml(html, 100)).toBe(html);
  expect(cutHtml(html, 99)).toMatch(/^(&lt;){60,70}… \d\d characters more$/);
});
