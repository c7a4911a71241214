import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseConfiguration, type Configuration } from "../app/configuration.ts";
import { registries } from "../app/registries.ts";
import { checkService, planService, type ServiceWish } from "./plan.ts";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "tocsin-service-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const wish: ServiceWish = {
  name: "tocsin",
  user: null,
  envFile: "/etc/tocsin/tocsin.env",
  config: "/etc/tocsin/tocsin.yaml",
  data: null,
  node: "/usr/bin/node",
  program: "/opt/tocsin/bin/tocsin.mjs",
};

function configuration(text = ""): Configuration {
  const file = join(folder, "tocsin.yaml");
  const read = parseConfiguration({ text, file, env: {}, registries, cwd: folder });
  if (!read.ok) throw new RangeError("it has errors");
  return read.configuration;
}

function check(own: Partial<ServiceWish>, text = NOTHING_WRITTEN): void {
  const whole = { ...wish, ...own };
  const read = configuration(text);
  checkService(whole, read, planService(whole, read));
}

const NOTHING_WRITTEN = "sources: {}\ndestinations: {}\nroutes: []";
const writingTo = (path: string) =>
  `sources: {}\ndestinations: { out: { kind: file, path: ${path} } }\nroutes: [{ name: all, to: [out] }]`;

describe("with a user that systemd makes up", () => {
  it("the data is in the folder that systemd gives", () => {
    expect(planService(wish, configuration()).data).toBe("/var/lib/tocsin");
    expect(() => check({})).not.toThrow();
    expect(() => check({ data: "/var/lib/tocsin" })).not.toThrow();
    expect(() => check({}, writingTo("/var/lib/tocsin/out/alerts.ndjson"))).not.toThrow();
  });

  it.each([
    ["Node in a home", { node: "/home/ann/.nvm/node" }],
    ["the program in a home", { program: "/root/tocsin/bin/tocsin.mjs" }],
    ["the configuration in a home", { config: "/home/ann/tocsin.yaml" }],
    ["data elsewhere", { data: "/srv/tocsin" }],
  ])("%s is refused, with a way out", (_what, own) => {
    expect(() => check(own)).toThrow(
      expect.objectContaining({
        code: "REQUEST_INVALID",
        hint: expect.stringContaining("--user") as string,
      }),
    );
  });

  it.each(["alerts.ndjson", "/srv/alerts.ndjson", "/var/lib/tocsin-2/alerts.ndjson"])(
    "a destination that writes to %s is refused",
    (path) => {
      expect(() => check({}, writingTo(path))).toThrow("a destination writes to");
    },
  );

  it("data in the folder of the configuration is not left behind", () => {
    mkdirSync(join(folder, "data"));
    writeFileSync(join(folder, "data", "store.db"), "");
    expect(() => check({})).toThrow(`alerts are kept in ${join(folder, "data")}`);
  });
});

describe("with a user of yours", () => {
  it("homes are allowed, and the data stays where it is", () => {
    mkdirSync(join(folder, "data"));
    writeFileSync(join(folder, "data", "store.db"), "");
    const own = { user: "soc", node: "/home/ann/.nvm/node", config: "/home/ann/tocsin.yaml" };
    expect(() => check(own)).not.toThrow();
    expect(planService({ ...wish, ...own }, configuration()).data).toBe(join(folder, "data"));
  });

  it("all folders that it writes to have to be there", () => {
    mkdirSync(join(folder, "data"));
    expect(() => check({ user: "soc" }, writingTo("out/alerts.ndjson"))).toThrow(
      `there is no folder ${join(folder, "out")}`,
    );
    mkdirSync(join(folder, "out"));
    expect(() => check({ user: "soc" }, writingTo("out/alerts.ndjson"))).not.toThrow();
  });
});
