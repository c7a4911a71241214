import { expect, it } from "vitest";
import { secretUrl, secretsOfUrl } from "./secret-url.ts";

const URL_OF_HOOK =
  "https://hooks.example.org/workflows/0123456789abcdef/run?v=1&sig=AbCdEfGhIjKlMnOp%2BqRsTuVwXyZ012345%3D";

it.each([
  ["as written", (text: string) => text],
  ["encoded once more", encodeURIComponent],
  ["decoded", decodeURIComponent],
  [
    "in lower case escapes",
    (text: string) => text.replace(/%[0-9A-F]{2}/g, (it) => it.toLowerCase()),
  ],
  ["as HTML", (text: string) => text.replaceAll("&", "&amp;").replaceAll("+", "&#43;")],
])("hides what is secret of a URL that is repeated %s", (_how, repeat) => {
  const hidden = secretsOfUrl(URL_OF_HOOK)
    .toSorted((a, b) => b.length - a.length)
    .reduce((text, secret) => text.replaceAll(secret, "…"), repeat(URL_OF_HOOK));
  expect(hidden).not.toMatch(/0123456789abcdef|AbCdEf|qRsTuV/);
});

it("hides no short part, which is in every text", () => {
  expect(secretsOfUrl("https://a.example/x?v=1")).not.toContain("1");
});

it("takes web addresses only", () => {
  const accepted = (url: string) => secretUrl().safeParse(url).success;
  expect(
    ["https://a.example/x", "file:///etc/passwd", "https://u:p@a.example/"].map(accepted),
  ).toEqual([true, false, false]);
});
