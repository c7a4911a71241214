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

test("init --preset superna writes one that check accepts without a remark", async () => {
  expect((await bench.run("init", "--preset", "superna")).code).toBe(0);
  expect(await bench.json("check")).toEqual({ ok: true, problems: [] });
  const { items } = await bench.json("destination", "list");
  expect(items).toMatchObject([
    { name: "elastic-http", kind: "elastic-http", routes: ["lockouts"] },
  ]);
});

test("the endpoint in the cloud is right as well once it is uncommented", async () => {
  await bench.run("init", "--preset", "superna");
  const [before, after] = read("tocsin.yaml").split(/^ {2}elastic-http:\n[^]*?\n\n.*\n/m);
  const cloud = after?.replaceAll(/^ {2}# (elastic-http:| {2}[a-z].*)$/gm, "  $1") ?? "";
  writeFileSync(join(bench.folder, "tocsin.yaml"), `${before}${cloud}`);
  const { out } = await bench.runWith({ env: { ELASTIC_HTTP_PASSWORD: "x" } }, "check", "--json");
  expect(JSON.parse(out)).toEqual({ ok: true, problems: [] });
  expect((await bench.run("check")).out).toContain("ELASTIC_HTTP_PASSWORD");
});

test("what stands in comments of --preset superna can be used as it stands", async () => {
  await bench.run("init", "--preset", "superna");
  const commented = read("tocsin.yaml");
  const used = commented
    .replace("    # batch: ndjson", "    batch: ndjson")
    .replace("    # repeats: update", "    repeats: update")
    .replace("# data: ", "data: ");
  expect(used.length).toBe(commented.length - 3 * "# ".length);
  writeFileSync(join(bench.folder, "tocsin.yaml"), used);
  expect(await bench.json("check")).toEqual({ ok: true, problems: [] });
});

test("init --help lists the presets, and another is refused", async () => {
  expect((await bench.run("init", "--help")).out).toMatch(/Presets:\n {2}superna {2}Superna/);
  const { code, err } = await bench.run("init", "--preset", "suprna");
  expect(code).toBe(64);
  expect(err).toContain("superna");
});

test("init into a folder that is not there says so", async () => {
  const { code, err } = await bench.run("init", "--config", "missing/tocsin.yaml");
  expect(code).toBe(2);
  expect(err).toContain("hint:");
});
