import { describe, expect, test } from "vitest";
import { parseConfiguration, type ReadResult } from "../app/configuration.ts";
import { registries } from "../app/registries.ts";
import type { WholeConfiguration } from "./configuration.ts";
import { configureWorker, type WorkerOptions } from "./elk-action-source.ts";
import type { Cli } from "./io.ts";

const ENV = { TOKEN: "t0ken-of-the-hook" };
const LAB = "clusters: { lab: { url: https://es.lab:9200 } }";
const TWO = "clusters: { lab: { url: https://es.lab:9200 }, far: { url: https://es.far:9200 } }";

function read(text: string, env: Cli["env"]): WholeConfiguration {
  const result: ReadResult = parseConfiguration({ text, file: null, env, registries, cwd: "/w" });
  if (!result.ok) throw new RangeError(JSON.stringify(result.problems));
  return result;
}

/** What a configuration comes to with these options. */
function configure(text: string, options: WorkerOptions = {}, more: Cli["env"] = {}) {
  const env = { ...ENV, ...more };
  return configureWorker(options, read(text, env), { env, cwd: "/w" } as unknown as Cli);
}

const settingsOf = ({ configuration, source }: ReturnType<typeof configure>) =>
  configuration.sources.get(source)?.config;

describe("the worker's configuration", () => {
  test("has one source, and everything else of the file with its references", () => {
    const made = configure(`
${LAB}
listen: 0.0.0.0:7373
sources: { kibana: { kind: kibana }, alerts: { kind: elastic-alerts, cluster: lab } }
destinations: { hook: { kind: webhook, url: https://x.lab, headers: { x-token: "\${env:TOKEN}" } } }
routes: [{ name: some, match: "severity >= high", to: [hook] }]
cases: [{ name: by-host, match: "*", group_by: [host.name] }]
`);
    const { sources, routes, cases, listen } = made.configuration;
    expect([...sources.keys()]).toEqual(["actions"]);
    expect(routes).toMatchObject([{ name: "some", match: "severity >= high", to: ["hook"] }]);
    expect(cases).toMatchObject([{ name: "by-host" }]);
    expect(listen).toEqual({ host: "127.0.0.1", port: 0 });
    expect(made.text).toContain('"${env:TOKEN}"');
    expect(made.text).not.toContain(ENV.TOKEN);
  });

  test("without a file has the destinations of the first run", () => {
    const { configuration } = configure("", { url: "https://es.lab:9200" });
    expect([...configuration.destinations.keys()]).toEqual(["file", "terminal"]);
    expect([...configuration.sources.keys()]).toEqual(["actions"]);
  });

  test("follows the options", () => {
    const options = { index: "soc-*", interval: "5s", size: "20", startTime: "24h" };
    const made = configure(LAB, options);
    expect(settingsOf(made)).toMatchObject({
      cluster: "lab",
      index: "soc-*",
      size: 20,
      start_time: { kind: "ago", duration: 86_400_000 },
    });
    expect(made.configuration.sources.get(made.source)?.feed?.interval).toBe(5000);
  });

  test("goes on with the source of the file that reads the same, and its settings", () => {
    const made = configure(`
${LAB}
sources: { rules: { kind: elastic-actions, cluster: lab, overlap: 1h, size: 5, tags: [soc] } }
`);
    expect(made.source).toBe("rules");
    expect(settingsOf(made)).toMatchObject({ overlap: 3_600_000, size: 5 });
    expect(made.configuration.sources.get("rules")?.common.tags).toEqual(["soc"]);
  });
});

describe("the name under which it is kept how far was read", () => {
  const nameOf = (text: string, options: WorkerOptions) => configure(text, options).source;

  test.each([
    [LAB, {}, "actions"],
    [LAB, { cluster: "lab" }, "actions"],
    [TWO, { cluster: "lab" }, "actions"],
    [TWO, { cluster: "far" }, "actions-far"],
    [LAB, { index: "soc" }, "actions-soc"],
    [TWO, { index: "soc", cluster: "far" }, "actions-soc-far"],
    ["", { url: "https://es.lab:9200" }, "actions"],
    [LAB, { url: "https://es.far:9200" }, "actions-command-line"],
  ])("of %s with %j is %s", (text, options, name) => {
    expect(nameOf(text, options)).toBe(name);
  });

  test("is another one for each index, whatever that is called", () => {
    const indices = ["soc-*", "soc-_", "soc-,", `${"long-".repeat(20)}a`, `${"long-".repeat(20)}b`];
    const names = indices.map((index) => nameOf(LAB, { index }));
    expect(new Set(names).size).toBe(indices.length);
    expect(names[0]).toMatch(/^actions-soc-_-[0-9a-f]{8}$/);
  });

  test("is not that of a source that reads something else", () => {
    const other = "sources: { actions: { kind: elastic-actions, cluster: lab, index: soc } }";
    expect(nameOf(`${LAB}\n${other}`, {})).toBe("actions-siem-alert-lab");
    expect(nameOf(`${LAB}\n${other}`, { index: "soc" })).toBe("actions");
  });
});

describe("the cluster", () => {
  test("has to be named where there are several, or none", () => {
    const hint = (text: string) => () => configure(text);
    expect(hint(TWO)).toThrow(
      expect.objectContaining({ code: "USAGE", hint: "name one with --cluster: lab, far" }),
    );
    expect(hint("")).toThrow(
      expect.objectContaining({ code: "USAGE", hint: expect.stringContaining("--url") }),
    );
  });

  const given = (env: Cli["env"]) => {
    const { configuration, text } = configure("", { url: "https://es.lab:9200" }, env);
    const { api_key, username, password, ca } = configuration.clusters.get("command-line") ?? {};
    return { text, api_key: api_key?.reveal(), username, password: password?.reveal(), ca };
  };

  test("of --url takes an API key from the environment, and no secret stands in the text", () => {
    const user = { ES_USERNAME: "ada", ES_PASSWORD: "pa55-word" };
    const { text, ...found } = given({ ES_API_KEY: "k3y-of-the-lab", ES_CA: "ca.pem", ...user });
    expect(found).toMatchObject({ api_key: "k3y-of-the-lab", ca: "/w/ca.pem" });
    expect(found.username).toBeUndefined();
    expect(text).not.toContain("k3y-of-the-lab");
    expect(text).toContain("${env:ES_API_KEY}");
  });

  test("of --url takes user and password where there is no API key", () => {
    const { text, ...found } = given({ ES_USERNAME: "ada", ES_PASSWORD: "pa55-word" });
    expect(found).toMatchObject({ username: "ada", password: "pa55-word" });
    expect(text).not.toContain("pa55-word");
  });

  test("of --url with half of the credentials is told which", () => {
    expect(() => given({ ES_USERNAME: "ada" })).toThrow(
      expect.objectContaining({ code: "USAGE", message: expect.stringMatching(/^ES_USERNAME: /) }),
    );
  });
});

test("what is given on the command line is no reference", () => {
  expect(() => configure(LAB, { index: "${env:TOKEN}" })).toThrow(
    expect.objectContaining({ code: "USAGE", message: "--index: not an index" }),
  );
  const { text } = configure("", { url: "https://es.lab:9200/${env:TOKEN}" });
  expect(text).toContain("$${env:TOKEN}");
});
