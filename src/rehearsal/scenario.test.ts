import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseConfiguration } from "../app/configuration.ts";
import { registries } from "../app/registries.ts";
import { configuredSilences } from "../app/silences.ts";
import { toJunit } from "./junit.ts";
import { readScenarioFile } from "./scenario-file.ts";
import { runScenario, type ScenarioResult } from "./scenario.ts";

const CONFIGURATION = `
sources: { in: { kind: generic }, other: { kind: generic } }
destinations: { soc: { kind: log }, pager: { kind: log } }
fold: [{ name: same, match: "rule.name : *", by: [rule.name], window: 1h }]
correlate:
  - { name: many, match: "rule.name : Burst", count: "> 1", by: [user.name], within: 1m, severity: high }
silences:
  - { name: night, match: "host.name : db-*", comment: backup, at_end: digest, from: "2026-03-02T10:00:00Z", until: "2026-03-02T11:00:00Z" }
routes:
  - { name: urgent, match: "severity >= high", to: [pager], continue: true }
  - { name: all, to: [soc], group_by: [user.name], group_wait: 30s }
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tocsin-scenario-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function read(text: string) {
  const path = join(folder, "x.test.yaml");
  writeFileSync(path, text);
  return readScenarioFile(path, "x.test.yaml");
}

function configuration() {
  const options = { text: CONFIGURATION, file: "tocsin.yaml", env: {}, registries, cwd: folder };
  const parsed = parseConfiguration(options);
  return parsed.ok ? parsed.configuration : expect.unreachable(JSON.stringify(parsed.problems));
}

/** Runs one test; what stands under `given` and `want`, as YAML. */
async function run(given: string, want = "[]", more = ""): Promise<ScenarioResult> {
  const file = read(`tests:\n  - { name: t, given: ${given}, want: ${want}${more} }\n`);
  if (!file.ok) return expect.unreachable(JSON.stringify(file.problems));
  const [scenario] = file.tests;
  if (!scenario) return expect.unreachable("no test");
  const own = configuration();
  return runScenario(scenario, own, configuredSilences(own));
}

it("a match over several alerts is told of, and stands behind the event that completed it", async () => {
  const body = '{ title: "B{{ n }}", severity: low, rule: { name: Burst }, user: { name: ann } }';
  const { messages } = await run(`[{ source: in, body: ${body}, times: 2, every: 1s }]`);
  const match = messages.find(({ destination }) => destination === "pager");
  expect(match?.alerts).toMatchObject([
    { title: "many: ann (2 events)", number: "behind ALR-000002" },
  ]);
});

describe("a test passes", () => {
  it("when each message that it wants comes at its time, and no other", async () => {
    const result = await run(
      "[{ at: 5s, source: in, body: { title: A, severity: high } }]",
      "[{ at: 5s, to: pager, title: A, severity: high }, { at: 5s, to: soc, title: A, count: 1 }]",
    );
    expect(result).toMatchObject({ name: "t", passed: true, error: null, differences: [] });
    expect(result.messages).toHaveLength(2);
  });

  it("with a digest, by its first and how many it tells of", async () => {
    const result = await run(
      `[{ source: in, body: { title: "{{ n }}", user.name: u }, times: 12, every: 1s }]`,
      "[{ at: 30s, to: soc, title: 1, alerts: 12 }]".replace("title: 1", 'title: "1"'),
    );
    expect(result.differences).toEqual([]);
  });

  it("with repeats of a folded event, each taken as one of its own", async () => {
    const body = "{ title: A, rule.name: r, user.name: u }";
    const result = await run(
      `[{ source: in, body: ${body}, times: 3 }, { source: in, body: ${body}, times: 2 }]`,
      "[{ at: 30s, to: soc, title: A, count: 5 }]",
    );
    expect(result.differences).toEqual([]);
  });

  it("with the silences of the configuration, at whatever date it begins", async () => {
    const given = "[{ at: 70m, source: in, body: { title: A, host.name: db-1 } }]";
    expect((await run(given, "[{ at: 2h, to: soc, title: A }]")).differences).toEqual([]);
    const later = await run(
      given,
      "[{ at: 70m, to: soc, title: A }]",
      ', start: "2026-03-03T09:00:00Z"',
    );
    expect(later.differences).toEqual([]);
  });

  it("when what somebody closes meanwhile is not sent, and what is reopened is", async () => {
    const event = "{ source: in, body: { title: A, user.name: u } }";
    const closed = "{ at: 10s, alert: A, status: closed, verdict: benign }";
    expect((await run(`[${event}, ${closed}]`)).differences).toEqual([]);
    const reopened = await run(
      `[${event}, ${closed}, { at: 20s, alert: A, status: new }]`,
      "[{ at: 30s, to: soc, title: A }]",
    );
    expect(reopened.differences).toEqual([]);
  });
});

describe("a test fails", () => {
  const A = "[{ source: in, body: { title: A } }]";
  const texts = async (given: string, want: string) =>
    (await run(given, want)).differences.map(({ kind, text }) => `${kind}: ${text}`);

  it("for a message that is missing, with all that was wanted of it", async () => {
    const want =
      "[{ to: soc, title: A }, { at: 90s, to: pager, kind: reminder, alerts: 3, severity: low }]";
    expect(await texts(A, want)).toEqual([
      "missing: 90s to pager: reminder of any title (3 alerts, low)",
    ]);
  });

  it("for a message that nobody wanted, with all that it was", async () => {
    const result = await run(A);
    expect(result.passed).toBe(false);
    expect(result.differences).toEqual([{ kind: "unexpected", text: "0s to soc: A (unknown)" }]);
  });

  it("for one that comes at another time, as something else or elsewhere", async () => {
    expect(await texts(A, "[{ at: 1s, to: soc, title: A }]")).toHaveLength(2);
    expect(await texts(A, "[{ to: soc, title: B }]")).toHaveLength(2);
    expect(await texts(A, "[{ to: pager, title: A }]")).toHaveLength(2);
    expect(await texts(A, "[{ to: soc, title: A, kind: update }]")).toHaveLength(2);
    expect(await texts(A, "[{ to: soc, title: A, count: 2 }]")).toHaveLength(2);
  });

  it("for one that comes once and is wanted twice", async () => {
    const want = "[{ to: soc, title: A }, { to: soc, title: A }]";
    expect(await texts(A, want)).toEqual(["missing: 0s to soc: A"]);
  });

  it("for what comes later than everything that is wanted, as long as it watches", async () => {
    const given = "[{ source: in, body: { title: A, user.name: u } }]";
    expect(await texts(given, "[]")).toEqual(["unexpected: 30s to soc: A (unknown)"]);
    expect((await run(given, "[]", ", watch: 10s")).differences).toEqual([]);
  });

  it("for a source that is not there or cannot read what is given, and says so", async () => {
    const unknown = await run("[{ source: gone, body: {} }]");
    expect(unknown).toMatchObject({ passed: false, differences: [], messages: [] });
    expect(unknown.error).toContain("no source gone");
    expect((await run("[{ source: in, body: no JSON }]")).error).toContain("cannot read");
  });
});

describe("a file of tests", () => {
  it("that is wrong is told with its places, all at once", () => {
    const file = read(
      `tests:
  - name: t
    given: [{ at: soon, source: in, body: {} }]
    want: [{ to: soc, kind: page }]
    wants: []
  - { name: "", given: [], want: [] }
`,
    );
    if (file.ok) return expect.unreachable("it was read");
    const places = file.problems.map(({ line, column }) => `${line}:${column}`);
    expect(places).toEqual(["3:19", "4:29", "5:5", "6:13", "6:24"]);
    expect(file.problems.every(({ file: name }) => name === "x.test.yaml")).toBe(true);
  });

  it("that cannot be read is an error that names it", () => {
    const missing = join(folder, "gone.test.yaml");
    expect(() => readScenarioFile(missing, "gone")).toThrow(
      expect.objectContaining({ code: "CONFIG_NOT_FOUND" }),
    );
  });
});

describe("results as JUnit XML", () => {
  const aResult = (given: Partial<ScenarioResult>): ScenarioResult => ({
    name: "t",
    passed: true,
    error: null,
    differences: [],
    messages: [],
    duration: 1500,
    ...given,
  });

  it("count what failed and what could not be run", () => {
    const missing = { kind: "missing", text: "0s to soc: A" } as const;
    const results = [
      aResult({}),
      aResult({ passed: false, differences: [missing, { ...missing, kind: "unexpected" }] }),
      aResult({ passed: false, error: "no source x" }),
    ];
    const xml = toJunit([
      { file: "a.yaml", results },
      { file: "b.yaml", results: [] },
    ]);
    expect(xml).toContain('<testsuites tests="3" failures="1" errors="1" time="4.500">');
    expect(xml).toContain(
      '<testsuite name="a.yaml" tests="3" failures="1" errors="1" time="4.500">',
    );
    expect(xml).toContain(
      '<testsuite name="b.yaml" tests="0" failures="0" errors="0" time="0.000">',
    );
    expect(xml).toContain('<testcase classname="a.yaml" name="t" time="1.500"/>');
    expect(xml).toContain(
      '<failure message="missing: 0s to soc: A">missing: 0s to soc: A&#10;unexpected: 0s to soc: A</failure>',
    );
    expect(xml).toContain('<error message="no source x"/>');
  });

  it("hold hostile text as text, without what XML cannot hold", () => {
    const hostile = `"><script>&amp;' \u0000\u001b\ud800 \u{1f514}\n`;
    const differences = [{ kind: "unexpected", text: hostile } as const];
    const xml = toJunit([
      { file: hostile, results: [aResult({ name: hostile, passed: false, differences })] },
    ]);
    expect(xml).not.toContain("<script>");
    for (const mark of ["\u0000", "\u001b"]) expect(xml).not.toContain(mark);
    const escaped = "&#34;&#62;&#60;script&#62;&#38;amp;&#39; \ufffd\ufffd\ufffd \u{1f514}&#10;";
    expect(xml).toContain(`name="${escaped}"`);
    expect(xml).toContain(`<failure message="unexpected: ${escaped}">`);
  });
});
