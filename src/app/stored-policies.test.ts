import { describe, expect, it } from "vitest";
import { formatProblem } from "../config/problem.ts";
import { parseConfiguration } from "./configuration.ts";
import { registries } from "./registries.ts";
import { parseWithPolicies, withStoredPolicies, type PolicyEntry } from "./stored-policies.ts";

const FILE = `
sources: { in: { kind: generic } }
destinations: { out: { kind: log }, night: { kind: log } }
fold: [{ name: all, by: [rule.name] }]
routes: [{ name: usual, to: [out] }]
`;

const options = (text: string, env: Record<string, string> = {}) => {
  return { text, file: "tocsin.yaml", env, registries, cwd: "/srv" };
};
const aRoute = (name: string, settings: PolicyEntry["settings"] = { to: ["night"] }) =>
  ({ kind: "routes", name, settings }) as const;

function readWhole(text: string, ...stored: PolicyEntry[]) {
  const read = parseWithPolicies(options(text), stored);
  if (!read.ok) throw new RangeError(read.problems.map(formatProblem).join("\n"));
  return read;
}

function problemsOf(text: string, ...stored: PolicyEntry[]): string[] {
  const read = parseWithPolicies(options(text), stored);
  expect(read.ok).toBe(false);
  return read.problems.map(formatProblem);
}

describe("what was made by hand", () => {
  it("stands before what the file says, in its order, kind by kind", () => {
    const fold = { kind: "fold", name: "by-host", settings: { by: ["host.name"] } } as const;
    const quiet = { to: ["night"], match: "severity: low" };
    const { configuration } = readWhole(FILE, fold, aRoute("b", quiet), aRoute("a", quiet));
    expect(configuration.routes.map(({ name }) => name)).toEqual(["b", "a", "usual"]);
    expect(configuration.fold.map(({ name }) => name)).toEqual(["by-host", "all"]);
  });

  it("leaves the rest, and the text that is kept of it, as the file has it", () => {
    const alone = parseConfiguration(options(FILE));
    const whole = readWhole(FILE, aRoute("a"));
    expect(whole.text).toBe(FILE);
    expect(whole.configuration).toMatchObject({
      ...(alone.ok ? alone.configuration : {}),
      routes: [{ name: "a" }, { name: "usual" }],
    });
  });

  it("goes with the names of the first run where the file has none", () => {
    const route = aRoute("a", { to: ["terminal"] });
    const { configuration } = readWhole("", route);
    expect(configuration.routes.map(({ name }) => name)).toEqual(["a", "everything"]);
    expect([...configuration.sources.keys()]).toContain("kibana");
  });

  it("is taken as written: what looks like a reference shows no secret", () => {
    const env = { SECRET: "hunter22" };
    const settings = { title: "${env:SECRET} $${x}", group_by: ["host.name"] };
    const policy: PolicyEntry = { kind: "cases", name: "c", settings };
    const read = parseWithPolicies(options(FILE, env), [policy]);
    expect(read.ok && read.configuration.cases[0]?.title).toBe("${env:SECRET} $${x}");
  });

  it("cannot take another name than its own from its settings", () => {
    const text = withStoredPolicies(FILE, [aRoute("a", { name: "b", to: [] })], "/data");
    expect(JSON.parse(text).routes[0]).toEqual({ name: "a", to: [] });
  });
});

describe("problems", () => {
  it("of the file are told with their lines, as without anything made by hand", () => {
    const broken = FILE.replace("to: [out]", "to: [nowhere]");
    const alone = parseConfiguration(options(broken)).problems.map(formatProblem);
    expect(problemsOf(broken, aRoute("a"))).toEqual(alone);
    expect(alone.at(-1)).toMatch(/^tocsin\.yaml:5:\d+ unknown destination/);
  });

  it("of what was made by hand are told by kind and name, with the way out", () => {
    expect(
      problemsOf(
        FILE,
        aRoute("ok", { to: [], match: "a" }),
        aRoute("a", { to: ["nowhere"], mach: "x" }),
      ),
    ).toEqual([
      "routes a: unknown key `mach` — tocsin policy remove routes a",
      "routes a: unknown destination `nowhere` — tocsin policy remove routes a",
    ]);
  });

  it("come from a name that the file has taken since", () => {
    expect(problemsOf(FILE, aRoute("usual"))).toEqual([
      "routes usual: the configuration has one of this name, too — tocsin policy remove routes usual",
    ]);
  });

  it("that only warn keep nothing from starting: the file's, and those about what was made by hand", () => {
    const taker = aRoute("taker");
    const { problems } = readWhole(FILE, taker, aRoute("behind"));
    expect(problems.map(formatProblem)).toEqual([
      "routes behind: warning: no alert gets to route `behind`: route `taker` takes every alert before it — move it up, or give route `taker` a `match` or `continue: true`",
      expect.stringMatching(/^tocsin\.yaml:3:\d+ warning: no route sends to destination `night`/),
    ]);
  });
});
