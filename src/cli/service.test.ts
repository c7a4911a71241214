import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openBench, type Bench, type Result } from "./testing/run.ts";

const CONFIGURATION = `
sources: { storage: { kind: superna } }
destinations: { terminal: { kind: log } }
routes: [{ name: all, to: [terminal] }]
`;
const STATE = "ActiveState=active\nNRestarts=0\n";

let bench: Bench;
/** Where systemd looks for units. */
let units: string;
let asked: string[];
/** What systemctl answers to its first word. */
let answers: Record<string, { code: number; output: string }>;

beforeEach(() => {
  bench = openBench({
    runProgram: async (file, args) => {
      asked.push([file, ...args].join(" "));
      return answers[args[0] ?? ""] ?? { code: 0, output: "" };
    },
  });
  units = join(bench.folder, "units");
  mkdirSync(units);
  asked = [];
  answers = { show: { code: 0, output: STATE } };
  configure(CONFIGURATION);
});
afterEach(() => bench.dispose());

const configure = (text: string) => writeFileSync(join(bench.folder, "tocsin.yaml"), text);
const unitFile = (name = "tocsin") => join(units, `${name}.service`);
const install = (...argv: string[]): Promise<Result> =>
  bench.run("service", "install", "--units", units, ...argv);
/** As a user of the system, whose program may lie in a home as on the machine of this test. */
const installAs = (...argv: string[]): Promise<Result> => {
  mkdirSync(join(bench.folder, "data"), { recursive: true });
  return install("--user", "soc", ...argv);
};
const print = async (...argv: string[]) => (await install("--print", ...argv)).out;

describe("service install", () => {
  test("writes the unit and has systemd load, enable and start it", async () => {
    const { code, out, err } = await installAs();
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(asked).toEqual([
      "systemctl daemon-reload",
      "systemctl enable tocsin.service",
      "systemctl restart tocsin.service",
      "systemctl show --property=ActiveState,NRestarts tocsin.service",
    ]);
    expect(readFileSync(unitFile(), "utf8")).toContain(
      `start --config ${join(bench.folder, "tocsin.yaml")} --data ${join(bench.folder, "data")}\n`,
    );
    expect(out).toBe(
      `wrote ${unitFile()}\nstarted tocsin.service; its data is in ${join(bench.folder, "data")}\n` +
        "Its log: journalctl -u tocsin -f\n" +
        `Commands about its alerts take --data ${join(bench.folder, "data")}\n`,
    );
  });

  test("--no-start leaves the start to the next boot", async () => {
    expect((await installAs("--no-start")).out).toContain("enabled tocsin.service");
    expect(asked).toEqual(["systemctl daemon-reload", "systemctl enable tocsin.service"]);
  });

  test("--name gives another service, with a folder of its own", async () => {
    const unit = await print("--name", "tocsin-lab");
    expect(unit).toContain("--data /var/lib/tocsin-lab\n");
    expect(unit).toContain("\nStateDirectory=tocsin-lab\n");
    expect(unit).toContain("\nSyslogIdentifier=tocsin-lab\n");
  });

  test("writes it anew, and nobody else's", async () => {
    await installAs();
    expect((await installAs()).code).toBe(0);
    writeFileSync(unitFile("sshd"), "[Unit]\n");
    asked = [];
    const { code, err } = await installAs("--name", "sshd");
    expect(code).toBe(1);
    expect(err).toContain("was not written by Tocsin");
    expect(readFileSync(unitFile("sshd"), "utf8")).toBe("[Unit]\n");
    expect(asked).toEqual([]);
  });

  test("answers in JSON", async () => {
    expect(JSON.parse((await installAs("--json")).out)).toEqual({
      file: unitFile(),
      data: join(bench.folder, "data"),
      started: true,
    });
  });

  test("says that it needs root", async () => {
    const { code, err } = await installAs("--units", join(bench.folder, "nowhere"));
    expect(code).toBe(2);
    expect(err).toMatch(/cannot write .*tocsin\.service: .*\n {2}hint: Run it as root \(sudo\)/);
    expect(asked).toEqual([]);
  });

  test.each(["daemon-reload", "enable", "restart"])("says what systemctl %s says", async (verb) => {
    answers[verb] = { code: 1, output: "System has not been booted with systemd\n" };
    const { code, err } = await installAs();
    expect(code).toBe(2);
    expect(err).toContain(`systemctl ${verb}`);
    expect(err).toContain("failed: System has not been booted with systemd\n  hint: ");
  });

  test.each(["ActiveState=activating\nNRestarts=0\n", "ActiveState=active\nNRestarts=1\n"])(
    "fails where the service does not stay: %j",
    async (output) => {
      answers["show"] = { code: 0, output };
      const { code, err } = await installAs();
      expect(code).toBe(2);
      expect(err).toContain("tocsin.service was started and has ended");
      expect(err).toContain("journalctl -u tocsin");
    },
  );
});

describe("service install --print", () => {
  test("prints the unit and changes nothing", async () => {
    expect(await print()).toMatch(/^# Written by tocsin.*\n\[Unit\]\n[^]*\nDynamicUser=yes\n/);
    expect(asked).toEqual([]);
    expect(existsSync(unitFile())).toBe(false);
    expect(JSON.parse(await print("--json"))).toEqual({ unit: expect.stringContaining("[Unit]") });
  });

  test("says what stands against it here", async () => {
    const { code, err } = await install("--print", "--data", "elsewhere");
    expect(code).toBe(0);
    expect(err).toMatch(/^tocsin: service: it would not be installed here: /);
  });

  test.each([
    ["listen: 127.0.0.1:443", true],
    ["listen: 127.0.0.1:7373", false],
    ["sources: { storage: { kind: superna, listen: '127.0.0.1:80', auth: none } }", true],
  ])("%s: a right for low ports is %s", async (text, expected) => {
    configure(text);
    expect((await print()).includes("AmbientCapabilities=CAP_NET_BIND_SERVICE")).toBe(expected);
  });

  test("has the folders that a user of yours writes to", async () => {
    configure(CONFIGURATION.replace("kind: log", "kind: file, path: out/alerts.ndjson"));
    const unit = await print("--user", "soc");
    const { folder } = bench;
    expect(unit).toContain(`\nReadWritePaths=${join(folder, "data")} ${join(folder, "out")}\n`);
  });
});

describe("service install refuses", () => {
  const refused = async (message: string, ...argv: string[]) => {
    const { code, out, err } = await install(...argv);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(message);
    expect(err).toMatch(/\n {2}hint: /);
    expect(asked).toEqual([]);
    expect(existsSync(unitFile())).toBe(false);
  };

  test("a configuration with errors", async () => {
    configure("sources: { storage: { kind: suprna } }");
    await refused("suprna");
  });

  test("a configuration that is not there", () => refused("cannot be read", "--config", "no.yaml"));

  test("data in another place than systemd gives", () =>
    refused("a user made up for the service cannot work with this", "--data", "elsewhere"));

  test("folders that a user of yours has not made", () =>
    refused(`there is no folder ${join(bench.folder, "data")}`, "--user", "soc"));

  test("to leave data behind", async () => {
    const data = join(bench.folder, "data");
    mkdirSync(data);
    writeFileSync(join(data, "store.db"), "");
    const { err } = await install("--print");
    expect(err).toContain("it would not be installed here");
    await refused(`alerts are kept in ${data}, and the service would keep its own in /var/lib/`);
  });

  test.each([
    ["--name", "../sshd"],
    ["--user", "root; x"],
    ["--env-file", "a%b.env"],
  ])("%s %s", (option, value) => refused(value, option, value));
});

describe("the variables of the service", () => {
  const SECRET = CONFIGURATION.replace("kind: log", "kind: slack, webhook_url: '${env:HOOK}'");
  const HOOK = "https://hooks.slack.example/services/T0/B0/c0";

  test("are read from its file", async () => {
    configure(SECRET);
    writeFileSync(join(bench.folder, "tocsin.env"), `HOOK="${HOOK}"\n`);
    const unit = await print();
    expect(unit).toContain(`\nEnvironmentFile=-${join(bench.folder, "tocsin.env")}\n`);
    expect(unit).not.toContain(HOOK);
  });

  test("are read from another file that is named", async () => {
    configure(SECRET);
    writeFileSync(join(bench.folder, "other"), `HOOK=${HOOK}\n`);
    expect(await print("--env-file", "other")).toContain(`-${join(bench.folder, "other")}\n`);
  });

  test("are not those of the shell", async () => {
    configure(SECRET);
    const { code, err } = await bench.runWith({ env: { HOOK } }, "service", "install", "--print");
    expect(code).toBe(2);
    expect(err).toContain("the service does not have the variables of this shell");
    expect(err).toContain("HOOK");
    expect(err).toContain(`Write them to ${join(bench.folder, "tocsin.env")}`);
    expect(err).not.toContain(HOOK);
  });

  test("are told to need root where their file cannot be read", async () => {
    mkdirSync(join(bench.folder, "tocsin.env"));
    const { code, err } = await install("--print");
    expect(code).toBe(2);
    expect(err).toMatch(/cannot read .*tocsin\.env: .*\n {2}hint: Run it as root \(sudo\)/);
  });
});

describe("service uninstall", () => {
  const uninstall = (...argv: string[]) =>
    bench.run("service", "uninstall", "--units", units, ...argv);

  test("stops the service and removes the unit, and its data stays", async () => {
    await installAs();
    asked = [];
    const { code, out } = await uninstall();
    expect(code).toBe(0);
    expect(out).toBe(`removed ${unitFile()}\nIts data is still there.\n`);
    expect(asked).toEqual(["systemctl disable --now tocsin.service", "systemctl daemon-reload"]);
    expect(existsSync(unitFile())).toBe(false);
    expect(existsSync(join(bench.folder, "data"))).toBe(true);
  });

  test("says that there is none", async () => {
    const { code, err } = await uninstall("--name", "other");
    expect(code).toBe(1);
    expect(err).toContain(`there is no ${unitFile("other")}`);
  });

  test("removes nothing that it did not write, and nothing elsewhere", async () => {
    writeFileSync(unitFile("sshd"), "[Unit]\n");
    expect((await uninstall("--name", "sshd")).err).toContain("was not written by Tocsin");
    expect((await uninstall("--name", "../units/sshd")).err).toContain("is no name for a service");
    expect(existsSync(unitFile("sshd"))).toBe(true);
    expect(asked).toEqual([]);
  });

  test("keeps the unit while the service cannot be stopped", async () => {
    await installAs();
    answers["disable"] = { code: 4, output: "Access denied" };
    const { code, err } = await uninstall();
    expect(code).toBe(2);
    expect(err).toContain("Access denied");
    expect(existsSync(unitFile())).toBe(true);
  });
});
