import { expect, test } from "vitest";
import pc from "picocolors";
import { MISSING_REASONS, type ReconcileReport } from "../polling/report.ts";
import { describeComparison, isWhole } from "./reconcile-text.ts";

const SINCE = "2026-03-01T00:00:00.000Z";
const PLAIN = pc.createColors(false);

const REPORT: ReconcileReport = {
  source: "lab",
  since: SINCE,
  until: "2026-03-02T00:00:00.000Z",
  found: 9,
  missing: [],
  missing_count: 0,
  before_start_count: 0,
  backfilled: 0,
};

const group = (more: Partial<ReconcileReport["missing"][number]>) => {
  const examples = [{ key: "k", name: "es:i/1", at: SINCE }];
  return { stream: "Rule", hour: SINCE, count: 1, reason: "late" as const, examples, ...more };
};

function describeReport(report: Partial<ReconcileReport>, backfill = false, since = SINCE) {
  const wish = { backfill, since: Date.parse(since) };
  const comparison = { source: "lab", report: { ...REPORT, ...report } };
  return describeComparison(comparison, wish, PLAIN, { columns: 200 });
}

test("every reason is explained once, with what to do", () => {
  const missing = MISSING_REASONS.flatMap((reason) => [group({ reason }), group({ reason })]);
  const lines = describeReport({ missing, missing_count: 6 });
  for (const reason of MISSING_REASONS) {
    const [place, ...others] = lines.flatMap((line, index) =>
      line.startsWith(`${reason}: `) ? [index] : [],
    );
    expect(others).toEqual([]);
    expect(lines[(place ?? 0) + 1]).toMatch(/^ {2}\w/);
  }
  expect(lines.at(-1)).toBe("--backfill would fetch 6 events");
});

test("what has no rule, no hour or a rule of many is named so", () => {
  const missing = [group({ stream: null }), group({ stream: "", hour: null, examples: [] })];
  const lines = describeReport({ missing, missing_count: 2 });
  expect(lines[2]).toMatch(/^\(other rules\) +2026-03-01 00:00Z +1 /);
  expect(lines[3]).toMatch(/^\(cannot be understood\) +- +1 +late +-$/);
});

test("what was fetched only in part is told so, and is not whole", () => {
  const report = { ...REPORT, missing: [group({ count: 3 })], missing_count: 3, backfilled: 2 };
  expect(describeReport(report, true).at(-1)).toMatch(/^fetched 2 of 3; /);
  expect(isWhole({ source: "lab", report })).toBe(false);
  expect(isWhole({ source: "lab", report: { ...report, backfilled: 3 } })).toBe(true);
});

test("a source that was not read that far misses nothing", () => {
  expect(describeReport({ until: SINCE })).toEqual([
    "lab: was not read beyond 2026-03-01 00:00:00Z yet, so nothing can be missing",
  ]);
});

test("rules cannot command the terminal", () => {
  const lines = describeReport({ missing: [group({ stream: "\u001b[2J" })], missing_count: 1 });
  expect(lines.join("\n")).not.toContain("\u001b");
});
