import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openBench, type Bench } from "./testing/run.ts";

let bench: Bench;
beforeEach(() => void (bench = openBench()));
afterEach(() => bench.dispose());

const read = (name: string) => readFileSync(join(bench.folder, name), "utf8");

test("init writes a configuration that check accepts without a remark", async () => {
  expect((await bench.run("init")).code).toBe(0);
  expect(read("tocsin.yaml")).toContain("sources:");
  expect(await bench.json("check")).toEqual({ ok: true, problems: [] });
});

test("init does not overwrite a file", async () => {
  writeFileSync(join(bench.folder, "tocsin.yaml"), "listen: 127.0.0.1:1\n");
  const { code, out, err } = await bench.run("init");
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(err).toMatch(/^tocsin: init: .*is there already\n {2}hint: .*--force/);
  expect(read("tocsin.yaml")).toBe("listen: 127.0.0.1:1\n");
});

test("init --force overwrites it", async () => {
  writeFileSync(join(bench.folder, "tocsin.yaml"), "listen: 127.0.0.1:1\n");
  expect((await bench.run("init", "--force")).code).toBe(0);
  expect(read("tocsin.yaml")).toContain("sources:");
});

test("init --json names the file", async () => {
  expect(await bench.json("init", "--config", "other.yaml")).toEqual({
    file: join(bench.folder, "other.yaml"),
  });
  expect(read("other.yaml")).toContain("sources:");
});

test("init into a folder that is not there says so", async () => {
  const { code, err } = await bench.run("init", "--config", "missing/tocsin.yaml");
  expect(code).toBe(2);
  expect(err).toContain("hint:");
});
