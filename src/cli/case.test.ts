import { afterEach, beforeEach, expect, test } from "vitest";
import { setMeta } from "../store/sqlite/meta.ts";
import { Database } from "../sqlite/database.ts";
import { APPLIED_CONFIGURATION } from "../app/applied-configuration.ts";
import { EVIL, type DataBench } from "./testing/data.ts";
import { openCaseBench } from "./testing/cases.ts";

let bench: DataBench;
beforeEach(async () => void (bench = await openCaseBench()));
afterEach(() => bench.close());

const show = (name: string) => bench.json("case", "show", name);
const ids = (list: { items: { id: string }[] }) => list.items.map(({ id }) => id);
const numbers = (list: { items: { number: string }[] }) => list.items.map(({ number }) => number);

test("cases are listed newest first, and `list` may be left out", async () => {
  const { code, out } = await bench.run("case");
  expect(code).toBe(0);
  expect(out).toMatch(/^CASE +STATUS +SEVERITY +ALERTS +OWNER +LAST ALERT +TITLE\n/);
  expect(out).toMatch(
    /\nCASE-000003 .*\nCASE-000002 .*\nCASE-000001 +new +medium +3 +- .*web-1\n$/,
  );
  expect((await bench.run("case", "list")).out).toBe(out);
  expect((await bench.run("case", "--limit", "1")).out).toMatch(/\nmore: --cursor \S+\n$/);
});

test("a list is narrowed by query, status and owner", async () => {
  await bench.run("case", "assign", "1", "ada");
  await bench.run("case", "close", "2", "--verdict", "benign");
  expect(ids(await bench.json("case", "--status", "open"))).toEqual(["CASE-000003", "CASE-000001"]);
  expect(ids(await bench.json("case", "--owner", "ada"))).toEqual(["CASE-000001"]);
  expect(ids(await bench.json("case", "--query", "verdict: benign"))).toEqual(["CASE-000002"]);
});

test("alerts are listed by case", async () => {
  const listed = await bench.json("alerts", "list", "--case", "CASE-000002");
  expect(numbers(listed)).toEqual(["ALR-000004"]);
  expect((await bench.run("alerts", "--case", "2")).out).toMatch(/ CASE-000002 +Login on web-2\n/);
});

test("a case is shown with its alerts, related cases and what happened to it", async () => {
  await bench.run("case", "comment", "1", `Odd ${EVIL}\nsecond line`, "--as", "ada");
  await bench.run("case", "task", "add", "1", "Isolate web-1", "--owner", "bob");
  await bench.run("case", "edit", "1", "--summary", "Somebody guesses passwords.");
  const { out } = await bench.run("case", "show", "CASE-000001");
  expect(out).toMatch(/^CASE-000001 {2}medium {2}Alerts of web-1\n {2}status +new\n/);
  expect(out).toMatch(/\n {2}tasks +1 \[ \] Isolate web-1 \(bob\)\n/);
  expect(out).toContain("\n\nSomebody guesses passwords.\n");
  expect(out).toMatch(/\n3 alerts:\n {2}ALR-000003 .* new {2}Login on web-1\n/);
  expect(out).toMatch(/\n {2}CASE-000002 {2}new {2}Alerts of web-2 {2}\(ip:198\.51\.100\.7\)\n/);
  expect(out).toMatch(/ 2026-05-04 12:01:00Z {2}ada {2}comment\n {4}Odd .*\n {4}second line\n/);
  expect(out).toMatch(/ {2}summary {2}none → Somebody/);
  // oxlint-disable-next-line no-control-regex -- that is what is looked for
  expect(out).not.toMatch(/[\u0007\u001b\u202e]/);
});

test("what relates cases follows the configuration that ran last", async () => {
  const database = new Database(bench.data.paths.store);
  setMeta(database, APPLIED_CONFIGURATION, '{"stop_values":{"ip":["198.51.100.7"]}}');
  database.close();
  expect((await show("1")).related).toEqual([]);
});

test("a case is worked on: assigned, edited, commented on", async () => {
  const { out } = await bench.run("case", "assign", "CASE-000001", "ada");
  expect(out).toBe("CASE-000001 (new, ada's): Alerts of web-1\n");
  const fields = ["--status", "in_progress", "--severity", "critical", "--title", "Guessing"];
  await bench.run("case", "edit", "1", ...fields, "--tag", "vip", "--tag", "night");
  expect(await show("1")).toMatchObject({
    owner: "ada",
    status: "in_progress",
    severity: "critical",
    title: "Guessing",
    tags: ["vip", "night"],
  });
  expect(await bench.json("case", "assign", "1", "--nobody")).toMatchObject({ owner: null });
  await bench.run("case", "comment", "1", "Done.", "--as", "bob");
  expect((await show("1")).timeline.items.at(-1)).toMatchObject({
    who: "bob",
    kind: "comment",
    detail: { text: "Done." },
  });
});

test("tasks are added and done", async () => {
  await bench.run("case", "task", "add", "1", "Isolate");
  const done = await bench.json("case", "task", "done", "1", "1");
  expect(done.tasks).toEqual([{ id: 1, title: "Isolate", done: true, owner: null }]);
  const { out } = await bench.run("case", "show", "1");
  expect(out).toContain("none → 1 [ ] Isolate\n");
  expect(out).toContain("1 [ ] Isolate → 1 [x] Isolate\n");
});

test("a case is closed together with its alerts, and reopened without them", async () => {
  const { out } = await bench.run("case", "close", "1", "--verdict", "benign");
  expect(out).toBe("CASE-000001 (closed, benign): Alerts of web-1\n");
  const closed = await show("1");
  expect(closed.alerts.items.map(({ status }: { status: string }) => status)).toEqual([
    "closed",
    "closed",
    "closed",
  ]);
  expect(await bench.json("case", "reopen", "1")).toMatchObject({ status: "in_progress" });
  expect((await show("1")).alerts.items[0].status).toBe("closed");
});

test("cases are merged, the first takes over", async () => {
  const { out } = await bench.run("case", "merge", "1", "2", "3");
  expect(out).toBe("CASE-000001 (new): Alerts of web-1\n  has 5 alerts now\n");
  expect(await show("3")).toMatchObject({ status: "closed", merged_into: "CASE-000001" });
  expect(numbers(await bench.json("alerts", "--case", "1"))).toHaveLength(5);
});

test("a case is split by naming alerts", async () => {
  const { out } = await bench.run("case", "split", "1", "ALR-000002", "--title", "Another");
  expect(out).toBe("CASE-000004 (new): Another\n  has 1 alert; CASE-000001 keeps 2\n");
  expect(numbers(await bench.json("alerts", "--case", "4"))).toEqual(["ALR-000002"]);
});

test.each([
  [["case", "show", "CASE-000099"], 1, "there is no case CASE-000099"],
  [["case", "reopen", "nonsense"], 1, "there is no case nonsense"],
  [["case", "reopen", "1"], 1, "is open already"],
  [["case", "close", "1"], 2, "closed with a verdict"],
  [["case", "close", "1", "--verdict", "bad"], 64, "is invalid"],
  [["case", "assign", "1"], 64, "it is not clear who"],
  [["case", "assign", "1", "ada", "--nobody"], 64, "it is not clear who"],
  [["case", "edit", "1"], 64, "nothing is to be changed"],
  [["case", "edit", "1", "--title", " "], 2, "title"],
  [["case", "task", "done", "1", "7"], 1, "there is no task 7"],
  [["case", "merge", "1", "1"], 2, "into itself"],
  [["case", "split", "1", "ALR-000004"], 2, "is not in CASE-000001"],
  [["alerts", "--case", "99"], 1, "there is no case 99"],
  [["case", "shwo"], 64, "unknown command 'shwo'"],
])("%j fails with %i and a hint, and changes nothing", async (argv, expected, message) => {
  const before = await bench.json("case", "list");
  const { code, out, err } = await bench.run(...argv);
  expect({ code, out }).toEqual({ code: expected, out: "" });
  expect(err).toContain(message);
  expect(err).toMatch(/\n {2}hint: \S/);
  expect(await bench.json("case", "list")).toEqual(before);
});
