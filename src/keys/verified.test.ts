import { expect, it } from "vitest";
import type { Verification } from "./keys.ts";
import { rememberVerified } from "./verified.ts";

const RIGHT: Verification = {
  ok: true,
  key: { id: "a", name: "n", scopes: ["ingest"], sources: [] },
};
const WRONG: Verification = { ok: false, reason: "revoked" };

it("asks once a second for a key that is right, and every time for one that is not", () => {
  let asked = 0;
  let now = 0;
  let answer: Verification = RIGHT;
  const verify = rememberVerified(
    () => {
      asked += 1;
      return answer;
    },
    () => now,
  );
  expect([verify("k"), verify("k")]).toEqual([RIGHT, RIGHT]);
  expect(asked).toBe(1);
  answer = WRONG;
  now = 999;
  expect(verify("k")).toBe(RIGHT);
  now = 1000;
  expect([verify("k"), verify("k")]).toEqual([WRONG, WRONG]);
  expect(asked).toBe(3);
});
