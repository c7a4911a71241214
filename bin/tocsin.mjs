#!/usr/bin/env node
// Runs what was built. In a clone that was not built yet it builds first, so that `npx tocsin` works.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);
const main = new URL("dist/main.js", root);
const build = fileURLToPath(new URL("scripts/run.mjs", root));

if (!existsSync(main) && existsSync(build)) {
  // What the build says goes to stderr: stdout belongs to the command.
  spawnSync(process.execPath, [build, "build"], {
    cwd: fileURLToPath(root),
    stdio: ["ignore", 2, 2],
  });
}
if (existsSync(main)) {
  await import(main.href);
} else {
  process.stderr.write("tocsin: cli: there is no build of Tocsin here\n  hint: npm run build\n");
  process.exitCode = 2;
}
