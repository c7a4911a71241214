import { expect, it } from "vitest";
import { drained } from "./drained.ts";

it("resolves when all is decided and nothing is under way, and not before", async () => {
  const looks: string[] = [];
  const decided = [false, true, true, true];
  const idle = [false, true];
  await drained({
    isDecided: () => (looks.push("decided"), decided.shift() ?? true),
    isIdle: async () => (looks.push("idle"), idle.shift() ?? true),
  });
  expect(looks).toEqual(["decided", "decided", "idle", "decided", "idle"]);
});
