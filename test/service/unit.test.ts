/** The unit of `tocsin service install --print`, as systemd itself judges it. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openBench, type Bench } from "../../src/cli/testing/run.ts";

/** Exposure as `systemd-analyze security` counts it, in tenths: 0 is safe, 100 is open. */
const LARGEST_EXPOSURE = 20;

const ANALYZE = "systemd-analyze";
const isThere = spawnSync(ANALYZE, ["--version"]).status === 0;
const why = `${ANALYZE} is missing`;

let bench: Bench;
let folder: string;
beforeEach(() => {
  bench = openBench();
  folder = mkdtempSync(join(tmpdir(), "tocsin-unit-"));
});
afterEach(() => {
  bench.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const KINDS: readonly (readonly [
  what: string,
  preset: readonly string[],
  own: readonly string[],
])[] = [
  ["a user of its own", [], []],
  ["the preset of Superna", ["--preset", "superna"], []],
  ["a user of yours", [], ["--user", "daemon"]],
  ["a user of yours with blanks in paths", [], ["--user", "daemon", "--data", "my data"]],
  ["a low port", ["low"], []],
  ["another name", [], ["--name", "tocsin-lab"]],
];

/** Writes the printed unit; answers its file. */
async function writeUnit(preset: readonly string[], own: readonly string[]): Promise<string> {
  if (preset[0] === "low")
    writeFileSync(join(bench.folder, "tocsin.yaml"), "listen: 127.0.0.1:443");
  else await bench.run("init", ...preset);
  const { code, out } = await bench.run("service", "install", "--print", ...own);
  expect(code).toBe(0);
  const file = join(folder, "tocsin.service");
  writeFileSync(file, out);
  return file;
}

function analyze(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(ANALYZE, args, { encoding: "utf8" });
  return { status, stdout, stderr };
}

test.runIf(Boolean(process.env["CI"]))("systemd-analyze is there in CI", () => {
  expect(isThere, why).toBe(true);
});

describe.skipIf(!isThere)(`systemd${isThere ? "" : ` (skipped: ${why})`}`, () => {
  test.each(KINDS)("has nothing to say against the unit for %s", async (_what, preset, own) => {
    const file = await writeUnit(preset, own);
    // Warnings do not fail it, so what it says counts.
    expect(analyze("verify", "--man=no", file)).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  test.each(KINDS)("finds the unit for %s hardly exposed", async (_what, preset, own) => {
    const file = await writeUnit(preset, own);
    const options = ["--offline=true", `--threshold=${LARGEST_EXPOSURE}`, "--no-pager"];
    const { status, stdout } = analyze("security", ...options, file);
    expect(stdout).toMatch(/Overall exposure level for tocsin\.service: \d\.\d/);
    expect(status, stdout).toBe(0);
  });

  test("finds what is wrong with a unit", () => {
    const file = join(folder, "tocsin.service");
    writeFileSync(file, "[Service]\nExecStart=/bin/true\nProtectSistem=strict\n");
    expect(analyze("verify", "--man=no", file).stderr).toContain("ProtectSistem");
    expect(analyze("security", "--offline=true", "--threshold=20", file).status).not.toBe(0);
  });
});
