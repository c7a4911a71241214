import { describe, expect, it } from "vitest";
import { isLoopback, readListen } from "./listen.ts";

describe("readListen", () => {
  it.each([
    ["127.0.0.1:7373", { host: "127.0.0.1", port: 7373 }],
    ["localhost:0", { host: "localhost", port: 0 }],
    ["[::1]:80", { host: "::1", port: 80 }],
    ["soc-1.lab.example:65535", { host: "soc-1.lab.example", port: 65_535 }],
  ])("reads %s", (text, address) => {
    expect(readListen(text)).toEqual(address);
  });

  it.each([
    "7373",
    ":7373",
    "127.0.0.1",
    "127.0.0.1:65536",
    "::1:80",
    "[127.0.0.1]:80",
    "10.0.0:80",
    "a b:80",
    "http://a:80",
  ])("refuses %s", (text) => {
    expect(readListen(text)).toBeUndefined();
  });
});

describe("isLoopback", () => {
  it.each(["127.0.0.1", "127.9.9.9", "::1", "localhost", "LOCALHOST"])("knows %s", (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each(["0.0.0.0", "::", "128.0.0.1", "10.0.0.1", "localhost.example", "127.0.0.1.example"])(
    "does not take %s for it",
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );
});
