import { expect, it } from "vitest";
import { relateCases } from "./related.ts";

it("relates the cases that share most first, then the newest, and none that shares nothing", () => {
  const own = new Set(["ip:10.0.0.1", "account:ada", "hostname:web-1"]);
  const others = new Map([
    [1, new Set(["ip:10.0.0.1"])],
    [2, new Set(["hostname:web-1", "account:ada", "ip:10.0.0.9"])],
    [3, new Set(["account:bob"])],
    [4, new Set(["account:ada"])],
  ]);
  expect(relateCases(own, others)).toEqual([
    { case: 2, shared: ["account:ada", "hostname:web-1"] },
    { case: 4, shared: ["account:ada"] },
    { case: 1, shared: ["ip:10.0.0.1"] },
  ]);
});
