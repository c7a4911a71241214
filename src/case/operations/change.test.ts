import { describe, expect, it } from "vitest";
import { CASE_STATUSES, type CaseStatus } from "../case.ts";
import { aCase, OPENED_AT } from "../testing/builders.ts";
import { caseChangeSchema, changeCase, type CaseChange } from "./change.ts";
import { commentOn } from "./comment.ts";
import { closeCase, reopenCase } from "./finish.ts";

const NOW = OPENED_AT + 1_000;
const AT = new Date(NOW).toISOString();
const CONFLICT = expect.objectContaining({ code: "CONFLICT" });
const INVALID = expect.objectContaining({ code: "REQUEST_INVALID" });

function change(known: Parameters<typeof changeCase>[0], asked: CaseChange) {
  return changeCase(known, caseChangeSchema.parse(asked), "ada", NOW);
}

describe("a change", () => {
  it("is told once for each thing that is different, with before, after, who and when", () => {
    const known = aCase(1, { owner: "ada", tags: ["a"] });
    const asked = { owner: "bob", severity: "high", title: known.title, tags: ["a", "b"] } as const;
    const write = change(known, { ...asked, tags: [...asked.tags] });
    expect(write.case).toMatchObject({ owner: "bob", severity: "high", tags: ["a", "b"] });
    expect(write.case.updated_at).toBe(AT);
    expect(write.entries).toEqual([
      { at: AT, who: "ada", kind: "severity", detail: { before: "medium", after: "high" } },
      { at: AT, who: "ada", kind: "owner", detail: { before: "ada", after: "bob" } },
      { at: AT, who: "ada", kind: "tags", detail: { before: ["a"], after: ["a", "b"] } },
    ]);
  });

  it("to what is there already changes nothing and says nothing", () => {
    const known = aCase(1, { owner: "ada" });
    expect(change(known, { owner: "ada", status: "new", verdict: null })).toEqual({
      case: known,
      entries: [],
    });
  });

  it("takes an owner away with null", () => {
    expect(change(aCase(1, { owner: "ada" }), { owner: null }).case.owner).toBeNull();
  });

  it("of a merged case is refused and names the case to use", () => {
    const merged = aCase(1, { status: "closed", merged_into: "CASE-000002" });
    expect(() => change(merged, { title: "x" })).toThrow(CONFLICT);
    expect(() => change(merged, { title: "x" })).toThrow(/CASE-000002/);
    expect(() => commentOn(merged, "x", "ada", NOW)).toThrow(CONFLICT);
    expect(() => closeCase(merged, "benign", "ada", NOW)).toThrow(CONFLICT);
  });

  it("with an unknown field is refused", () => {
    expect(caseChangeSchema.safeParse({ assignee: "ada" }).success).toBe(false);
  });
});

describe("the status", () => {
  const allowed: readonly (readonly [CaseStatus, CaseStatus])[] = [
    ["new", "in_progress"],
    ["new", "resolved"],
    ["in_progress", "on_hold"],
    ["in_progress", "resolved"],
    ["on_hold", "in_progress"],
    ["on_hold", "resolved"],
    ["resolved", "closed"],
  ];
  const all = CASE_STATUSES.flatMap((from) => CASE_STATUSES.map((to) => [from, to] as const));
  const others = all.filter(
    ([from, to]) => from !== to && !allowed.some(([one, two]) => one === from && two === to),
  );

  it.each(allowed)("goes from %s to %s", (from, to) => {
    const write = change(aCase(1, { status: from, verdict: "benign" }), { status: to });
    expect(write.case.status).toBe(to);
    expect(write.entries).toMatchObject([{ kind: "status", detail: { before: from, after: to } }]);
  });

  it.each(others)("does not go from %s to %s by a change", (from, to) => {
    const known = aCase(1, { status: from, verdict: "benign" });
    expect(() => change(known, { status: to })).toThrow(CONFLICT);
  });

  it("is closed only with a verdict, and keeps one while closed", () => {
    const resolved = aCase(1, { status: "resolved" });
    expect(() => change(resolved, { status: "closed" })).toThrow(INVALID);
    const closed = change(resolved, { status: "closed", verdict: "benign" }).case;
    expect(closed).toMatchObject({ status: "closed", verdict: "benign", closed_at: AT });
    expect(() => change(closed, { verdict: null })).toThrow(INVALID);
  });
});

describe("closing", () => {
  it("resolves an open case on the way, each step in the timeline", () => {
    const write = closeCase(aCase(), "true_positive", "ada", NOW);
    expect(write.case).toMatchObject({ status: "closed", verdict: "true_positive", closed_at: AT });
    expect(write.entries.map(({ kind, detail }) => [kind, detail.after])).toEqual([
      ["status", "resolved"],
      ["verdict", "true_positive"],
      ["status", "closed"],
    ]);
  });

  it("keeps the verdict that is there, and is refused without any", () => {
    const known = aCase(1, { verdict: "benign" });
    expect(closeCase(known, null, "ada", NOW).case.verdict).toBe("benign");
    expect(() => closeCase(aCase(), null, "ada", NOW)).toThrow(INVALID);
  });

  it("again changes the verdict at most, and not when it was closed", () => {
    const closed = closeCase(aCase(), "benign", "ada", NOW).case;
    expect(closeCase(closed, "benign", "bob", NOW + 5)).toEqual({ case: closed, entries: [] });
    const other = closeCase(closed, "false_positive", "bob", NOW + 5);
    expect(other.case).toMatchObject({ verdict: "false_positive", closed_at: AT });
    expect(other.entries.map(({ kind }) => kind)).toEqual(["verdict"]);
  });
});

describe("reopening", () => {
  it.each(["resolved", "closed"] as const)("takes a %s case up without its verdict", (status) => {
    const known = aCase(1, { status, verdict: "benign", closed_at: AT });
    const write = reopenCase(known, "ada", NOW);
    expect(write.case).toMatchObject({ status: "in_progress", verdict: null, closed_at: null });
    expect(write.entries).toMatchObject([
      { kind: "reopened", detail: { before: status, after: "in_progress" } },
      { kind: "verdict", detail: { before: "benign", after: null } },
    ]);
  });

  it("is refused for open and for merged cases", () => {
    expect(() => reopenCase(aCase(), "ada", NOW)).toThrow(CONFLICT);
    const merged = aCase(1, { status: "closed", merged_into: "CASE-000002" });
    expect(() => reopenCase(merged, "ada", NOW)).toThrow(/CASE-000002/);
  });
});

describe("tasks", () => {
  it("are added, done and removed, and ids are not given to two at once", () => {
    const added = change(aCase(), { task: { add: { title: "Isolate web-1" } } });
    expect(added.case.tasks).toEqual([{ id: 1, title: "Isolate web-1", done: false, owner: null }]);
    const second = change(added.case, { task: { add: { title: "Call", owner: "bob" } } }).case;
    const done = change(second, { task: { id: 1, done: true } });
    expect(done.case.tasks.map((task) => [task.id, task.done])).toEqual([
      [1, true],
      [2, false],
    ]);
    const after = change(done.case, { task: { remove: 1 } }).case;
    expect(after.tasks.map((task) => task.id)).toEqual([2]);
    expect(change(after, { task: { add: { title: "Report" } } }).case.tasks[1]?.id).toBe(3);
  });

  it("stand in the timeline as they were and are", () => {
    const known = aCase(1, { tasks: [{ id: 1, title: "Call", done: false, owner: "bob" }] });
    const { entries } = change(known, { task: { id: 1, done: true, owner: null } });
    const before = { id: 1, title: "Call", done: false, owner: "bob" };
    const after = { id: 1, title: "Call", done: true, owner: null };
    expect(entries).toMatchObject([{ kind: "task", detail: { before, after } }]);
  });

  it("that are not there are refused", () => {
    const missing = expect.objectContaining({ code: "NOT_FOUND" });
    expect(() => change(aCase(), { task: { id: 4, done: true } })).toThrow(missing);
    expect(() => change(aCase(), { task: { remove: 4 } })).toThrow(missing);
  });
});

describe("a comment", () => {
  it("stands in the timeline, of a closed case too", () => {
    const write = commentOn(aCase(1, { status: "closed" }), " Seen before.\n", "ada", NOW);
    expect(write.entries).toEqual([
      { at: AT, who: "ada", kind: "comment", detail: { text: "Seen before." } },
    ]);
    expect(write.case.updated_at).toBe(AT);
  });

  it("is refused when blank or too long", () => {
    expect(() => commentOn(aCase(), " \n", "ada", NOW)).toThrow(INVALID);
    expect(() => commentOn(aCase(), "x".repeat(20_001), "ada", NOW)).toThrow(INVALID);
  });
});
