import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { APPLIED_CONFIGURATION, recordableConfiguration } from "../app/applied-configuration.ts";
import { registries } from "../app/registries.ts";
import { NOON } from "../ledger/testing/folder.ts";
import { setMeta } from "../store/sqlite/meta.ts";
import { Database } from "../sqlite/database.ts";
import { openDataBench, type DataBench } from "./testing/data.ts";
import { openHistoryBench, SPLIT } from "./testing/history.ts";

let bench: DataBench;
beforeEach(async () => {
  bench = await openDataBench(NOON);
  writeFileSync(join(bench.folder, "tocsin.yaml"), JSON.stringify(FILE));
  const database = new Database(bench.data.paths.store);
  setMeta(database, APPLIED_CONFIGURATION, JSON.stringify(FILE));
  database.close();
});
afterEach(() => bench.close());

const FILE = {
  sources: { rule: { kind: "generic" } },
  destinations: { chat: { kind: "log" } },
  routes: [{ name: "usual", to: ["chat"] }],
};

function set(kind: string, name: string, yaml: string, ...argv: string[]) {
  const readStdin = async () => Buffer.from(yaml);
  return bench.runWith({ readStdin }, "policy", "set", kind, name, "--file", "-", ...argv);
}

describe("policy", () => {
  it("lists what the file has and what was made by hand, in the order of asking", async () => {
    await set("routes", "night", "match: 'severity: low'\nto: [chat]\n", "--as", "ada");
    const { out } = await bench.run("policy");
    expect(out.split("\n").map((line) => line.split(/ {2,}/).slice(0, 4))).toEqual([
      ["KIND", "NAME", "ORIGIN", "BY"],
      ["routes", "night", "store", "ada"],
      ["routes", "usual", "file", "-"],
      [""],
    ]);
    const listed = await bench.json("policy", "list");
    expect(listed.items).toMatchObject([
      { name: "night", origin: "store", settings: { match: "severity: low", to: ["chat"] } },
      { name: "usual", origin: "file", author: null },
    ]);
  });

  it("sets from a file, shows and removes", async () => {
    writeFileSync(join(bench.folder, "fold.yaml"), "by: [host.name]\nwindow: 2h\n");
    const made = await bench.run("policy", "set", "fold", "hosts", "--file", "fold.yaml");
    expect(made).toMatchObject({ code: 0, err: "" });
    const shown = await bench.run("policy", "show", "fold", "hosts");
    expect(shown.out).toBe(made.out);
    expect(shown.out).toContain('  by: ["host.name"]\n  window: "2h"\n');
    expect((await bench.run("policy", "remove", "fold", "hosts")).out).toBe("removed fold hosts\n");
    expect((await bench.run("policy", "show", "fold", "hosts")).code).toBe(1);
    expect((await bench.run("policy", "remove", "fold", "hosts")).code).toBe(1);
    const usual = await bench.run("policy", "show", "routes", "usual");
    expect(usual.out).toContain("routes usual  stands in the configuration");
  });

  it("refuses what does not fit with what to do, and keeps what was", async () => {
    const wrong = await set("routes", "night", "to: [chatt]");
    expect(wrong).toMatchObject({ code: 2, out: "" });
    expect(wrong.err).toBe(
      "tocsin: routes night: unknown destination `chatt`\n  hint: did you mean `chat`?\n",
    );
    expect((await set("routes", "usual", "to: [chat]")).code).toBe(1);
    expect((await set("route", "night", "to: [chat]")).code).toBe(64);
    expect((await set("routes", "night", "- chat")).err).toContain("holds no settings");
    expect((await set("routes", "night", "to: [")).err).toMatch(/^-:1:\d+ not valid YAML/);
    expect((await bench.json("policy", "list")).items).toHaveLength(1);
  });

  it("says which file cannot be read", async () => {
    const { code, err } = await bench.run("policy", "set", "fold", "a", "--file", "none.yaml");
    expect(code).toBe(2);
    expect(err).toContain("none.yaml cannot be read");
  });
});

describe("what was made by hand", () => {
  it("is told of by kind and name where it no longer goes with the file", async () => {
    await set("routes", "night", "match: 'severity: low'\nto: [chat]\n");
    const text = JSON.stringify(FILE).replaceAll("chat", "desk");
    writeFileSync(join(bench.folder, "tocsin.yaml"), text);
    const { code, err } = await bench.run("plan");
    expect(code).toBe(2);
    expect(err).toContain(
      "routes night: unknown destination `chat` — tocsin policy remove routes night\n",
    );
  });

  it("is among the routes that explain tells of", async () => {
    await set("routes", "night", "match: 'severity: low'\nto: [chat]\n");
    const { out } = await bench.run("explain", "ALR-000003");
    expect(out).toContain("route night (made by hand) does not take it: severity: low");
  });
});

it("what was made by hand decides in a backtest, a plan and a replay in shadow; check leaves it out", async () => {
  const event = { ago: 60_000, title: "A", severity: "high" };
  const history = await openHistoryBench(SPLIT, [event]);
  const database = new Database(join(history.folder, "data/store.db"));
  setMeta(database, APPLIED_CONFIGURATION, recordableConfiguration(SPLIT, registries));
  database.close();
  const readStdin = async () => Buffer.from("to: [archive]");
  const made = await history.runWith({ readStdin }, "policy", "set", "routes", "a", "--file", "-");
  expect(made.code).toBe(0);
  const { report } = await history.json("backtest", "--since", "1h");
  expect(report.destinations).toMatchObject([{ name: "archive", messages: 1 }]);
  const shadow = await history.json("replay", "--shadow", "--since", "1h");
  expect(shadow.messages).toMatchObject([{ destination: "archive" }]);
  expect((await history.run("plan")).out).toBe("no changes\n");
  writeFileSync(join(history.folder, "tocsin.yaml"), SPLIT.replace("severity >=", "severity <="));
  const { comparison } = await history.json("plan");
  expect(comparison).toMatchObject({ lost: 0, gained: 0 });
  expect((await history.run("check")).code).toBe(0);
  history.dispose();
});
