import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openBench, type Bench } from "./testing/run.ts";

let bench: Bench;
beforeEach(() => void (bench = openBench()));
afterEach(() => bench.dispose());

const BROKEN = `lisen: 127.0.0.1:7373
sources:
  kibana: { kind: kibanna }
destinations:
  file: { kind: file, path: ./a.ndjson }
`;

test("without a configuration the defaults are fine", async () => {
  const { code, out } = await bench.run("check");
  expect(code).toBe(0);
  expect(out).toMatch(/^ok: defaults.*\d+ sources, 2 destinations, 1 route/);
});

test("all problems are told at once, each with its place and a hint, and errors before warnings", async () => {
  writeFileSync(join(bench.folder, "tocsin.yaml"), BROKEN);
  const { code, out } = await bench.run("check");
  const lines = out.trimEnd().split("\n");
  expect(code).toBe(1);
  expect(lines[0]).toMatch(/^tocsin\.yaml:1:1 .*lisen.* — did you mean `listen`\?$/);
  expect(lines[1]).toMatch(/^tocsin\.yaml:3:19 .*kibanna/);
  expect(lines[2]).toMatch(/^tocsin\.yaml:5:3 warning: /);
  expect(lines[3]).toBe("2 errors, 1 warning");
});

test("check --json lists the problems", async () => {
  writeFileSync(join(bench.folder, "tocsin.yaml"), BROKEN);
  const { ok, problems } = await bench.json("check");
  expect(ok).toBe(false);
  expect(problems[0]).toMatchObject({ level: "error", file: "tocsin.yaml", line: 1, column: 1 });
});

test("a file that was asked for and is not there is an error of its own", async () => {
  const { code, err } = await bench.run("check", "--config", "nowhere.yaml");
  expect(code).toBe(2);
  expect(err).toMatch(/^tocsin: configuration: .*nowhere\.yaml.*\n {2}hint: /);
});

test("TOCSIN_CONFIG names the configuration", async () => {
  writeFileSync(join(bench.folder, "broken.yaml"), BROKEN);
  const { code, out } = await bench.runWith({ env: { TOCSIN_CONFIG: "broken.yaml" } }, "check");
  expect(code).toBe(1);
  expect(out).toContain("broken.yaml:1:1");
});
