import { describe, expect, it } from "vitest";
import { debtOf } from "./debt.ts";

describe("the debt of a silence", () => {
  it("counts what it hid, what is still open, and what turned out to be true", () => {
    expect(
      debtOf([
        { severity: "medium", status: "new", verdict: null },
        { severity: "critical", status: "closed", verdict: "false_positive" },
        { severity: "high", status: "closed", verdict: "true_positive" },
        { severity: "low", status: "acknowledged", verdict: "true_positive" },
      ]),
    ).toEqual({ alerts: 4, severity: "critical", open: 2, true_positive: 2, unjudged: 1 });
  });

  it("is nothing when it hid nothing", () => {
    expect(debtOf([])).toEqual({
      alerts: 0,
      severity: null,
      open: 0,
      true_positive: 0,
      unjudged: 0,
    });
  });
});
