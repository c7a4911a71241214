import { describe, expect, it } from "vitest";
import type { AlertContent } from "../alert/schema.ts";
import { parseKql, QuerySet } from "../kql/index.ts";
import {
  decideEntries,
  decideTimers,
  readEntries,
  type Decision,
  type TimerDecision,
} from "./decide.ts";
import type { LogEntry, Position } from "./entry.ts";
import type { DeliveryId, HeldDelivery } from "./outcome.ts";
import type { CompiledRoute, FoldPolicy, PipelineConfiguration } from "./policies.ts";
import { holdOf, type Cell, type CellStage, type DueCell, type StateReads } from "./state.ts";
import { aContent, aDelivery, anEvent } from "./testing/builders.ts";
import { aConfiguration } from "./testing/stages.ts";
import { aStored } from "./testing/state.ts";
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
  readonly fold?: PipelineConfiguration["fold"];
}

/** What documents of these tests are made of. */
interface Said extends Partial<AlertContent> {
  readonly subject?: string;
  readonly updates?: string;
}

/** Fold policies whose code breaks on an alert with this title. */
function brokenFor(title: string): PipelineConfiguration["fold"] {
  const set = new QuerySet<FoldPolicy>([]);
  set.first = (record) => {
    if (record.values("title").includes(title)) throw new RangeError("a bug in a stage");
    return undefined;
  };
  return set;
}

function configurationOf(given: Given) {
  const routes = given.routes ?? [aRoute("all", "*", ["d"])];
  return aConfiguration({
    normalise(_entry, document) {
      if (document["poison"]) throw new RangeError("a bug in a source");
      const { subject, updates, ...content } = document as Said;
      const all = aContent({ ...content, ...given.content });
      return { content: all, subject: subject ?? null, updates: updates ?? null, parts: [] };
    },
    routes: new QuerySet(
      routes
        .filter((route) => !route.default)
        .map((value) => ({ query: parseKql(value.match), value })),
    ),
    fallback: routes.find((route) => route.default) ?? null,
    operators: given.operators ?? null,
    ...(given.fold ? { fold: given.fold } : {}),
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

function aHeldDelivery(id: number): Omit<HeldDelivery, "hold"> {
  const { destination, route, kind, sequence, thread } = aDelivery("d");
  const alert = id as Position;
  const what = { alert, destination, route, kind, sequence, thread };
  return { id: id as DeliveryId, ...what, state: "pending", held_at: 0 };
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

  it("is quarantine for an entry that breaks a stage's code, and those behind it go on", async () => {
    const given = { fold: brokenFor("Broken") };
    const decisions = await decide([entry(1, { title: "Broken" }), entry(2)], given);
    expect(decisions.map(({ outcome }) => outcome.kind)).toEqual(["quarantined", "alert"]);
    expect(decisions[0]).toMatchObject({
      outcome: { reason: "stage_failed", detail: "fold: a bug in a stage" },
      deliveries: [],
      alert: null,
    });
  });

  it("is quarantine for a body that is no JSON at all", async () => {
    const [decision] = await decide([{ ...entry(1), body: Buffer.from("{") }]);
    expect(decision?.outcome.kind).toBe("quarantined");
  });
});

describe("a timer", () => {
  it("that breaks its stage's code comes again later, and operators hear of it", async () => {
    const broken = (): never => {
      throw new RangeError("a bug in a timer");
    };
    const cell = { stage: "hours" as const, key: "r", value: {}, alert: null, due_at: 1000, at: 0 };
    const held = [{ ...aHeldDelivery(1), hold: holdOf(cell) }];
    const view = new View();
    const load = async (reads: Required<StateReads>) => {
      const state = { cells: [cell], alerts: [], cases: [], silences: [] };
      const loaded = { version: 1, keys: new Map(), ...state, held: new Map([["hours:r", held]]) };
      view.add(reads, loaded, new Map());
    };
    const configuration = aConfiguration({ route: broken, isStopValue: broken });
    const [decision] = await decideTimers([cell], { view, configuration, load });
    expect(decision?.changes).toMatchObject({
      cells: [{ cell: { ...cell, due_at: 301_000 } }],
      moves: [],
      notices: [
        {
          source: "tocsin",
          key: "timer-failed:hours:r",
          body: { reason: expect.stringContaining("a bug in a timer") as string },
        },
      ],
    });
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

  it("lets later states of a thing update its alert, in one batch and once each", async () => {
    const closed = { status: "closed", status_changed_at: "2026-03-04T10:00:00.000Z" };
    const events = [
      entry(1, { updates: "K" }, "K"),
      entry(2, { updates: "K", ...closed }, "K@closed"),
      entry(3, { updates: "K", ...closed }, "K@closed"),
    ];
    const [first, second, third] = await decide(events);
    expect(first?.outcome.kind).toBe("alert");
    expect(second?.outcome).toEqual({ kind: "updated", reason: "subject_known", of: 1 });
    expect(second?.alert).toMatchObject({ id: first?.alert?.id, ...closed });
    expect(destinations(second)).toEqual([]);
    expect(third?.outcome).toEqual({ kind: "duplicate", reason: "key_known", of: 1 });
  });

  it("asks at once for the keys of what its entries are later states of", async () => {
    const asked: Required<StateReads>[] = [];
    await decide([entry(1, { updates: "K" }, "K@v")], { asked });
    expect(asked[0]).toMatchObject({ keys: ["K@v", "K"], cells: [] });
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

/** A timer; what its cell holds does not matter here. */
function aTimer(stage: CellStage, key: string, due_at: number): DueCell {
  return { stage, key, value: {}, alert: null, due_at, at: 0 };
}

/** Lets timers fire that so many deliveries each wait for; `cells` are there besides. */
async function fire(
  due: readonly DueCell[],
  waiting: number,
  given: Given & { readonly cells?: readonly Cell[] } = {},
): Promise<TimerDecision[]> {
  const view = new View();
  const cells = new Map([...due, ...(given.cells ?? [])].map((cell) => [holdOf(cell), cell]));
  const heldBy = (hold: string, first: number) =>
    Array.from({ length: waiting }, (_, index) => ({ ...aHeldDelivery(first + index), hold }));
  const load = async (reads: Required<StateReads>) => {
    const holds = due.map(holdOf);
    const held = new Map(
      reads.holds.map((hold) => [hold, heldBy(hold, 1 + waiting * holds.indexOf(hold))]),
    );
    const found = reads.cells.flatMap((name) => cells.get(holdOf(name)) ?? []);
    const alerts = reads.alerts.map((position) => aStored(position));
    const nothing = { keys: new Map(), cases: [], silences: [] };
    view.add(reads, { version: 1, cells: found, alerts, held, ...nothing }, new Map());
  };
  return decideTimers(due, { view, configuration: configurationOf(given), load });
}

describe("timers that are due", () => {
  const keys = (decisions: readonly TimerDecision[]) => decisions.map(({ cell }) => cell.key);

  it("are shared out between transactions when much waits for them", async () => {
    const due = ["a", "b", "c", "d"].map((key) => aTimer("hours", key, 5));
    expect(keys(await fire(due, 600))).toEqual(["a", "b"]);
  });

  it("wait for one that an earlier one has set and that comes before them", async () => {
    const limit = { max: 1, per: 10, by: [], except: null };
    const routes = [aRoute("r", "*", ["d"], { limit })];
    const empty = { stage: "limit", key: "r|", value: { tokens: 0, at: 5 } } as const;
    const cells = [{ ...empty, alert: null, due_at: null, at: 5 }];
    const first = aTimer("hours", "first", 5);
    const fired = (last: number) =>
      fire([first, aTimer("hours", "last", last)], 1, { routes, cells });
    expect(keys(await fired(14))).toEqual(["first", "last"]);
    expect(keys(await fired(15))).toEqual(["first"]);
  });

  it("do not fire when an earlier one has moved them", async () => {
    const calendar = { name: "office", isOpen: () => false, nextOpening: () => 50 };
    const routes = [aRoute("r", "*", ["d"], { hours: { calendar, outside: "hold" } })];
    const due = [aTimer("limit", "r|", 5), aTimer("hours", "r", 20)];
    const [decision, ...others] = await fire(due, 1, { routes });
    expect(decision?.changes.cells).toContainEqual({
      cell: { ...aTimer("hours", "r", 50), at: 5 },
    });
    expect(others).toEqual([]);
  });

  it("are put out when nobody knows what they are for", async () => {
    const unknown = aTimer("gone" as CellStage, "k", 5);
    const [decision] = await fire([unknown], 0);
    expect(decision?.changes).toEqual({
      cells: [{ remove: { stage: "gone", key: "k" } }],
      cases: [],
      moves: [],
      notices: [],
    });
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
