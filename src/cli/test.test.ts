import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SPLIT } from "./testing/history.ts";
import { openBench, type Bench } from "./testing/run.ts";

let bench: Bench;
const write = (name: string, text: string) => writeFileSync(join(bench.folder, name), text);
beforeEach(() => {
  bench = openBench();
  write("tocsin.yaml", SPLIT);
});
afterEach(() => bench.dispose());

const PASSING = `tests:
  - name: urgent goes to the soc
    given: [{ at: 5s, source: sensor, body: { title: A, severity: high } }]
    want: [{ at: 5s, to: soc, title: A, severity: high }]
`;
const FAILING = `tests:
  - name: "low <goes> to the soc"
    given: [{ source: sensor, body: { title: B, severity: low } }]
    want: [{ at: 1m, to: soc, title: B }]
`;

test("runs every *.test.yaml beside the configuration, and says what passed", async () => {
  write("a.test.yaml", PASSING);
  write("b.test.yaml", PASSING);
  const { code, out } = await bench.run("test");
  expect(code).toBe(0);
  expect(out).toMatch(
    /a\.test\.yaml\n {2}passed {2}urgent goes to the soc \(\d+ms\)\nb\.test\.yaml/,
  );
  expect(out).toMatch(/2 tests passed\n$/);
});

test("says what is missing and what nobody wanted, and exits 1", async () => {
  write("a.test.yaml", PASSING);
  write("b.test.yaml", FAILING);
  const { code, out } = await bench.run("test", "b.test.yaml", "a.test.yaml");
  expect(code).toBe(1);
  expect(out).toContain("missing    1m to soc: B\n");
  expect(out).toContain("unexpected 0s to archive: B (low)\n");
  expect(out).toMatch(/1 of 2 tests failed\n$/);
});

test("tells the same as JSON and as JUnit XML, in which text is no markup", async () => {
  write("b.test.yaml", FAILING);
  const { passed, files } = await bench.json("test", "--junit", "out.xml");
  expect(passed).toBe(false);
  expect(files[0].results[0].differences).toEqual([
    { kind: "missing", text: "1m to soc: B" },
    { kind: "unexpected", text: "0s to archive: B (low)" },
  ]);
  const xml = readFileSync(join(bench.folder, "out.xml"), "utf8");
  expect(xml).toMatch(/<testsuites tests="1" failures="1" errors="0" time="[\d.]+">/);
  expect(xml).toContain('name="low &#60;goes&#62; to the soc"');
  expect(xml).toContain('<failure message="missing: 1m to soc: B">');
});

test("what cannot be run at all is an error of the test, with the reason", async () => {
  write("a.test.yaml", PASSING.replace("source: sensor", "source: nowhere"));
  const { code, out } = await bench.run("test");
  expect(code).toBe(1);
  expect(out).toContain("the configuration has no source nowhere");
});

test("a file of tests that is wrong is told with line, column and hint", async () => {
  write("a.test.yaml", PASSING.replace("want:", "wnat:"));
  const { code, err } = await bench.run("test");
  expect(code).toBe(2);
  expect(err).toMatch(/^a\.test\.yaml:4:5 .*wnat.* — did you mean `want`\?$/m);
  expect(err).toMatch(/^tocsin: test: a\.test\.yaml has 2 errors\n {2}hint: mend them/m);
});

test("without any test it says where they belong", async () => {
  const { code, err } = await bench.run("test");
  expect(code).toBe(2);
  expect(err).toMatch(/there is no \*\.test\.yaml in .*\n {2}hint: keep tests beside/);
});
