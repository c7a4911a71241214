import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { loadConfig } from "./load.ts";
import { formatProblem } from "./problem.ts";
import { referenceResolver } from "./references.ts";
import { duration, secret } from "./values.ts";

const schema = z.strictObject({
  name: z.string().min(1).optional(),
  wait: duration("5s"),
  tries: z.int().min(1).max(9).optional(),
  token: secret().optional(),
  mode: z.enum(["fast", "slow"]).optional(),
  // Not strict on purpose: unknown keys are found all the same.
  tls: z.object({ ca: z.string().optional() }).optional(),
  auth: z.union([z.literal("none"), z.strictObject({ user: z.string() })]).optional(),
  list: z.array(z.strictObject({ to: z.string() })).optional(),
  things: z
    .record(
      z.string().regex(/^[a-z]+$/, "this is not a name — use letters"),
      z.discriminatedUnion("kind", [
        z.strictObject({ kind: z.literal("file"), path: z.string() }),
        z.strictObject({ kind: z.literal("log") }),
      ]),
    )
    .optional(),
});

const env = { WAIT: "forever-hidden", TOKEN: "t0psecret", ONE: "1" };
const load = (text: string) =>
  loadConfig({
    text,
    file: "t.yaml",
    schema,
    resolver: referenceResolver({ env, directory: "/nowhere" }),
  });
const problemsOf = (text: string) => load(text).problems.map(formatProblem);

describe("loadConfig", () => {
  it("gives parsed values with defaults and resolved references", () => {
    const loaded = load("name: bell\ntoken: ${env:TOKEN}\n");
    expect(loaded).toMatchObject({ ok: true, value: { name: "bell", wait: 5000 }, problems: [] });
    expect(loaded.ok && loaded.value.token?.reveal()).toBe("t0psecret");
  });

  it("takes an empty file and one of comments only for an empty configuration", () => {
    expect(load("")).toMatchObject({ ok: true, value: { wait: 5000 } });
    expect(load("# nothing yet\n")).toMatchObject({ ok: true });
  });

  it("tells all problems at once, in the order of the text", () => {
    expect(problemsOf("nam: x\ntries: 10\nlist:\n  - {}\n  - to: 3\n")).toEqual([
      "t.yaml:1:1 unknown key `nam` — did you mean `name`?",
      "t.yaml:2:8 `tries` must be at most 9",
      "t.yaml:4:5 `to` is missing",
      "t.yaml:5:9 `to` must be text, not a number — put it in quotes",
    ]);
  });

  it("finds unknown keys where the schema itself is not strict", () => {
    expect(problemsOf("tls: { cA: x, cipher: y }\n")).toEqual([
      "t.yaml:1:8 unknown key `cA` — did you mean `ca`?",
      "t.yaml:1:15 unknown key `cipher` — known keys: ca",
    ]);
  });

  it("names the nearest kind and all kinds", () => {
    expect(problemsOf("things:\n  a: { kind: flie }\n  b: {}\n  C: { kind: log }\n")).toEqual([
      't.yaml:2:14 unknown `kind` "flie" — did you mean `file`? one of: file, log',
      "t.yaml:3:3 `kind` is missing — one of: file, log",
      "t.yaml:4:3 `C`: this is not a name — use letters",
    ]);
  });

  it("tells a union by the form that was meant", () => {
    expect(problemsOf("auth: { usr: x }\n")).toEqual([
      "t.yaml:1:1 `user` is missing",
      "t.yaml:1:9 unknown key `usr` — did you mean `user`?",
    ]);
    expect(problemsOf('auth: "off"\n')).toEqual([
      't.yaml:1:7 `auth` must be "none" or a map, not "off"',
    ]);
  });

  it("points to the key when there is no value", () => {
    expect(problemsOf("tls:\n  ca:\nname:\n")).toEqual([
      "t.yaml:2:3 `ca` has no value — give it one or remove the key",
      "t.yaml:3:1 `name` has no value — give it one or remove the key",
    ]);
  });

  it("never prints what a reference came to", () => {
    expect(problemsOf("wait: ${env:WAIT}\nmode: ${env:ONE}\n")).toEqual([
      't.yaml:1:7 `wait`: "${env:WAIT}" is not a duration — write it like 30s, 10m, 3d',
      't.yaml:2:7 `mode` cannot be "${env:ONE}" — one of: fast, slow',
    ]);
    expect(inspect(load("token: ${env:TOKEN}"), { depth: 9 })).not.toContain("t0psecret");
  });

  it("never prints it in what a check says, not even in parts", () => {
    const resolver = referenceResolver({ env, directory: "." });
    const check = () => [
      {
        level: "error",
        path: ["name"],
        offset: 2,
        message: "bad near psec",
        hint: "not t0",
      } as const,
      { level: "error", path: ["mode"], message: "unlike t0psecret" } as const,
    ];
    const text = "name: a ${env:TOKEN}\nmode: fast\ntoken: ${env:TOKEN}\n";
    const { problems } = loadConfig({ text, file: "t.yaml", schema, resolver, check });
    expect(problems.map(formatProblem)).toEqual([
      "t.yaml:1:7 `name` cannot be read: a ${env:TOKEN} — write it without references to see where",
      "t.yaml:2:7 unlike ${env:TOKEN}",
    ]);
  });

  it("does not judge a value that could not be resolved", () => {
    expect(problemsOf("wait: ${env:GONE}\n")).toEqual([
      "t.yaml:1:7 environment variable GONE is not set — set it where Tocsin is started",
    ]);
  });

  it("warns about a secret in the file and loads it", () => {
    const loaded = load("token: abc\n");
    expect(loaded.ok).toBe(true);
    expect(loaded.problems.map(formatProblem)).toEqual([
      "t.yaml:1:8 warning: the secret `token` stands in the file itself — write it as ${env:NAME} or ${file:path}",
    ]);
  });

  it("places problems of the check, inside a value where the text allows", () => {
    const check = () => [
      { level: "error", path: ["name"], offset: 4, message: "odd" } as const,
      { level: "warning", path: ["mode"], at: "key", message: "hm" } as const,
    ];
    const resolver = referenceResolver({ env, directory: "." });
    const place = (text: string) =>
      loadConfig({ text, file: "t.yaml", schema, resolver, check })
        .problems.filter((problem) => problem.message === "odd")
        .map(({ line, column }) => [line, column]);
    expect(place("name: abcdef\n")).toEqual([[1, 11]]);
    expect(place('name: "abcdef"\n')).toEqual([[1, 12]]);
    expect(place('name: "a\\tbcdef"\n')).toEqual([[1, 7]]);
    expect(place("name: >\n  abcdef\n")).toEqual([[1, 7]]);
  });
});

describe("loadConfig on the text itself", () => {
  it("reports a key that is there twice and goes on", () => {
    expect(problemsOf("name: a\nname: b\nmood: c\n")).toEqual([
      "t.yaml:2:1 this key is there twice — keep one of them",
      "t.yaml:3:1 unknown key `mood` — did you mean `mode`?",
    ]);
  });

  it("reports where YAML breaks", () => {
    expect(problemsOf("name: a\n\twait: 3s\n")).toEqual([
      "t.yaml:2:1 a tab is not indentation — indent with spaces",
    ]);
    expect(problemsOf("name: a\n---\nname: b\n")).toEqual([
      "t.yaml:2:1 there is more than one document — remove the `---` that starts another",
    ]);
    expect(problemsOf("name: severity: high\n")).toEqual([
      "t.yaml:1:7 a key where a value was expected — put a text with `: ` in quotes",
    ]);
  });

  it("resolves aliases and refuses those that lead nowhere or too far", () => {
    expect(load("name: &n bell\nlist: [{ to: *n }]\n")).toMatchObject({
      value: { list: [{ to: "bell" }] },
    });
    expect(problemsOf("name: *gone\n")).toEqual([
      "t.yaml:1:7 nothing is named *gone — define it earlier with &name",
    ]);
    const bomb = `a: &a [${"1,".repeat(50)}]\nb: &b [${"*a,".repeat(50)}]\nc: [${"*b,".repeat(40)}]\n`;
    expect(problemsOf(bomb)).toEqual([expect.stringContaining("aliases repeat too much")]);
    expect(problemsOf(`name: &n x\nlist: [${"*n,".repeat(50_000)}]\n`)).toEqual([
      expect.stringContaining("too many aliases"),
    ]);
  });

  it("does not read merge keys and says so", () => {
    expect(problemsOf("tls: { <<: { ca: x } }\n")).toEqual([
      "t.yaml:1:8 unknown key `<<` — merge keys are not read: write the settings out",
    ]);
  });

  it("survives hostile files", () => {
    expect(problemsOf("[".repeat(100_000))).toEqual([expect.stringMatching(/^t\.yaml:\d+:\d+ /)]);
    expect(problemsOf(`${"[".repeat(80)}${"]".repeat(80)}`)).toEqual([
      "t.yaml:1:1 the file is nested too deeply — at most 64 levels",
    ]);
    expect(problemsOf("#".repeat(1024 ** 2 + 1))).toEqual([
      "t.yaml:1:1 the file is larger than 1 MiB",
    ]);
    expect(problemsOf("? [a]\n: 1\n")).toEqual([
      "t.yaml:1:3 a key must be plain text — write it like `name: value`",
    ]);
    expect(problemsOf('__proto__: { a: 1 }\n"\\e[31m": 1\n')).toEqual([
      expect.stringContaining("unknown key `__proto__`"),
      expect.stringContaining("unknown key `\\u001b[31m`"),
    ]);
  });
});
