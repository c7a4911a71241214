import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { DESTINATIONS, undergo } from "./ordeal.ts";

/** How many crashes; CI asks for 60. */
const CRASHES = Number(process.env["TOCSIN_CRASHES"] ?? 8);
const TIMEOUT = 60_000 + CRASHES * 15_000;

/** Points at which nothing may go wrong, and the pass at which the process ends there. */
const POINTS = [
  "append.committed:7",
  "decisions.written:5",
  "message.sent:11",
  "results.recorded:6",
  "append.committed:1",
  "message.sent:1",
];

/** Half of the crashes come at random, half at the named points in turn. */
function plan(crashes: number): string[] {
  return Array.from({ length: crashes }, (_, index) =>
    index % 2 === 0 ? "random" : (POINTS[((index - 1) / 2) % POINTS.length] ?? "random"),
  );
}

describe("a process that is killed under load", () => {
  it(
    `has lost nothing and doubled nothing after ${CRASHES} crashes`,
    async () => {
      const findings = await undergo({ kills: plan(CRASHES) });
      expect(findings.acknowledged).toBeGreaterThan(CRASHES);
      expect(findings.lost).toEqual([]);
      expect(findings.doubled).toEqual([]);
      for (const [name, concurrency] of Object.entries(DESTINATIONS)) {
        const worst = findings.worstRepeats[name as keyof typeof DESTINATIONS];
        expect(worst, `repeats at ${name} after one crash`).toBeLessThanOrEqual(concurrency);
      }
      expect(findings.audit).toContain("balanced");
      expect(findings.auditCode).toBe(0);
    },
    TIMEOUT,
  );

  it(
    "is caught when it acknowledges what it has not stored",
    async () => {
      const main = fileURLToPath(new URL("./broken-main.mjs", import.meta.url));
      const findings = await undergo({ kills: ["random", "random", "random", "random"], main });
      expect(findings.acknowledged).toBeGreaterThan(0);
      expect(findings.lost).not.toEqual([]);
    },
    TIMEOUT,
  );
});
