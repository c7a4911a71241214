import { expect, it } from "vitest";
import { escapeHtml, escapeMarkdown } from "./escape.ts";

it("lets no HTML through, in text or in a quoted attribute", () => {
  expect(escapeHtml(`<a href="x" title='y'>&amp;</a>`)).toBe(
    "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;",
  );
});

it.each([
  ["**bold** _it_ ~no~", "\\*\\*bold\\*\\* \\_it\\_ \\~no\\~"],
  ["[click](https://evil.example)", "\\[click\\]\\(https\\://evil\\.example\\)"],
  ["![x](y)", "\\!\\[x\\]\\(y\\)"],
  ["# heading\n- item\n1. one\n> quote", "\\# heading\n\\- item\n1\\. one\n&gt; quote"],
  ["`code` | table", "\\`code\\` \\| table"],
  ["<script> &amp;", "&lt;script&gt; &amp;amp;"],
  ["C:\\temp @all", "C\\:\\\\temp \\@all"],
])("turns the Markdown of %j into text", (text, wanted) => {
  expect(escapeMarkdown(text)).toBe(wanted);
});
