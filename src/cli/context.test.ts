import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openBench, type Bench } from "./testing/run.ts";

let bench: Bench;
beforeEach(() => {
  bench = openBench();
  mkdirSync(join(bench.folder, "etc"));
  writeFileSync(join(bench.folder, "etc", "tocsin.yaml"), "data: ../kept\n");
});
afterEach(() => bench.dispose());

const CREATE = ["key", "create", "--name", "n", "--scope", "read"];
const has = (folder: string) => existsSync(join(bench.folder, folder, "store.db"));

test("without anything the data folder is ./data", async () => {
  await bench.run(...CREATE);
  expect(has("data")).toBe(true);
});

test("the configuration names the data folder, relative to itself", async () => {
  await bench.run(...CREATE, "--config", "etc/tocsin.yaml");
  expect(has("kept")).toBe(true);
  expect(has("data")).toBe(false);
});

test("--data wins over TOCSIN_DATA, and that over the configuration", async () => {
  const env = { TOCSIN_DATA: "from-env", TOCSIN_CONFIG: "etc/tocsin.yaml" };
  await bench.runWith({ env }, ...CREATE);
  expect([has("from-env"), has("kept")]).toEqual([true, false]);
  await bench.runWith({ env }, ...CREATE, "--data", "from-option");
  expect(has("from-option")).toBe(true);
});

test("a configuration that is broken elsewhere still names the data folder", async () => {
  const text = 'data: ./kept\nsources: { a: { kind: nonsense, token: "${env:NOT_SET}" } }\n';
  writeFileSync(join(bench.folder, "tocsin.yaml"), text);
  expect((await bench.run(...CREATE)).code).toBe(0);
  expect(has("kept")).toBe(true);
});
