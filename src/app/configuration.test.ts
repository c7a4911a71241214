import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { formatProblem } from "../config/problem.ts";
import { starterConfiguration } from "../config/starter.ts";
import { sentTo } from "../sources/index.ts";
import {
  configurationError,
  defaultConfiguration,
  parseConfiguration,
  readConfiguration,
  type Configuration,
  type ReadResult,
} from "./configuration.ts";
import { configurationSchema } from "./configuration-schema.ts";
import { registries } from "./registries.ts";

const folder = mkdtempSync(join(tmpdir(), "tocsin-configuration-"));
afterAll(() => rmSync(folder, { recursive: true }));

const base = { env: {}, registries, cwd: folder };
const parse = (text: string, env: Record<string, string> = {}) =>
  parseConfiguration({ ...base, env, text, file: "tocsin.yaml" });

function accepted(result: ReadResult): Configuration {
  expect(result.problems.map(formatProblem)).toEqual([]);
  if (!result.ok) throw new Error("has problems");
  return result.configuration;
}

describe("the default configuration", () => {
  const configuration = accepted(readConfiguration(base));

  it("has all sources that are sent to, a file and the terminal, and one route to both", () => {
    expect([...configuration.sources.keys()]).toEqual([
      "kibana",
      "elastic",
      "splunk",
      "superna",
      "generic",
      "sentinel",
      "wazuh",
      "alertmanager",
      "grafana",
      "elastalert",
      "cloudevents",
    ]);
    const { file, terminal } = Object.fromEntries(configuration.destinations);
    expect(file).toMatchObject({
      kind: "file",
      config: { path: join(folder, "data/delivered.ndjson") },
    });
    expect(terminal?.kind).toBe("log");
    expect(configuration.routes).toMatchObject([
      { name: "everything", match: "*", to: ["file", "terminal"], continue: false },
    ]);
    expect(configuration.operators).toBeNull();
  });

  it("listens on loopback, asks every source for a key and keeps its data in ./data", () => {
    expect(configuration.listen).toEqual({ host: "127.0.0.1", port: 7373 });
    expect(configuration.data).toBe(join(folder, "data"));
    expect(configuration.file).toBeNull();
    const auths = [...configuration.sources.values()].map(({ common }) => common.auth);
    expect(new Set(auths)).toEqual(new Set(["key"]));
  });

  it("has the documented limits, in bytes and milliseconds", () => {
    const day = 86_400_000;
    expect(configuration).toMatchObject({
      limits: { body: 10 * 1024 ** 2, unpacked: 64 * 1024 ** 2, events: 10_000, depth: 64 },
      backpressure: { max_backlog: 1_000_000, min_free: 500 * 1024 ** 2, retry_after: 10_000 },
      retention: { raw: 30 * day, delivered: 90 * day, quarantine: 90 * day, attempts: 30 * day },
      egress: { allow: [], deny: [] },
      log: { level: "info", format: "auto" },
    });
    expect(configuration.rate_limit).toBeUndefined();
  });

  it("is what a file gets that names no sources, destinations and routes", () => {
    const { sources, destinations } = accepted(parse("listen: 127.0.0.1:0\ndata: ./kept\n"));
    expect(sources.size).toBe(sentTo.length);
    expect(destinations.get("file")?.config).toMatchObject({
      path: join(folder, "kept/delivered.ndjson"),
    });
    expect(accepted(parse("sources: { a: { kind: generic } }\n")).destinations.size).toBe(0);
  });

  it("is accepted by its own schema", () => {
    const schema = configurationSchema(registries.sources, registries.destinations);
    expect(schema.safeParse(defaultConfiguration("/data")).success).toBe(true);
  });
});

describe("readConfiguration", () => {
  it("takes the file asked for, else TOCSIN_CONFIG, else ./tocsin.yaml", () => {
    const cwd = join(folder, "found");
    mkdirSync(join(cwd, "etc"), { recursive: true });
    for (const name of ["tocsin", "etc/env", "etc/asked"]) {
      writeFileSync(join(cwd, `${name}.yaml`), `public_url: https://${name.split("/").at(-1)}/\n`);
    }
    const read = (file?: string, env = {}) =>
      accepted(readConfiguration({ ...base, cwd, env, file }));
    expect(read().public_url).toBe("https://tocsin");
    expect(read(undefined, { TOCSIN_CONFIG: "etc/env.yaml" }).public_url).toBe("https://env");
    const asked = read("etc/asked.yaml", { TOCSIN_CONFIG: "etc/env.yaml" });
    expect(asked).toMatchObject({ public_url: "https://asked", directory: join(cwd, "etc") });
    expect(asked.data).toBe(join(cwd, "etc/data"));
  });

  it("says so when the file asked for is not there", () => {
    expect(() => readConfiguration({ ...base, file: "gone.yaml" })).toThrow(
      expect.objectContaining({ code: "CONFIG_NOT_FOUND" }),
    );
    expect(() => readConfiguration({ ...base, env: { TOCSIN_CONFIG: "." } })).toThrow(
      expect.objectContaining({ code: "CONFIG_NOT_FOUND" }),
    );
  });

  it("puts --data before TOCSIN_DATA before the file", () => {
    const text = "data: /from/file\n";
    const read = (env: Record<string, string>, data?: string) =>
      accepted(parseConfiguration({ ...base, file: null, text, env, overrides: { data } })).data;
    expect(read({})).toBe("/from/file");
    expect(read({ TOCSIN_DATA: "/from/env" })).toBe("/from/env");
    expect(read({ TOCSIN_DATA: "/from/env" }, "option")).toBe(join(folder, "option"));
  });

  it("comes to the same from the text it hands on", () => {
    const first = readConfiguration(base);
    const again = first.ok && parseConfiguration({ ...base, file: null, text: first.text });
    expect(again).toEqual(first);
  });
});

describe("a configuration", () => {
  it("takes the settings of a source's kind and the common ones apart", () => {
    const { sources } = accepted(
      parse(`sources:\n  a: { kind: generic, items: x.y, listen: "[::1]:5000", tags: [lab] }\n`),
    );
    expect(sources.get("a")).toMatchObject({
      name: "a",
      kind: "generic",
      listen: { host: "::1", port: 5000 },
      common: { auth: "key", tags: ["lab"] },
      config: { items: "x.y" },
    });
    expect(sources.get("a")?.config).not.toHaveProperty("tags");
    expect(sources.get("a")?.definition.kind).toBe("generic");
  });

  it("keeps the route for operators apart from those for alerts", () => {
    const { routes, operators } = accepted(
      parse(
        "destinations: { t: { kind: log } }\nroutes:\n  - { name: all, to: [t] }\n  - { name: operators, to: [t] }\n",
      ),
    );
    expect(routes.map(({ name }) => name)).toEqual(["all"]);
    expect(operators).toMatchObject({ name: "operators", to: ["t"] });
  });

  it("decides nothing that it does not ask for", () => {
    const { fold, cases, correlate, inhibit, silences, calendars, stop_values } = accepted(
      readConfiguration(base),
    );
    expect([fold, cases, correlate, inhibit, silences]).toEqual([[], [], [], [], []]);
    expect([calendars, stop_values]).toEqual([{}, {}]);
  });

  it("has clusters by name, with their secrets resolved and not printed", () => {
    const text = 'clusters: { lab: { url: "https://es.lab:9200", api_key: "${env:ES_KEY}" } }';
    const { clusters } = accepted(parse(text, { ES_KEY: "k3y-of-lab" }));
    expect(clusters.get("lab")).toMatchObject({ url: "https://es.lab:9200", timeout: 30_000 });
    expect(clusters.get("lab")?.api_key?.reveal()).toBe("k3y-of-lab");
    expect(JSON.stringify([...clusters])).not.toContain("k3y");
    expect(accepted(parse("{}")).clusters.size).toBe(0);
  });

  it("has policies with their defaults, times in milliseconds and in UTC", () => {
    const { fold, cases, correlate, silences } = accepted(
      parse(`
fold: [{ name: f }]
cases: [{ name: c, group_by: [host.name], window: 1.5h }]
correlate:
  - { name: more, count: "> 10", by: [user.name], within: 5m }
  - { name: least, count: ">=10", by: [user.name], within: 5m, severity: low }
silences:
  - { name: s, match: "*", until: "2026-12-24T18:00:00+01:00", comment: " quiet " }
`),
    );
    const hour = 3_600_000;
    expect(fold).toEqual([{ name: "f", match: "*", window: hour }]);
    expect(cases).toMatchObject([{ match: "*", window: 1.5 * hour, max_alerts: 500, tags: [] }]);
    expect(correlate).toMatchObject([
      { count: 11, within: hour / 12, severity: "high" },
      { count: 10, severity: "low" },
    ]);
    expect(silences).toEqual([
      {
        name: "s",
        match: "*",
        until: "2026-12-24T17:00:00.000Z",
        comment: "quiet",
        at_end: "nothing",
      },
    ]);
  });

  it("says of a source that is read how, and of one that is sent to that it is not", () => {
    const { sources } = accepted(
      parse(`clusters: { lab: { url: "https://es.lab" } }
sources:
  read: { kind: elastic-actions, cluster: lab, interval: 1s, reconcile: { every: 2h }, tags: [a] }
  rare: { kind: elastic-alerts, cluster: lab, reconcile: false }
  sent: { kind: kibana }
`),
    );
    expect(sources.get("read")).toMatchObject({
      feed: {
        interval: 1000,
        max_lag: 900_000,
        reconcile: { every: 7_200_000, since: 86_400_000 },
      },
      common: { kind: "elastic-actions", auth: "key", tags: ["a"] },
      config: { cluster: "lab", index: "siem-alert" },
      listen: null,
    });
    expect(sources.get("read")?.config).not.toHaveProperty("interval");
    expect(sources.get("rare")?.feed).toMatchObject({ interval: 60_000, reconcile: null });
    expect(sources.get("sent")?.feed).toBeNull();
  });

  it("accepts `auth: none` on loopback, the source's own or everybody's", () => {
    accepted(parse("sources: { a: { kind: superna, auth: none } }\n"));
    accepted(
      parse(
        'listen: 0.0.0.0:80\nsources: { a: { kind: superna, auth: none, listen: "localhost:5000" } }\n',
      ),
    );
  });

  it("keeps the refinements of a kind", () => {
    const text = "destinations: { s: { kind: slack } }\nroutes: [{ name: r, to: [s] }]\n";
    expect(parse(text).problems.map(formatProblem)).toEqual([
      "tocsin.yaml:1:17 `webhook_url`: give exactly one of webhook_url and token",
    ]);
  });

  it("shows no secret when it is printed", () => {
    const text = 'sources: { a: { kind: generic, token: "${env:TOKEN}" } }\n';
    const configuration = accepted(parse(text, { TOKEN: "do-not-show" }));
    expect(configuration.sources.get("a")?.common.token?.reveal()).toBe("do-not-show");
    expect(inspect(configuration, { depth: 10 })).not.toContain("do-not-show");
    expect(JSON.stringify([...configuration.sources])).not.toContain("do-not-show");
  });

  it("becomes one error with a line for each problem", () => {
    const error = configurationError(parse("lisen: x\nrotes: []\nlog: { level: 3 }\n").problems);
    expect(error).toMatchObject({ code: "CONFIG_INVALID" });
    expect(error.message.split("\n")).toHaveLength(3);
  });

  it("refuses kinds whose settings are not an object", () => {
    const kind = { ...registries.sources[0]!, config: z.string() };
    expect(() => configurationSchema([kind], registries.destinations)).toThrow(
      expect.objectContaining({ code: "INTERNAL" }),
    );
  });
});

describe("the configurations that come along", () => {
  it("`tocsin init` writes one that is valid and does what the defaults do", () => {
    const starter = accepted(parse(starterConfiguration(sentTo)));
    const defaults = accepted(readConfiguration(base));
    const names = ({ sources, destinations, routes }: Configuration) => ({
      sources: [...sources].map(([name, { kind }]) => [name, kind]),
      destinations: [...destinations].map(([name, { kind, config }]) => [name, kind, config]),
      routes,
    });
    const relative = { ...names(defaults) };
    relative.destinations = relative.destinations.map(([name, kind, config]) => [
      name,
      kind,
      kind === "file" ? { ...(config as object), path: "./data/delivered.ndjson" } : config,
    ]);
    expect(names(starter)).toEqual(relative);
  });

  it("what the starter has in comments is valid too", () => {
    const text = starterConfiguration(sentTo).replace(
      /^( *)# (?=public_url|storage:|soc-|ticketing:|  kind: web|  url:|- \{|[a-z]+: +#|calendars:|  - \{|  office:|- name:|  (match|to|continue|group_by|repeat_every|limit|hours):)/gm,
      "$1",
    );
    const env = { STORAGE_TOKEN: "storage-token", SLACK_WEBHOOK: "https://hooks.example/x" };
    const configuration = accepted(unused(parse(text, env), "ticketing"));
    const { sources, destinations, operators } = configuration;
    expect(sources.has("storage")).toBe(true);
    expect([...destinations.keys()]).toEqual(["file", "terminal", "soc-slack", "ticketing"]);
    expect(operators?.to).toEqual(["soc-slack"]);
    const { fold, cases, correlate, inhibit, silences, calendars, routes } = configuration;
    const policies = [fold, cases, correlate, inhibit, silences, Object.keys(calendars)];
    expect(policies.map(({ length }) => length)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(routes.map(({ name }) => name)).toEqual(["urgent", "paced", "everything"]);
  });

  it("tocsin.example.yaml is valid", () => {
    const text = readFileSync(new URL("../../tocsin.example.yaml", import.meta.url), "utf8");
    const names = [...text.matchAll(/\$\{env:(\w+)\}/g)].map((match) => match[1] ?? "");
    const env = Object.fromEntries(names.map((name) => [name, `value-of-${name}-0123`]));
    const configuration = accepted(parse(text, env));
    expect(configuration.sources.size).toBe(5);
    expect(configuration.destinations.size).toBe(4);
    expect(configuration.operators).not.toBeNull();
  });
});

/** The result without the warning that no route sends to `name`. */
function unused(result: ReadResult, name: string): ReadResult {
  const isExpected = (message: string) => message === `no route sends to destination \`${name}\``;
  return { ...result, problems: result.problems.filter(({ message }) => !isExpected(message)) };
}
