import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { APPLIED_CONFIGURATION, recordableConfiguration } from "../app/applied-configuration.ts";
import { registries } from "../app/registries.ts";
import { Database } from "../sqlite/database.ts";
import { setMeta } from "../store/sqlite/meta.ts";
import { openHistoryBench, SPLIT } from "./testing/history.ts";
import type { Bench } from "./testing/run.ts";

const DOLLAR = "$";
const EVENTS = [{ ago: 60_000, title: "A", severity: "low" }];

let bench: Bench;
beforeEach(async () => {
  bench = await openHistoryBench(SPLIT, EVENTS);
});
afterEach(() => bench.dispose());

/** As the server does when it starts. */
function apply(text: string): void {
  const database = new Database(join(bench.folder, "data/store.db"));
  setMeta(database, APPLIED_CONFIGURATION, recordableConfiguration(text, registries));
  database.close();
}

const change = (text: string) => writeFileSync(join(bench.folder, "tocsin.yaml"), text);

test("before the first start everything is added", async () => {
  const { code, out } = await bench.run("plan");
  expect(code).toBe(0);
  expect(out).toBe(
    "+ source sensor\n+ destination soc\n+ destination archive\n+ route urgent\n+ route rest\n5 changes\n",
  );
});

test("the same configuration changes nothing, however it is written", async () => {
  apply(SPLIT);
  change(`# a comment\n${SPLIT}`);
  expect((await bench.run("plan")).out).toBe("no changes\n");
});

test("names what is added, changed and removed, and what the last day's events would come to", async () => {
  apply(SPLIT);
  change(`public_url: https://tocsin.lab
sources: { sensor: { kind: generic } }
destinations: { soc: { kind: log, format: json }, mail: { kind: log } }
routes:
  - { name: rest, match: "severity >= medium", to: [mail] }
  - { name: urgent, match: "severity >= high", to: [soc] }
`);
  const { code, out } = await bench.run("plan");
  expect(code).toBe(1);
  expect(out).toMatch(
    /^~ destination soc: format\n- destination archive\n\+ destination mail\n~ route rest: to, match\n~ order of routes\n~ setting public_url\n6 changes\n/m,
  );
  expect(out).toMatch(/archive +1 +0 +-1\n/);
  expect(out).toContain("1 event reached somebody before and would reach nobody");
});

test("says so when the configuration that ran last cannot be read any more", async () => {
  apply(`${SPLIT}retention: { raw: "${DOLLAR}{env:DAYS}" }\n`);
  const { code, out, err } = await bench.run("plan");
  expect([code, out]).toEqual([0, "~ setting retention\n1 change\n"]);
  expect(err).toContain("nothing is compared: this version cannot read the configuration");
});

test("decides with both also when a cluster's name and password are references", async () => {
  const cluster = `clusters: { lab: { url: https://es.lab, username: "${DOLLAR}{env:U}", password: "${DOLLAR}{env:P}" } }\n`;
  apply(SPLIT + cluster);
  change(`${SPLIT}fold: [{ name: same }]\n`);
  const { out, err } = await bench.run("plan");
  expect(err).toBe("");
  expect(out).toContain("- cluster lab\n");
  expect(out).toContain("every event that reached somebody before still does");
});

test("shows no secret, also of one that stood in the file itself, and still decides with both", async () => {
  const text = (url: string) =>
    SPLIT.replace("soc: { kind: log }", `soc: { kind: slack, webhook_url: "${url}" }`);
  apply(text("https://hooks.slack.com/services/T0/B0/oldsecret"));
  const database = new Database(join(bench.folder, "data/store.db"), { readOnly: true });
  const kept = database.get<{ value: string }>(
    "SELECT value FROM meta WHERE name = ?",
    APPLIED_CONFIGURATION,
  );
  database.close();
  expect(kept?.value).not.toContain("oldsecret");
  change(`${text("${env:SLACK}")}fold: [{ name: same }]\n`);
  const env = { SLACK: "https://hooks.slack.com/services/T0/B0/newsecret" };
  const { out } = await bench.runWith({ env }, "plan");
  expect(out).toContain("~ destination soc: webhook_url\n+ fold policy same\n");
  expect(out).not.toContain("secret");
  expect(out).toContain("every event that reached somebody before still does");
});
