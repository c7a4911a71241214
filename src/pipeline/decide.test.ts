import { describe, expect, it } from "vitest";
import type { AlertContent } from "../alert/schema.ts";
import { parseKql, QuerySet } from "../kql/index.ts";
import { decideEntries, readEntries, type Decision } from "./decide.ts";
import type { LogEntry, Position } from "./entry.ts";
import type { CompiledRoute } from "./policies.ts";
import type { StateReads } from "./state.ts";
import { aContent, anEvent } from "./testing/builders.ts";
import { aConfiguration } from "./testing/stages.ts";
import { View } from "./view.ts";

const NO_TIMER = Number.POSITIVE_INFINITY;

function aRoute(
  name: string,
  match: string,
  to: string[],
  changes: Partial<CompiledRoute> = {},
): CompiledRoute {
  const when = { continue: false, shadow: false, default: false };
  const group = { group_by: null, group_wait: 0, group_interval: 0 };
  const pace = { ...group, repeats: "none" as const, repeat_every: 0, limit: null, hours: null };
  return { ...when, ...pace, name, match, to, ...changes };
}

interface Given {
  readonly routes?: readonly CompiledRoute[];
  readonly operators?: CompiledRoute;
  readonly content?: Partial<AlertContent>;
  readonly threads?: Record<string, string[]>;
  /** Keys that the store knows, with where they were first. */
  readonly keys?: Record<string, number>;
  /** When the next timer of the store is due. */
  readonly timer?: number;
  readonly asked?: Required<StateReads>[];
}

function configurationOf(given: Given) {
  const routes = given.routes ?? [aRoute("all", "*", ["d"])];
  return aConfiguration({
    normalise(_entry, document) {
      if (document["poison"]) throw new RangeError("a bug in a source");
      const { subject, ...content } = document as { subject?: string } & Partial<AlertContent>;
      const all = aContent({ ...content, ...given.content });
      return { content: all, subject: subject ?? null, parts: [] };
    },
    routes: new QuerySet(
      routes
        .filter((route) => !route.default)
        .map((value) => ({ query: parseKql(value.match), value })),
    ),
    fallback: routes.find((route) => route.default) ?? null,
    operators: given.operators ?? null,
    route: (name) => routes.find((route) => route.name === name),
    threadFields: (name) => given.threads?.[name],
  });
}

async function decide(entries: readonly LogEntry[], given: Given = {}): Promise<Decision[]> {
  const view = new View();
  const configuration = configurationOf(given);
  const load = async (reads: Required<StateReads>) => {
    given.asked?.push(reads);
    const keys = new Map(Object.entries(given.keys ?? {}) as [string, Position][]);
    const nothing = { cells: [], alerts: [], cases: [], held: new Map(), silences: [] };
    view.add(reads, { version: 1, keys, ...nothing }, new Map());
  };
  const flows = readEntries(entries, configuration, view);
  return decideEntries(flows, { view, configuration, load }, given.timer ?? NO_TIMER);
}

const entry = (position: number, body: object = {}, key = `k${position}`) => {
  return { ...anEvent(position, key), body: Buffer.from(JSON.stringify(body)) };
};
const destinations = (decision: { deliveries: readonly { destination: string }[] } | undefined) =>
  decision?.deliveries.map(({ destination }) => destination);

describe("a decision", () => {
  it("depends on nothing but its input: the same twice, with the whole way in its trace", async () => {
    const [first] = await decide([entry(1)]);
    const [again] = await decide([entry(1)]);
    expect(first).toEqual(again);
    expect(first?.trace.map(({ stage, reason }) => `${stage} ${reason}`)).toEqual([
      "normalise source_understood",
      "identify new_event",
      "route route_matched",
    ]);
  });

  it("is quarantine for what the edge could not read, with the edge's reason", async () => {
    const bad = { ...entry(1), quarantine: { reason: "template_error", detail: "unclosed" } };
    const [decision] = await decide([bad]);
    expect(decision?.outcome).toEqual({
      kind: "quarantined",
      reason: "template_error",
      detail: "unclosed",
    });
    expect(decision?.deliveries).toEqual([]);
  });

  it("is quarantine for an entry that breaks a source's code, and those behind it go on", async () => {
    const decisions = await decide([entry(1, { poison: true }), entry(2)]);
    expect(decisions.map(({ outcome }) => outcome.kind)).toEqual(["quarantined", "alert"]);
    expect(decisions[0]?.outcome).toMatchObject({
      reason: "normalise_failed",
      detail: "a bug in a source",
    });
  });

  it("is quarantine for a body that is no JSON at all", async () => {
    const [decision] = await decide([{ ...entry(1), body: Buffer.from("{") }]);
    expect(decision?.outcome.kind).toBe("quarantined");
  });
});

describe("identity", () => {
  it("makes a key that the store knows a duplicate of where it was first", async () => {
    const [decision] = await decide([entry(9)], { keys: { k9: 7 } });
    expect(decision?.outcome).toEqual({ kind: "duplicate", reason: "key_known", of: 7 });
    expect(decision?.routing).toBeNull();
  });

  it("makes a key that comes twice in one batch a duplicate of the first", async () => {
    const decisions = await decide([entry(1, {}, "same"), entry(2, {}, "same")]);
    expect(decisions.map(({ outcome }) => outcome.kind)).toEqual(["alert", "duplicate"]);
    expect(decisions[1]?.outcome).toMatchObject({ of: 1 });
  });

  it("lets a later event of a subject update its alert: highest severity, joined artifacts", async () => {
    const at = { role: "source" as const, field: "f" };
    const events = [
      entry(1, {
        subject: "x",
        severity: "high",
        artifacts: [{ type: "ip", value: "192.0.2.1", ...at }],
      }),
      entry(2, {
        subject: "x",
        severity: "low",
        title: "now",
        artifacts: [{ type: "ip", value: "192.0.2.2", ...at }],
      }),
    ];
    const [first, second] = await decide(events);
    expect(second?.outcome).toEqual({ kind: "updated", reason: "subject_known", of: 1 });
    expect(second?.alert).toMatchObject({
      id: first?.alert?.id,
      title: "now",
      severity: "high",
      key: "k1",
    });
    expect(second?.alert?.artifacts.map(({ value }) => value).toSorted()).toEqual([
      "192.0.2.1",
      "192.0.2.2",
    ]);
    expect(second?.trace.length).toBeGreaterThan(first?.trace.length ?? 0);
  });

  it("asks only for the state that its entries need, and for all of them at once", async () => {
    const bad = { ...entry(1), quarantine: { reason: "unreadable", detail: "" } };
    const asked: Required<StateReads>[] = [];
    await decide([bad, entry(2, { subject: "s" }), entry(3)], { asked });
    expect(asked[0]).toMatchObject({
      keys: ["k2", "k3"],
      cells: [{ stage: "subject", key: "s" }],
    });
  });
});

describe("a batch", () => {
  it("ends before the first entry that a timer comes before", async () => {
    const entries = [entry(1), entry(2), entry(3)];
    const timer = entries[1]?.received_at ?? 0;
    expect(await decide(entries, { timer })).toHaveLength(1);
    expect(await decide(entries, { timer: timer + 1 })).toHaveLength(2);
  });

  it("ends where a timer falls due that an entry before has set", async () => {
    const grouped = { group_by: ["title"], group_wait: 1, group_interval: 1 };
    const routes = [aRoute("all", "*", ["d"], grouped)];
    // The entries come a millisecond apart; the group of the first waits for one.
    expect(await decide([entry(1), entry(2)], { routes })).toHaveLength(1);
  });
});

describe("routing", () => {
  it("stops at the first route that matches, unless it says to continue", async () => {
    const routes = [
      aRoute("keep", "*", ["archive"], { continue: true }),
      aRoute("urgent", "severity >= high", ["soc"]),
      aRoute("rest", "*", ["mail"]),
    ];
    expect(destinations((await decide([entry(1)], { routes }))[0])).toEqual(["archive", "soc"]);
    expect(destinations((await decide([entry(1, { severity: "low" })], { routes }))[0])).toEqual([
      "archive",
      "mail",
    ]);
  });

  it("gives what no route takes to the default route, wherever it stands", async () => {
    const routes = [
      aRoute("rest", "*", ["mail"], { default: true }),
      aRoute("urgent", "severity >= high", ["soc"]),
    ];
    expect(destinations((await decide([entry(1)], { routes }))[0])).toEqual(["soc"]);
    expect(destinations((await decide([entry(1, { severity: "low" })], { routes }))[0])).toEqual([
      "mail",
    ]);
  });

  it("records what no route takes as unrouted", async () => {
    const [decision] = await decide([entry(1)], {
      routes: [aRoute("none", "severity : low", ["d"])],
    });
    expect([decision?.routing, decision?.deliveries]).toEqual(["unrouted", []]);
    expect(decision?.trace.at(-1)).toMatchObject({ stage: "route", reason: "no_route_matched" });
  });

  it("is routed, not unrouted, when a route sends it nowhere on purpose", async () => {
    const [decision] = await decide([entry(1)], { routes: [aRoute("rest", "*", [])] });
    expect([decision?.routing, decision?.deliveries]).toEqual(["routed", []]);
  });

  it("plans one delivery per destination; a real route wins over a shadow one", async () => {
    const routes = [
      aRoute("trial", "*", ["d", "e"], { shadow: true, continue: true }),
      aRoute("real", "*", ["d"], { continue: true }),
      aRoute("again", "*", ["d"]),
    ];
    const [decision] = await decide([entry(1)], { routes });
    expect(decision?.deliveries).toEqual([
      {
        destination: "d",
        route: "real",
        kind: "alert",
        sequence: 0,
        thread: null,
        state: "pending",
        reason: "first_notification",
        hold: null,
        cause: null,
      },
      {
        destination: "e",
        route: "trial",
        kind: "alert",
        sequence: 0,
        thread: null,
        state: "suppressed",
        reason: "shadow_route",
        hold: null,
        cause: null,
      },
    ]);
  });

  it("sees the alert's fields, ECS names, and the vendor's own document", async () => {
    const routes = [
      aRoute("r", 'host.name : web-* and custom.deep : "x y" and not user.name : *', ["d"]),
    ];
    const artifacts = [
      { type: "hostname" as const, value: "web-01", role: "target" as const, field: "h" },
    ];
    const [decision] = await decide([entry(1, { custom: { deep: "x y" }, artifacts })], { routes });
    expect(destinations(decision)).toEqual(["d"]);
  });

  it("names the thread of a destination by the values of its fields", async () => {
    const given = { threads: { d: ["title", "severity"] } };
    expect((await decide([entry(1)], given))[0]?.deliveries[0]?.thread).toBe(
      "Something happened|high",
    );
    const [none] = await decide([entry(1)], { threads: { d: ["rule.name"] } });
    expect(none?.deliveries[0]?.thread).toBeNull();
  });

  it("keeps Tocsin's own alerts to the operators' route", async () => {
    const source = { name: "tocsin", kind: "tocsin", vendor: "T", product: "T", space: null };
    const given = { content: { source }, operators: aRoute("operators", "*", ["ops"]) };
    expect(destinations((await decide([entry(1)], given))[0])).toEqual(["ops"]);
    expect(destinations((await decide([entry(1)], { content: { source } }))[0])).toEqual(["d"]);
  });
});
