/** What `tocsin doctor elastic` finds on a real engine, and that the role that it prints suffices. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openFeeds } from "../../src/app/feeds.ts";
import { readConfiguration, type Configuration } from "../../src/app/configuration.ts";
import { registries } from "../../src/app/registries.ts";
import { openBench, type Bench } from "../../src/cli/testing/run.ts";
import { indexTemplate } from "../../src/doctor/bodies.ts";
import { readersOf } from "../../src/doctor/reader.ts";
import { wantedRole } from "../../src/doctor/role.ts";
import type { Feed, FeedPage } from "../../src/sources/feed.ts";
import { startScene } from "../e2e/program.ts";
import type { Engine } from "./distribution.ts";
import { describeEngines, START_TIMEOUT } from "./engines.ts";
import { startSearchEngine, type SearchEngine } from "./search-engine.ts";
import type { EngineRoles } from "./security.ts";

const ALIAS = ".alerts-security.alerts-default";
const BEHIND = ".internal.alerts-security.alerts-default-000001";

const SOURCES = `
  actions: { kind: elastic-actions, cluster: lab, start_time: 1h, settle: 0s }
  detections: { kind: elastic-alerts, cluster: lab, start_time: 1h, settle: 0s }`;
const CONSUMING = `
  actions: { kind: elastic-actions, cluster: lab, start_time: 1h, settle: 0s, consume: delete }`;

/** A configuration as a file has it; where the cluster is and who asks is for later. */
function yamlOf(sources: string, cluster = "url: http://127.0.0.1:1"): string {
  return `
clusters: { lab: { ${cluster} } }
sources:${sources}
destinations: { archive: { kind: file, path: out.ndjson } }
routes: [{ name: all, to: [archive] }]
`;
}

function load(yaml: string): Configuration {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-doctor-"));
  writeFileSync(join(folder, "tocsin.yaml"), yaml);
  const read = readConfiguration({ env: {}, cwd: folder, registries });
  rmSync(folder, { recursive: true });
  if (!read.ok) throw new RangeError(JSON.stringify(read.problems));
  return read.configuration;
}

/** What is printed before anything is known of the cluster. */
function roleFor(sources: string, write = false) {
  const readers = readersOf(load(yamlOf(sources)), "lab");
  return wantedRole(
    readers.map((reader) => ({ reader, behind: [] })),
    write,
  );
}

const ROLES: EngineRoles = {
  exact: roleFor(SOURCES),
  consuming: roleFor(CONSUMING, true),
  blind: { cluster: ["monitor"], indices: [{ names: ["siem-alert"], privileges: ["read"] }] },
  alias: {
    cluster: [],
    indices: [{ names: [ALIAS, "siem-alert"], privileges: ["read"] }],
  },
};
const USERS = ["superuser", ...Object.keys(ROLES)].map((role) => ({
  name: `user-${role}`,
  password: `s3cret-of-${role}`,
  role,
}));

describeEngines(testDoctor);

function testDoctor(engine: Engine): void {
  const isSecure = engine.flavour === "elasticsearch";
  let server: SearchEngine;
  let bench: Bench;

  beforeAll(async () => {
    server = await startSearchEngine({
      ...engine,
      ...(isSecure && { users: USERS, roles: ROLES }),
    });
    await ask("PUT", "/_index_template/siem-alert", JSON.parse(indexTemplate("siem-alert")));
    await ask("PUT", "/siem-alert", undefined);
    const properties = {
      "@timestamp": { type: "date" },
      "kibana.alert.uuid": { type: "keyword" },
      "kibana.alert.workflow_status_updated_at": { type: "date" },
    };
    const mappings = { dynamic: false, properties };
    const aliases = { [ALIAS]: { is_write_index: true } };
    await ask("PUT", `/${BEHIND}`, { mappings, aliases, settings: { "index.hidden": true } });
  }, START_TIMEOUT);
  beforeAll(() => void (bench = openBench({ now: Date.now, wait: (ms) => setTimeout(ms) })));
  afterAll(async () => {
    bench?.dispose();
    await server?.stop();
  });

  const clusterOf = (role: string) => {
    const user = USERS.find((each) => each.role === role);
    const who = `, username: ${user?.name}, password: ${user?.password}`;
    return `url: ${server.url}${isSecure ? who : ""}`;
  };

  async function ask(method: string, path: string, body: object | undefined): Promise<unknown> {
    const [boss] = USERS;
    const authorization = `Basic ${btoa(`${boss?.name}:${boss?.password}`)}`;
    const headers = { "content-type": "application/json", ...(isSecure && { authorization }) };
    const given = body && { body: JSON.stringify(body) };
    const answer = await fetch(`${server.url}${path}`, { method, headers, ...given });
    const text = await answer.text();
    expect(answer.status, text).toBeLessThan(300);
    return JSON.parse(text) as unknown;
  }

  async function raise(uuid: string): Promise<void> {
    const document = { "@timestamp": new Date().toISOString(), "kibana.alert.uuid": uuid };
    await ask("PUT", `/${ALIAS}/_doc/${uuid}?refresh=true`, document);
  }

  /** Runs the command as a user with this role. */
  async function examine(role: string, sources: string, ...more: string[]) {
    writeFileSync(join(bench.folder, "tocsin.yaml"), yamlOf(sources, clusterOf(role)));
    const { code, out, err } = await bench.run("doctor", "elastic", "--json", ...more);
    expect(err).toBe("");
    expect(out).not.toMatch(/s3cret/);
    const [examination] = JSON.parse(out).clusters;
    const findings = examination.findings as Finding[];
    const of = (outcome: string) => findings.filter((each) => each.outcome === outcome);
    return { code, findings, of, role: examination.role, bodies: examination.bodies };
  }

  /** All pages that a poll as a user with this role gives, each of them settled. */
  async function poll(role: string, sources: string, source: string): Promise<FeedPage[]> {
    const opened = await openFeeds(
      load(yamlOf(sources, clusterOf(role))),
      // What was indexed in this moment is old enough.
      () => Date.now() + 1000,
    );
    try {
      const feed = opened.feeds.find((each) => each.source.name === source)?.feed as Feed;
      const pages: FeedPage[] = [];
      for await (const page of feed.poll(null)) {
        await page.settle?.();
        pages.push(page);
      }
      return pages;
    } finally {
      await opened.close();
    }
  }

  const namesIn = (pages: readonly FeedPage[]) =>
    pages.flatMap(({ items }) => items.map(({ name }) => name));

  it("says what it is, what is there, and that it can be read", async () => {
    await raise("u1");
    const { code, findings, of } = await examine(isSecure ? "exact" : "none", SOURCES);
    expect(of("problem")).toEqual([]);
    expect(of("warning")).toEqual([]);
    expect(code).toBe(0);
    const name = isSecure ? "Elasticsearch" : "OpenSearch";
    const texts = findings.map(({ step, text }) => `${step}: ${text}`);
    expect(texts).toContain(`reach: ${server.url} answers`);
    expect(texts).toContain(`version: ${name} ${engine.version}, supported`);
    expect(texts).toContain(`index: ${ALIAS}: 1 document in ${BEHIND}`);
    expect(texts).toContain("index: siem-alert is there and holds no document");
    expect(texts).toContain("mapping: @timestamp is date; kibana.alert.uuid is keyword");
    expect(texts).toContain("read: can be read");
    expect(texts.some((text) => text.startsWith("licence: basic"))).toBe(isSecure);
  });

  it("tells of an index that is not there, with what to paste", async () => {
    const sources = "\n  gone: { kind: elastic-actions, cluster: lab, index: siem-gone }";
    const { code, of, bodies } = await examine("superuser", sources);
    expect([code, of("problem")]).toEqual([0, []]);
    expect(of("warning")).toMatchObject([{ step: "index", text: "there is no siem-gone yet" }]);
    expect(bodies).toMatchObject([{ index: "siem-gone" }]);
    await ask("PUT", "/_index_template/siem-gone", JSON.parse(bodies[0].index_template));
  });

  it("tells of a time that is no date", async () => {
    await ask("PUT", "/wrong-time", {
      mappings: { properties: { "@timestamp": { type: "keyword" } } },
    });
    const sources = "\n  wrong: { kind: elastic-actions, cluster: lab, index: wrong-time }";
    const { code, of } = await examine("superuser", sources);
    expect(code).toBe(1);
    expect(of("problem")[0]).toMatchObject({ step: "mapping", source: "wrong" });
    expect(of("problem")[0]?.text).toMatch(/^@timestamp is mapped as keyword/);
  });

  it("writes a test document and shows it arriving", async () => {
    const role = isSecure ? "consuming" : "none";
    const source = CONSUMING.replace("1h, settle: 0s", "1h, settle: 1s, interval: 500ms");
    const scene = await startScene(yamlOf(source, clusterOf(role)));
    try {
      const data = ["--data", scene.paths.folder];
      const { code, of, findings } = await examine(
        role,
        source,
        "--write",
        "--timeout",
        "20s",
        ...data,
      );
      expect([code, of("problem")]).toEqual([0, []]);
      const trial = findings.find(({ step }) => step === "test");
      const seconds = String.raw`\d+\.\d s`;
      expect(trial?.text).toMatch(
        new RegExp(
          `^siem-alert/\\S+ stored after ${seconds}, delivered to archive after ${seconds}$`,
        ),
      );
      const { json } = await scene.get("/api/v1/alerts");
      expect(json.items).toMatchObject([
        { title: "Tocsin test document", severity: "informational" },
      ]);
      expect(scene.audit().gaps).toEqual([]);
    } finally {
      await scene.stop();
    }
  });

  if (!isSecure) return;
  describe("with security", () => {
    it("prints the role that a user has who can do all of it", async () => {
      const { role, of } = await examine("exact", SOURCES, "--role");
      expect(role).toEqual(ROLES["exact"]);
      expect(of("problem")).toEqual([]);
    });

    it("polls alerts behind an alias with that role", async () => {
      await raise("u2");
      const names = namesIn(await poll("exact", SOURCES, "detections"));
      expect(names).toContain(`es:${BEHIND}/u2`);
    });

    it("polls the action index with that role, with and without a time", async () => {
      const time = new Date().toISOString();
      await ask("PUT", "/siem-alert/_doc/a1?refresh=true", { "@timestamp": time, rule: {} });
      await ask("PUT", "/siem-alert/_doc/a2?refresh=true", { rule: {} });
      const names = namesIn(await poll("exact", SOURCES, "actions"));
      expect(names).toEqual(expect.arrayContaining(["es:siem-alert/a1", "es:siem-alert/a2"]));
    });

    it("deletes what is consumed with the role that is printed for it", async () => {
      await ask("PUT", "/siem-alert/_doc/a3?refresh=true", { rule: {} });
      await poll("consuming", CONSUMING, "actions");
      await ask("POST", "/siem-alert/_refresh", undefined);
      expect(await ask("GET", "/siem-alert/_count", undefined)).toMatchObject({ count: 0 });
    });

    it("tells whoever lacks read so, and where", async () => {
      const { code, of, role } = await examine("blind", SOURCES);
      expect(code).toBe(1);
      expect(of("problem")).toMatchObject([
        {
          step: "privileges",
          source: "detections",
          text: `user-blind lacks read on ${ALIAS}, .internal.alerts-security.alerts-default-*`,
        },
      ]);
      expect(of("skipped")).toMatchObject([{ step: "index", source: "detections" }]);
      expect(role).toEqual(ROLES["exact"]);
    });

    it("tells whoever may read an alias but not what is behind it", async () => {
      await raise("u3");
      const { code, of } = await examine("alias", SOURCES);
      expect(code).toBe(1);
      expect(of("problem").map(({ text }) => text)).toEqual([
        "user-alias lacks read on .internal.alerts-security.alerts-default-*",
      ]);
      await expect(poll("alias", SOURCES, "detections")).rejects.toThrow(/HTTP 403/);
    });

    it("tells whoever lacks what only the command asks for, and finds no problem", async () => {
      const sources = "\n  actions: { kind: elastic-actions, cluster: lab }";
      const { code, of } = await examine("alias", sources);
      expect(code).toBe(0);
      expect(of("warning")).toMatchObject([{ text: "user-alias lacks monitor on the cluster" }]);
      expect(of("skipped").map(({ step }) => step)).toEqual(["version", "licence"]);
    });

    it("tells what consuming and a test document need", async () => {
      const { of } = await examine("exact", CONSUMING, "--write");
      expect(of("problem").map(({ text }) => text)).toEqual([
        "user-exact lacks delete on siem-alert; create_doc on siem-alert",
      ]);
      expect(of("skipped")).toMatchObject([{ step: "test" }]);
    });

    it("tells of credentials that are refused, and looks no further", async () => {
      const wrong = clusterOf("exact").replace("s3cret-of-exact", "s3cret-of-nobody");
      writeFileSync(join(bench.folder, "tocsin.yaml"), yamlOf(SOURCES, wrong));
      const { code, out } = await bench.run("doctor", "elastic");
      expect(code).toBe(1);
      expect(out).toMatch(
        /^cluster lab\n {2}problem {2}reach {7}.*HTTP 401.*\n {4}hint: check api_key/,
      );
      expect(out).toMatch(/\n1 problem, 0 warnings\n$/);
    });
  });
}

interface Finding {
  readonly step: string;
  readonly outcome: string;
  readonly source: string | null;
  readonly text: string;
}
