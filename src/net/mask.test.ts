import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { maskUrl, urlSecrets } from "./mask.ts";
import { USER_AGENT } from "./user-agent.ts";

it.each([
  ["https://hooks.slack.com/services/T0AB/B0CD/xYz12", "https://hooks.slack.com/services/…/…/…"],
  ["https://slack.com/api/chat.postMessage", "https://slack.com/api/chat.postMessage"],
  ["https://user:pass@peer.test/hook/alerts", "https://peer.test/hook/alerts"],
  ["https://peer.test/v1/in?sig=abc#frag", "https://peer.test/v1/in?…"],
  ["https://peer.test/workflows/3f2a9c/run", "https://peer.test/workflows/…/run"],
  ["https://peer.test/", "https://peer.test/"],
  ["not a url", "…"],
])("prints %s as %s", (url, printed) => {
  expect(maskUrl(url)).toBe(printed);
});

it("lists what it hides", () => {
  expect(urlSecrets("https://peer.test/hook/3f2a9c?sig=abc&to=x")).toEqual(["3f2a9c", "abc", "x"]);
});

it("names the version of package.json to peers", () => {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  expect(USER_AGENT).toBe(`tocsin/${(JSON.parse(text) as { version: string }).version}`);
});
