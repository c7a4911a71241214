import { afterEach, beforeEach, expect, test } from "vitest";
import { openBench, type Bench } from "./testing/run.ts";

let bench: Bench;
beforeEach(() => void (bench = openBench()));
afterEach(() => bench.dispose());

test.each([
  [["chek"], "unknown command 'chek'", "did you mean check?"],
  [["check", "--jsn"], "unknown option '--jsn'", "did you mean --json?"],
  [["key", "creat"], "unknown command 'creat'", "did you mean create?"],
  [["key", "create", "--scope", "ingest"], "required option '--name <name>' not specified", ""],
  [["send", "a", "b"], "too many arguments for 'send'. Expected 1 argument but got 2", ""],
  [["key", "create", "--name", "n", "--scope", "ingets"], "there is no scope 'ingets'", "ingest"],
])("%j is wrong usage", async (argv, message, hint) => {
  const { code, out, err } = await bench.run(...argv);
  expect({ code, out }).toEqual({ code: 64, out: "" });
  expect(err.split("\n")[0]).toBe(`tocsin: cli: ${message}`);
  expect(err.split("\n")[1]).toContain(`  hint: `);
  expect(err.split("\n")[1]).toContain(hint);
});

test("with --json an error is JSON", async () => {
  const { code, err } = await bench.run("check", "--json", "--nope");
  expect(code).toBe(64);
  expect(JSON.parse(err)).toEqual({
    error: {
      code: "USAGE",
      component: "cli",
      message: "unknown option '--nope'",
      hint: expect.any(String),
    },
  });
});

test("global options may stand before the command and behind it", async () => {
  const before = await bench.run("--json", "version");
  const behind = await bench.run("version", "--json");
  expect(before.out).toBe(behind.out);
  expect(JSON.parse(before.out)).toMatchObject({ tocsin: expect.any(String) });
});

test("help ends with the exit codes", async () => {
  const { code, out } = await bench.run("check", "--help");
  expect(code).toBe(0);
  expect(out).toMatch(/Exit codes:\n {2}0 .*\n {2}1 .*\n {2}2 .*\n {2}64 /);
  expect(out).toContain("--data <dir>");
});

test.each([[[]], [["key"]]])(
  "%j without a command shows the help and is wrong usage",
  async (argv) => {
    const { code, out, err } = await bench.run(...argv);
    expect({ code, out }).toEqual({ code: 64, out: "" });
    expect(err).toContain("Usage: tocsin");
  },
);
