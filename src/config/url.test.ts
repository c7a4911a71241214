import { expect, it } from "vitest";
import { baseUrl, httpUrl, isHttpUrl, proxyUrl } from "./url.ts";

it.each([
  ["https://peer.test/x", true],
  ["http://127.0.0.1:80", true],
  ["https://peer.test/x?page=1#top", true],
  ["https://user:pass@peer.test/", false],
  ["https://user@peer.test/", false],
  ["ftp://peer.test/", false],
  ["peer.test", false],
])("%s as a URL: %s", (url, ok) => {
  expect(isHttpUrl(url)).toBe(ok);
  expect(httpUrl().safeParse(url).success).toBe(ok);
});

it.each([
  ["https://es.lab:9200", true],
  ["https://proxy.lab/es/", true],
  ["https://es.lab?pretty", false],
  ["https://es.lab/?", false],
  ["https://es.lab#top", false],
  ["https://user:pass@es.lab", false],
  ["es.lab:9200", false],
])("%s as a URL that paths are put behind: %s", (url, ok) => {
  expect(baseUrl().safeParse(url).success).toBe(ok);
});

it.each([
  ["http://proxy.lab:3128", true],
  ["https://user:pass@proxy.lab", true],
  ["socks5://proxy.lab", false],
  ["proxy.lab:3128", false],
])("%s as a proxy: %s", (url, ok) => {
  expect(proxyUrl().safeParse(url).success).toBe(ok);
});
