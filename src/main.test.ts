import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openDataBench } from "./cli/testing/data.ts";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));

/** Runs the process; `closed`: nobody reads what it prints. */
async function run(argv: readonly string[], closed = false) {
  const child = spawn(process.execPath, ["--import", "tsx", MAIN, ...argv], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const written = { out: "", err: "" };
  child.stderr.on("data", (chunk: Buffer) => void (written.err += chunk.toString()));
  if (closed) child.stdout.destroy();
  else child.stdout.on("data", (chunk: Buffer) => void (written.out += chunk.toString()));
  const code = await new Promise((resolve) => child.on("close", resolve));
  return { code, ...written };
}

test("the process ends with the command's exit code", async () => {
  expect(await run(["version"])).toMatchObject({
    code: 0,
    out: expect.stringContaining("tocsin "),
  });
  expect(await run(["nonsense"])).toEqual({
    code: 64,
    out: "",
    err: expect.stringContaining("tocsin: cli: unknown command 'nonsense'"),
  });
});

test("a reader that goes away ends it quietly, even what would go on for ever", async () => {
  const { data, close } = await openDataBench();
  const tail = await run(["tail", "--data", data.path], true);
  await close();
  expect(tail).toEqual({ code: 0, out: "", err: "" });
});
