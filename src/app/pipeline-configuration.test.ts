import { describe, expect, it } from "vitest";
import { recordOf } from "../kql/index.ts";
import type { LogEntry } from "../pipeline/entry.ts";
import { anEvent } from "../pipeline/testing/builders.ts";
import { CORRELATE_SOURCE } from "../sources/correlate/index.ts";
import { parseConfiguration } from "./configuration.ts";
import { compilePipeline } from "./pipeline-configuration.ts";
import { registries } from "./registries.ts";

const HOUR = 3_600_000;
const NOW = Date.parse("2026-03-04T10:00:00Z");

function compiled(text: string) {
  const base = "destinations: { t: { kind: log }, u: { kind: log } }\n";
  const given = { text: base + text, file: null, env: {}, registries, cwd: "/" };
  const read = parseConfiguration(given);
  if (!read.ok) throw new Error(read.problems.map(({ message }) => message).join("\n"));
  return compilePipeline(read.configuration);
}

const names = (items: readonly { readonly name: string }[]) => items.map(({ name }) => name);

describe("compiled routes", () => {
  const configuration = compiled(`
calendars:
  office: { time_zone: Europe/Berlin, open: ["mon-fri 08:00-18:00"], closed: ["2026-03-05"] }
routes:
  - { name: web, match: "host.name: web-*", to: [t], repeat_every: 8h, continue: true }
  - { name: rest, to: [u], default: true, group_by: [rule.name] }
  - name: paced
    match: "severity >= medium"
    to: [t]
    repeats: update
    limit: { max: 3, per: 1m, except: "severity: critical" }
    hours: { calendar: office, outside: [u] }
  - { name: operators, to: [t] }
`);

  it("are asked in the order of the file; the default and the operators' stand apart", () => {
    const record = recordOf({ host: { name: "web-1" }, severity: "high" });
    expect(names(configuration.routes.matching(record, NOW))).toEqual(["web", "paced"]);
    expect(names(configuration.routes.values)).toEqual(["web", "paced"]);
    expect(configuration.fallback?.name).toBe("rest");
    expect(configuration.operators?.name).toBe("operators");
  });

  it("are found by name, whichever they are", () => {
    const found = ["web", "rest", "operators", "gone"].map((name) => configuration.route(name));
    expect(found.map((route) => route?.name)).toEqual(["web", "rest", "operators", undefined]);
  });

  it("say nothing of repeats unless told, and remind where they are told how often", () => {
    const pace = (name: string) => {
      const { repeats, repeat_every, group_by, group_wait, group_interval } =
        configuration.route(name) ?? {};
      return { repeats, repeat_every, group_by, group_wait, group_interval };
    };
    const plain = { group_by: null, group_wait: 30_000, group_interval: 300_000 };
    expect(pace("web")).toEqual({ ...plain, repeats: "remind", repeat_every: 8 * HOUR });
    expect(pace("paced")).toEqual({ ...plain, repeats: "update", repeat_every: 4 * HOUR });
    expect(pace("rest")).toEqual({
      ...plain,
      group_by: ["rule.name"],
      repeats: "none",
      repeat_every: 4 * HOUR,
    });
  });

  it("have their limit and their calendar at hand", () => {
    const { limit, hours } = configuration.route("paced") ?? {};
    expect(limit).toMatchObject({ max: 3, per: 60_000, by: [] });
    expect(limit?.except?.text).toBe("severity: critical");
    expect(limit?.except?.matches(recordOf({ severity: "critical" }), NOW)).toBe(true);
    expect(hours?.outside).toEqual(["u"]);
    // The clock of Berlin is an hour ahead; the day after is named as closed.
    const open = ["06:59", "07:00", "16:59", "17:00"].map((time) =>
      hours?.calendar.isOpen(Date.parse(`2026-03-04T${time}:00Z`)),
    );
    expect(open).toEqual([false, true, true, false]);
    expect(hours?.calendar.isOpen(NOW + 24 * HOUR)).toBe(false);
    expect(configuration.route("web")).toMatchObject({ limit: null, hours: null });
  });
});

describe("compiled policies", () => {
  it("are none where the configuration has none", () => {
    const { fold, cases, correlate, inhibit, fallback, operators } = compiled("");
    expect([fold.values, cases.values, correlate, inhibit]).toEqual([[], [], [], []]);
    expect([fallback, operators]).toEqual([null, null]);
  });

  it("fold by the fingerprint unless fields are named, the first that matches", () => {
    const { fold } = compiled(`
fold: [{ name: web, match: "host.name: web-1", by: [rule.name], window: 5m }, { name: all }]
`);
    const web = { name: "web", match: "host.name: web-1", by: ["rule.name"], window: 300_000 };
    expect(fold.first(recordOf({ host: { name: "WEB-1" } }), NOW)).toEqual(web);
    expect(fold.first(recordOf({}), NOW)).toEqual({
      name: "all",
      match: "*",
      by: null,
      window: HOUR,
    });
  });

  it("count one step, and take the steps of a sequence one by one", () => {
    const { correlate, inhibit } = compiled(`
correlate:
  - { name: many, count: "> 10", by: [user.name], within: 5m }
  - { name: order, sequence: ["a: 1", "b: 2"], by: [host.name], within: 10m, title: Both }
inhibit: [{ name: i, while: "a: 1", mute: "b: 2", equal: [host.name] }]
`);
    const [many, order] = correlate;
    expect(many).toMatchObject({ least: 11, within: 300_000, severity: "high", title: null });
    expect(many?.steps.map(({ text }) => text)).toEqual(["*"]);
    expect(order).toMatchObject({ least: 1, by: ["host.name"], title: "Both" });
    const steps = order?.steps.map(({ matches }) => matches(recordOf({ b: 2 }), NOW));
    expect(steps).toEqual([false, true]);
    expect(inhibit[0]?.while.matches(recordOf({ a: 1 }), NOW)).toBe(true);
    expect(inhibit[0]?.mute.matches(recordOf({ a: 1 }), NOW)).toBe(false);
  });

  it("know the stop-values of the configuration beside their own", () => {
    const { isStopValue } = compiled(
      "stop_values: { account: [svc-backup], ip: [192.0.2.0/24] }\n",
    );
    expect(isStopValue("account", "SVC-backup")).toBe(true);
    expect(isStopValue("ip", "192.0.2.7")).toBe(true);
    expect(isStopValue("ip", "127.0.0.1")).toBe(true);
    expect(isStopValue("ip", "198.51.100.7")).toBe(false);
  });
});

describe("the title of a case", () => {
  const titleOf = (title: string, values: Record<string, unknown>) =>
    compiled(`cases: [{ name: c, group_by: [host.name], ${title} }]\n`).cases.values[0]?.title(
      values,
    );
  const alert = { title: "Login failed", rule: { name: "Brute force" } };

  it("is rendered on one line", () => {
    const template = 'title: "{{ alert.rule.name }}\\n on {{ key }}"';
    expect(titleOf(template, { alert, key: "web-1" })).toBe("Brute force on web-1");
  });

  it("is that of the alert where there is no template, or it fails, or it comes to nothing", () => {
    expect(titleOf("", { alert, key: "web-1" })).toBe("Login failed");
    expect(titleOf(`title: "{{ 'now' | date: '%s' }}"`, { alert, key: "k" })).toBe("Login failed");
    expect(titleOf('title: "{{ nothing }} "', { alert, key: "web-1" })).toBe("Login failed");
  });

  it("is the key of an alert without a title", () => {
    expect(titleOf("", { alert: { title: "" }, key: "web-1" })).toBe("web-1");
  });
});

describe("an entry of a match", () => {
  const document = {
    policy: "brute-force",
    title: "Many failed logins",
    severity: "high",
    by: { "user.name": "ann" },
    at: "2026-03-04T10:00:00.000Z",
    count: 2,
    parts: [
      { id: "01A", title: "a", at: "2026-03-04T09:59:00.000Z" },
      { id: "01B", title: "b", at: "2026-03-04T10:00:00.000Z" },
    ],
    artifacts: [],
  };

  it("is read by the internal source, whatever sources there are, and names its parts", () => {
    const entry: LogEntry = { ...anEvent(1), source: CORRELATE_SOURCE, kind: CORRELATE_SOURCE };
    const { content, parts, subject } = compiled("").normalise(entry, document);
    expect(content).toMatchObject({ title: "Many failed logins", severity: "high" });
    expect(content.source).toMatchObject({ name: "correlate", kind: "correlate" });
    expect(parts).toEqual(["01A", "01B"]);
    expect(subject).toBeNull();
  });

  it("of any other source has none", () => {
    const { parts } = compiled("").normalise(anEvent(1), { title: "x" });
    expect(parts).toEqual([]);
  });
});

describe("an entry of a source with versions", () => {
  const { normalise } = compiled(`
clusters: { lab: { url: "https://es.lab:9200" } }
sources: { alerts: { kind: elastic-alerts, cluster: lab } }
`);
  const updatesOf = (document: object) => {
    const entry: LogEntry = { ...anEvent(1), source: "alerts", kind: "elastic-alerts" };
    return normalise(entry, { ...document }).updates;
  };

  it("names the key that the first event has in the stream, however long", () => {
    expect(updatesOf({ _source: { "kibana.alert.uuid": "a" } })).toBe("kibana.alert.uuid:a");
    const long = { _index: "i", _id: "x".repeat(300), _source: {} };
    expect(updatesOf(long)).toMatch(/^es:sha256-[0-9a-f]{64}$/);
  });

  it("of any other source names none", () => {
    expect(normalise(anEvent(1), { title: "x" }).updates).toBeNull();
  });
});
