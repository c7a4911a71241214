/**
 * What `npm start`, `npm test` and the other scripts run. Each does the set-up it needs first
 * (dependencies, build) and skips what is done already. Uses nothing but Node, because it runs
 * before anything is installed.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const bin = (name) => join(root, "node_modules", ".bin", name);

function requireNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const isKnown = (major === 20 && minor >= 19) || (major === 22 && minor >= 14) || major > 22;
  if (isKnown) return;
  process.stderr.write(
    `tocsin: Node ${process.versions.node} is too old\n  hint: install Node 22.14 or newer (or 20.19 and up).\n`,
  );
  process.exit(2);
}

/** Runs a command; answers its exit code. */
function attempt(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (result.error) throw result.error;
  if (result.signal) process.kill(process.pid, result.signal);
  return result.status ?? 1;
}

/** Runs a command and ends with its exit code when it fails. */
function run(command, args, options = {}) {
  const status = attempt(command, args, options);
  if (status !== 0) process.exit(status);
}

function fingerprint(files) {
  const hash = createHash("sha256");
  for (const file of files) hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest("hex");
}

function filesBelow(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath.slice(root.length + 1), entry.name))
    .sort();
}

/** Does `work` unless the stamp says that it was done for these files. */
function unlessDone(stamp, files, work) {
  const path = join(root, stamp);
  const now = fingerprint(files);
  if (existsSync(path) && readFileSync(path, "utf8") === now) return;
  work();
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, now);
}

/** Installs exactly what the lock file says. The output goes to stderr: stdout is the program's. */
function install() {
  unlessDone("node_modules/.tocsin-installed", ["package.json", "package-lock.json"], () =>
    run("npm", ["ci", "--no-audit", "--no-fund"], {
      stdio: ["ignore", 2, 2],
      shell: process.platform === "win32",
    }),
  );
}

function build() {
  install();
  const inputs = [...filesBelow("src"), "tsconfig.json", "tsconfig.build.json", "package.json"];
  unlessDone("dist/.built", inputs, () => {
    rmSync(join(root, "dist"), { recursive: true, force: true });
    run(bin("tsc"), ["-p", "tsconfig.build.json"], { stdio: ["ignore", 2, 2] });
  });
}

/**
 * Runs the program and ends as it ends. A terminal sends Ctrl-C to both of us, so that one is only
 * passed on where there is no terminal.
 */
function tocsin(args) {
  const main = join(root, "dist", "main.js");
  const child = spawn(process.execPath, ["--enable-source-maps", main, ...args], {
    stdio: "inherit",
  });
  for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"]) {
    process.on(signal, () => {
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}

/**
 * Runs the tests of real search engines: of those that are named, or of all, and then writes the page
 * that says what they came to.
 */
function testEngines(names) {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-engines-"));
  const report = join(folder, "report.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const env = { ...process.env, TOCSIN_SEARCH_ENGINES: names.join(",") || "all" };
  const status = attempt(bin("vitest"), ["run", "test/servers", "--maxWorkers=2", ...reporters], {
    env,
  });
  const isPageMade = names.length === 0 && existsSync(report);
  if (isPageMade) run(process.execPath, ["scripts/engines-page.mjs", report]);
  rmSync(folder, { recursive: true });
  process.exit(status);
}

const args = process.argv.slice(3);
const tasks = {
  start: () => (build(), tocsin(["start", ...args])),
  test: () => (build(), run(bin("vitest"), ["run", ...args])),
  "test:engines": () => (build(), testEngines(args)),
  watch: () => (build(), run(bin("vitest"), ["watch", ...args])),
  dev: () => (install(), run(bin("tsx"), ["watch", "src/main.ts", "start", ...args])),
  build,
  bench: () => (build(), run(process.execPath, ["--import", "tsx", "bench/run.ts", ...args])),
  gen: () => (build(), run(process.execPath, ["scripts/generate.mjs", ...args])),
  lint: () => (install(), run(bin("oxlint"), ["--deny-warnings", ...args])),
  format: () => (install(), run(bin("oxfmt"), args)),
  check: () => {
    build();
    run(bin("tsc"), []);
    run(bin("oxlint"), ["--deny-warnings", "--report-unused-disable-directives"]);
    run(process.execPath, ["scripts/check-reasons.mjs"]);
    run(bin("oxfmt"), ["--check"]);
    run(bin("knip"), []);
    run(process.execPath, ["scripts/generate.mjs", "--check"]);
  },
};

requireNode();
const task = tasks[process.argv[2] ?? ""];
if (!task) {
  process.stderr.write(`usage: node scripts/run.mjs ${Object.keys(tasks).join("|")}\n`);
  process.exit(64);
}
task();
