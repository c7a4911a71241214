import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, expect, it } from "vitest";
import { contextWith, messageWith, sendingWith } from "../testing/messages.ts";
import { command } from "./command.ts";

let cwd: string;
beforeEach(() => void (cwd = mkdtempSync(`${tmpdir()}/tocsin-command-`)));
afterEach(() => rmSync(cwd, { recursive: true }));

async function run(
  script: string,
  { timeout = 20_000, signal = new AbortController().signal, ...settings } = {} as {
    timeout?: number;
    signal?: AbortSignal;
    env?: Record<string, string>;
    max_output?: string;
    argv?: string[];
  },
) {
  const { context } = contextWith();
  const sockets = { ...context.sockets, timeout };
  const config = command.config.parse({ argv: ["/bin/sh", "-c", script], cwd, ...settings });
  const destination = command.create(config, { ...context, sockets });
  const message = messageWith();
  const { sending, exchanges } = sendingWith(signal);
  const verdict = await destination.send(destination.render(message), message, sending);
  return { verdict, exchange: exchanges[0] };
}

it.each([
  [0, "delivered", undefined],
  [1, "retry", "server_error"],
  [75, "retry", "server_error"],
  [64, "reject", "rejected_by_peer"],
  [65, "reject", "rejected_by_peer"],
  [77, "reject", "rejected_by_peer"],
  [78, "reject", "rejected_by_peer"],
  [127, "reject", "rejected_by_peer"],
])("exit code %i is %s %s", async (code, kind, reason) => {
  const { verdict } = await run(`echo why >&2; exit ${code}`);
  expect(verdict.kind).toBe(kind);
  if (kind !== "delivered")
    expect(verdict).toMatchObject({ reason, error: `exit code ${code}: why` });
});

it("is told the message as one line of JSON", async () => {
  const { verdict, exchange } = await run("cat; exit 0");
  expect(verdict).toEqual({ kind: "delivered" });
  const printed = JSON.parse(exchange?.answer.split("\n")[1] ?? "") as { key: string };
  expect(printed.key).toBe(messageWith().key);
});

it("need not read what it is told", async () => {
  expect((await run("exec <&-; exit 0")).verdict).toEqual({ kind: "delivered" });
});

it("ends when its time is over, with all that it started", async () => {
  const { verdict, exchange } = await run("sleep 60 & echo $!; wait", { timeout: 300 });
  expect(verdict).toMatchObject({ kind: "retry", reason: "timeout" });
  const pid = Number(exchange?.answer.split("\n")[1]);
  await expect.poll(() => isAlive(pid)).toBe(false);
});

it("leaves nothing running behind", async () => {
  const { exchange } = await run("sleep 60 >/dev/null 2>&1 & echo $!");
  const pid = Number(exchange?.answer.split("\n")[1]);
  await expect.poll(() => isAlive(pid)).toBe(false);
});

it.each([
  ["what it leaves behind holds its output", "sleep 60 & exit 0"],
  ["what made itself independent holds its output", "setsid sleep 30 & sleep 0.3; exit 0"],
])("has ended when it ends, though %s", async (_name, script) => {
  const { verdict } = await run(script, { timeout: 4000 });
  expect(verdict).toEqual({ kind: "delivered" });
});

it("is tried again later where there are no descriptors left to start it", () => {
  const script = `
    import { openSync } from "node:fs";
    import { runProgram } from "${import.meta.dirname}/run.ts";
    const { signal } = new AbortController();
    try { for (;;) openSync("/dev/null"); } catch {}
    const bounds = { env: {}, input: "", timeout: 5000, maxOutput: 100, signal };
    const { how, code } = await runProgram({ argv: ["/bin/true"], cwd: "/", ...bounds });
    process.stdout.write(how + " " + code);`;
  const limited = `ulimit -n 200; exec "$0" --import tsx --input-type=module -e "$1"`;
  const argv = ["-c", limited, process.execPath, script];
  const { stdout, stderr } = spawnSync("/bin/sh", argv, { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(stdout).toBe("not_started EMFILE");
});

it("is stopped with the program", async () => {
  const controller = new AbortController();
  const running = run("sleep 60", { signal: controller.signal });
  controller.abort();
  expect((await running).verdict).toMatchObject({ kind: "retry", reason: "reset" });
});

it("may print without end, of which little is kept", async () => {
  const { verdict, exchange } = await run("head -c 10000000 /dev/zero | tr '\\0' x", {
    max_output: "1KiB",
  });
  expect(verdict).toEqual({ kind: "delivered" });
  expect(exchange?.answer.length).toBeLessThan(1200);
});

it("gets no environment but its own and the little that programs need", async () => {
  process.env["TOCSIN_TEST_SECRET_OF_THE_SERVER"] = "hidden";
  const { exchange } = await run("env", { env: { TOKEN: "token-0123456789" } });
  delete process.env["TOCSIN_TEST_SECRET_OF_THE_SERVER"];
  const names = exchange?.answer.split("\n").flatMap((line) => /^(\w+)=/.exec(line)?.[1] ?? []);
  const allowed = ["HOME", "LANG", "PATH", "TOKEN", "PWD", "SHLVL", "_"];
  expect(names).toContain("TOKEN");
  expect(names?.filter((name) => !allowed.includes(name))).toEqual([]);
  expect(exchange?.answer).not.toContain("0123456789");
});

it("gives no argument to a shell", async () => {
  const argv = ["/bin/echo", "$(id)", "; touch x"];
  const { exchange } = await run("", { argv });
  expect(exchange?.answer).toContain("$(id) ; touch x");
});

it("that is not there is refused with a hint", async () => {
  const { verdict } = await run("", { argv: ["/no/such/program"] });
  expect(verdict).toMatchObject({
    kind: "reject",
    reason: "not_found",
    error: expect.stringContaining("check the path in argv") as string,
  });
});

it.each([
  { argv: [] },
  { argv: ["notify"] },
  { argv: "notify" },
  { argv: ["/a"], env: { "A-B": "x" } },
])("cannot be configured as %j", (wrong) => {
  expect(command.config.safeParse(wrong).success).toBe(false);
});

function isAlive(pid: number): boolean {
  expect(pid).toBeGreaterThan(1);
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  // One that ended stays a zombie until somebody asks for it.
  return stdout.trim() !== "" && !stdout.startsWith("Z");
}
