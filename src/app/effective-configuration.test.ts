import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Database } from "../sqlite/database.ts";
import { migrate } from "../sqlite/migrate.ts";
import { removePolicy, savePolicy } from "../store/sqlite/policies.ts";
import { STORE_MIGRATIONS } from "../store/sqlite/schema.ts";
import type { TelemetryEvent } from "../telemetry/events.ts";
import { EffectiveConfiguration } from "./effective-configuration.ts";
import { registries } from "./registries.ts";

const TEXT = `
sources: { in: { kind: generic } }
destinations: { out: { kind: webhook, url: "\${file:url}" } }
routes: [{ name: usual, to: [out] }]
`;

let folder: string;
let database: Database;
let told: TelemetryEvent[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tocsin-effective-"));
  writeFileSync(join(folder, "url"), "https://soc.test/");
  database = new Database(join(folder, "store.db"));
  migrate(database, STORE_MIGRATIONS);
  told = [];
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(): EffectiveConfiguration {
  const options = { text: TEXT, file: "tocsin.yaml", env: {}, registries, cwd: folder };
  return new EffectiveConfiguration(database, options, { emit: (event) => void told.push(event) });
}

const save = (name: string, to: string[]) =>
  savePolicy(database, { kind: "routes", name, settings: { to } }, "ada", 1);

it("holds what was made by hand before the start", () => {
  save("night", ["out"]);
  const { configuration } = open();
  expect(configuration.routes.map(({ name }) => name)).toEqual(["night", "usual"]);
});

it("is read again when something was made by hand since, once", () => {
  const effective = open();
  expect(effective.refresh()).toBeNull();
  save("night", []);
  expect(effective.refresh()?.route("night")).toMatchObject({ name: "night", to: [] });
  expect(effective.refresh()).toBeNull();
  removePolicy(database, "routes", "night", "ada", 2);
  const fresh = effective.refresh();
  expect(fresh?.route("night")).toBeUndefined();
  expect(fresh?.route("usual")).toBeDefined();
});

it("keeps what references came to at the start", () => {
  const effective = open();
  rmSync(join(folder, "url"));
  save("night", ["out"]);
  expect(effective.refresh()?.route("night")).toBeDefined();
  expect(told).toEqual([]);
});

it("leaves what does not fit aside, and tells of it once", () => {
  const effective = open();
  save("night", ["nowhere"]);
  expect(effective.refresh()).toBeNull();
  expect(effective.refresh()).toBeNull();
  expect(told).toMatchObject([{ event: "pipeline_failed", error: { code: "CONFIG_INVALID" } }]);
  expect(open).toThrow(/tocsin policy remove routes night/);
});
