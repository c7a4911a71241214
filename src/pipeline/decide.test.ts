import { describe, expect, it } from "vitest";
import { kqlPredicate } from "../kql/index.ts";
import type { AlertContent } from "../alert/schema.ts";
import { decideFlows, neededState, readEntries } from "./decide.ts";
import type { LogEntry, Position } from "./entry.ts";
import type { CompiledRoute, PipelineConfiguration, StateView } from "./flow.ts";
import { aContent, anEvent } from "./testing/builders.ts";

const NOW = 1_700_000_000_000;
const NOTHING: StateView = { positionOfKey: () => undefined, alertOfSubject: () => undefined };

function aRoute(
  name: string,
  match: string,
  to: string[],
  changes: Partial<CompiledRoute> = {},
): CompiledRoute {
  const base = { continue: false, shadow: false, default: false };
  return { ...base, name, match, matches: kqlPredicate(match), to, ...changes };
}

interface Given {
  readonly routes?: readonly CompiledRoute[];
  readonly operators?: CompiledRoute;
  readonly content?: Partial<AlertContent>;
  readonly threads?: Record<string, string[]>;
  /** The body's member that names the subject. */
  readonly state?: StateView;
}

function decide(entries: readonly LogEntry[], given: Given = {}) {
  const configuration: PipelineConfiguration = {
    normalise(_entry, document) {
      if (document["poison"]) throw new RangeError("a bug in a source");
      const { subject, ...content } = document as { subject?: string } & Partial<AlertContent>;
      return { content: aContent({ ...content, ...given.content }), subject: subject ?? null };
    },
    routes: given.routes ?? [aRoute("all", "*", ["d"])],
    operators: given.operators ?? null,
    threadFields: (name) => given.threads?.[name],
  };
  const flows = readEntries(entries, configuration, NOW);
  return decideFlows(flows, configuration, given.state ?? NOTHING, NOW);
}

const entry = (position: number, body: object = {}, key = `k${position}`) => {
  return { ...anEvent(position, key), body: Buffer.from(JSON.stringify(body)) };
};
const destinations = (decision: { deliveries: readonly { destination: string }[] } | undefined) =>
  decision?.deliveries.map(({ destination }) => destination);

describe("a decision", () => {
  it("depends on nothing but its input: the same twice, with the whole way in its trace", () => {
    const [first] = decide([entry(1)]);
    const [again] = decide([entry(1)]);
    expect(first).toEqual(again);
    expect(first?.trace.map(({ stage, reason }) => `${stage} ${reason}`)).toEqual([
      "normalise source_understood",
      "identify new_event",
      "route route_matched",
    ]);
  });

  it("is quarantine for what the edge could not read, with the edge's reason", () => {
    const bad = { ...entry(1), quarantine: { reason: "template_error", detail: "unclosed" } };
    const [decision] = decide([bad]);
    expect(decision?.outcome).toEqual({
      kind: "quarantined",
      reason: "template_error",
      detail: "unclosed",
    });
    expect(decision?.deliveries).toEqual([]);
  });

  it("is quarantine for an entry that breaks a source's code, and those behind it go on", () => {
    const decisions = decide([entry(1, { poison: true }), entry(2)]);
    expect(decisions.map(({ outcome }) => outcome.kind)).toEqual(["quarantined", "alert"]);
    expect(decisions[0]?.outcome).toMatchObject({
      reason: "normalise_failed",
      detail: "a bug in a source",
    });
  });

  it("is quarantine for a body that is no JSON at all", () => {
    const [decision] = decide([{ ...entry(1), body: Buffer.from("{") }]);
    expect(decision?.outcome.kind).toBe("quarantined");
  });
});

describe("identity", () => {
  it("makes a key that the store knows a duplicate of where it was first", () => {
    const state = { ...NOTHING, positionOfKey: () => 7 as Position };
    const [decision] = decide([entry(9)], { state });
    expect(decision?.outcome).toEqual({ kind: "duplicate", reason: "key_known", of: 7 });
    expect(decision?.routing).toBeNull();
  });

  it("makes a key that comes twice in one batch a duplicate of the first", () => {
    const decisions = decide([entry(1, {}, "same"), entry(2, {}, "same")]);
    expect(decisions.map(({ outcome }) => outcome.kind)).toEqual(["alert", "duplicate"]);
    expect(decisions[1]?.outcome).toMatchObject({ of: 1 });
  });

  it("lets a later event of a subject update its alert: highest severity, joined artifacts", () => {
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
    const [first, second] = decide(events);
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

  it("asks only for the state that its entries need", () => {
    const bad = { ...entry(1), quarantine: { reason: "unreadable", detail: "" } };
    const configuration = { normalise: () => ({ content: aContent(), subject: "s" }) };
    const flows = readEntries([bad, entry(2)], configuration as never, NOW);
    expect(neededState(flows)).toEqual({ keys: ["k2"], subjects: ["s"] });
  });
});

describe("routing", () => {
  it("stops at the first route that matches, unless it says to continue", () => {
    const routes = [
      aRoute("keep", "*", ["archive"], { continue: true }),
      aRoute("urgent", "severity >= high", ["soc"]),
      aRoute("rest", "*", ["mail"]),
    ];
    expect(destinations(decide([entry(1)], { routes })[0])).toEqual(["archive", "soc"]);
    expect(destinations(decide([entry(1, { severity: "low" })], { routes })[0])).toEqual([
      "archive",
      "mail",
    ]);
  });

  it("gives what no route takes to the default route, wherever it stands", () => {
    const routes = [
      aRoute("rest", "*", ["mail"], { default: true }),
      aRoute("urgent", "severity >= high", ["soc"]),
    ];
    expect(destinations(decide([entry(1)], { routes })[0])).toEqual(["soc"]);
    expect(destinations(decide([entry(1, { severity: "low" })], { routes })[0])).toEqual(["mail"]);
  });

  it("records what no route takes as unrouted", () => {
    const [decision] = decide([entry(1)], { routes: [aRoute("none", "severity : low", ["d"])] });
    expect([decision?.routing, decision?.deliveries]).toEqual(["unrouted", []]);
    expect(decision?.trace.at(-1)).toMatchObject({ stage: "route", reason: "no_route_matched" });
  });

  it("is routed, not unrouted, when a route sends it nowhere on purpose", () => {
    const [decision] = decide([entry(1)], { routes: [aRoute("rest", "*", [])] });
    expect([decision?.routing, decision?.deliveries]).toEqual(["routed", []]);
  });

  it("plans one delivery per destination; a real route wins over a shadow one", () => {
    const routes = [
      aRoute("trial", "*", ["d", "e"], { shadow: true, continue: true }),
      aRoute("real", "*", ["d"], { continue: true }),
      aRoute("again", "*", ["d"]),
    ];
    const [decision] = decide([entry(1)], { routes });
    expect(decision?.deliveries).toEqual([
      {
        destination: "d",
        route: "real",
        thread: null,
        state: "pending",
        reason: "first_notification",
      },
      {
        destination: "e",
        route: "trial",
        thread: null,
        state: "suppressed",
        reason: "shadow_route",
      },
    ]);
  });

  it("sees the alert's fields, ECS names, and the vendor's own document", () => {
    const routes = [
      aRoute("r", 'host.name : web-* and custom.deep : "x y" and not user.name : *', ["d"]),
    ];
    const artifacts = [
      { type: "hostname" as const, value: "web-01", role: "target" as const, field: "h" },
    ];
    const [decision] = decide([entry(1, { custom: { deep: "x y" }, artifacts })], { routes });
    expect(destinations(decision)).toEqual(["d"]);
  });

  it("names the thread of a destination by the values of its fields", () => {
    const given = { threads: { d: ["title", "severity"] } };
    expect(decide([entry(1)], given)[0]?.deliveries[0]?.thread).toBe("Something happened|high");
    expect(
      decide([entry(1)], { threads: { d: ["rule.name"] } })[0]?.deliveries[0]?.thread,
    ).toBeNull();
  });

  it("keeps Tocsin's own alerts to the operators' route", () => {
    const source = { name: "tocsin", kind: "tocsin", vendor: "T", product: "T", space: null };
    const given = { content: { source }, operators: aRoute("operators", "*", ["ops"]) };
    expect(destinations(decide([entry(1)], given)[0])).toEqual(["ops"]);
    expect(destinations(decide([entry(1)], { content: { source } })[0])).toEqual(["d"]);
  });
});
