import { describe, expect, it } from "vitest";
import type { Alert, AlertContent } from "../../alert/schema.ts";
import { kqlPredicate } from "../../kql/index.ts";
import { aCompiledSilence } from "../../silence/testing/silences.ts";
import type { Position } from "../entry.ts";
import type { Flow, StageContext } from "../flow.ts";
import { muteOf, needsOfMute } from "../mute.ts";
import type { Inhibition, Matcher } from "../policies.ts";
import type { Cell, DueCell } from "../state.ts";
import { aDecision, aDelivery } from "../testing/builders.ts";
import { aConfiguration, runStage } from "../testing/stages.ts";
import { aStored, aView, writeCells, type GivenState } from "../testing/state.ts";
import { silenceReminderTimer, silenceStage } from "./silence.ts";

const NOW = Date.parse("2026-03-04T10:00:00.000Z");
const HOUR = 3_600_000;
const until = new Date(NOW + HOUR).toISOString();

const matcher = (text: string): Matcher => ({ text, matches: kqlPredicate(text) });
const isolated: Inhibition = {
  name: "isolated",
  while: matcher('rule.name : "Host isolated"'),
  mute: matcher("severity <= medium"),
  equal: ["host.name"],
};

/** What the flow of an event on these hosts looks like when it comes to the stage. */
function flowOf(position: number, hosts: string[], content: Partial<AlertContent> = {}): Flow {
  const flow = aDecision(position, [], { content: { severity: "low", ...content } });
  return { ...flow, document: { host: { name: hosts } } };
}
const ruleNamed = (name: string) => ({ rule: { ...flowOf(1, []).alert!.rule, name } });
const isolation = (position: number, ...hosts: string[]) =>
  flowOf(position, hosts, { ...ruleNamed("Host isolated"), severity: "high" });

function context(given: GivenState, inhibit: readonly Inhibition[] = []): StageContext {
  return { now: NOW, state: aView(given), configuration: aConfiguration({ inhibit }) };
}
const run = (flow: Flow, given: GivenState, inhibit?: readonly Inhibition[]) =>
  runStage(silenceStage, flow, context(given, inhibit));
const lastStep = (flow: Flow) => {
  const step = flow.trace.at(-1);
  return step && [step.stage, step.outcome, step.reason];
};

/** The state after these events went through the stage, with their alerts as they are now. */
function after(flows: readonly Flow[], changes: Record<number, Partial<Alert>> = {}) {
  const alerts = flows.map(({ entry, alert }) =>
    aStored(entry.position, { ...alert, ...changes[entry.position] }),
  );
  const cells = flows.reduce<Cell[]>(
    (known, flow) =>
      writeCells(known, run(flow, { cells: known, alerts }, [isolated]).changes.cells),
    [],
  );
  return { alerts, cells };
}

describe("without silences and inhibitions", () => {
  it("nothing is asked for, nothing is said", () => {
    const flow = flowOf(1, ["web-1"]);
    expect(silenceStage.needs?.(flow, context({}))).toEqual({ cells: [], alerts: [] });
    expect(run(flow, {})).toBe(flow);
  });
});

describe("a silence", () => {
  const patching = aCompiledSilence({ id: "S-12", version: 3, match: "host.name : web-*", until });

  it("mutes what it matches, by name, version and window", () => {
    const flow = run(flowOf(1, ["web-1"]), { silences: [patching] });
    expect(flow.mute).toEqual({
      kind: "silence",
      id: "S-12",
      version: 3,
      until: NOW + HOUR,
      digest: false,
    });
    expect(lastStep(flow)).toEqual(["silence", "muted", "silence"]);
    expect(flow.trace.at(-1)?.values).toEqual({
      silence: "S-12",
      version: 3,
      match: "host.name : web-*",
      from: null,
      until,
    });
  });

  it("mutes nothing else, and it is said how many were looked at", () => {
    const flow = run(flowOf(1, ["db-1"]), { silences: [patching] }, [isolated]);
    expect(flow.mute).toBeNull();
    expect(lastStep(flow)).toEqual(["silence", "passed", "nothing_mutes"]);
    expect(flow.trace.at(-1)?.values).toEqual({ silences: 1, inhibitions: 1 });
  });

  it("mutes nothing before and after its window", () => {
    const over = aCompiledSilence({ until: new Date(NOW).toISOString() });
    const later = aCompiledSilence({ from: until });
    const recurring = aCompiledSilence({ cron: "0 22 * * *", for: HOUR });
    const silences = [over, later, recurring];
    expect(run(flowOf(1, ["web-1"]), { silences }).mute).toBeNull();
  });

  it("is the first that fits and is active", () => {
    const silences = [
      aCompiledSilence({ id: "S-1", from: until }),
      aCompiledSilence({ id: "S-2", match: "host.name : db-*" }),
      aCompiledSilence({ id: "S-3", at_end: "digest" }),
      patching,
    ];
    expect(run(flowOf(1, ["web-1"]), { silences }).mute).toMatchObject({
      id: "S-3",
      until: Infinity,
      digest: true,
    });
  });

  it("is asked again when the silences changed", () => {
    const flow = flowOf(1, ["web-1"]);
    const first = [patching];
    expect(run(flow, { silences: first }).mute).not.toBeNull();
    expect(
      run(flow, { silences: [aCompiledSilence({ match: "host.name : db-*" })] }).mute,
    ).toBeNull();
    expect(run(flow, { silences: first }).mute).not.toBeNull();
  });

  it("leaves alone what Tocsin tells its operators, and what opens no alert", () => {
    const source = { ...flowOf(1, []).alert!.source, kind: "tocsin" };
    const own = flowOf(1, ["web-1"], { source });
    expect(run(own, { silences: [patching] })).toBe(own);
    const of = 7 as Position;
    const again: Flow = {
      ...flowOf(1, ["web-1"]),
      outcome: { kind: "duplicate", reason: "key_known", of },
    };
    expect(run(again, { silences: [patching] })).toBe(again);
  });
});

describe("an inhibition", () => {
  it("mutes while an alert of the same host is open, and names it", () => {
    const flow = run(flowOf(2, ["web-1"]), after([isolation(1, "web-1")]), [isolated]);
    expect(flow.mute).toEqual({ kind: "inhibit", policy: "isolated", by: 1 });
    expect(lastStep(flow)).toEqual(["silence", "muted", "inhibited"]);
    expect(flow.trace.at(-1)?.values).toEqual({
      policy: "isolated",
      while: 'rule.name : "Host isolated"',
      mute: "severity <= medium",
      by: "ALR-000001",
      equal: { "host.name": "web-1" },
    });
  });

  it("mutes one with several hosts when one of them is the same, whatever its case", () => {
    const state = after([isolation(1, "WEB-1", "web-2")]);
    expect(run(flowOf(2, ["db-1", "web-2"]), state, [isolated]).mute).not.toBeNull();
    expect(run(flowOf(2, ["web-1"]), state, [isolated]).mute).not.toBeNull();
  });

  it.each([
    ["another host", flowOf(2, ["web-2"])],
    ["no host, like the other", flowOf(2, [])],
    ["a severity above", flowOf(2, ["web-1"], { severity: "high" })],
  ])("does not mute what has %s", (_, flow) => {
    const state = after([isolation(1, "web-1"), isolation(3)]);
    expect(run(flow, state, [isolated]).mute).toBeNull();
  });

  it("ends when all the alerts are closed that it is for", () => {
    const both = [isolation(1, "web-1"), isolation(2, "web-1")];
    const one = after(both, { 2: { status: "closed" } });
    expect(run(flowOf(3, ["web-1"]), one, [isolated]).mute).toMatchObject({ by: 1 });
    const closed = after(both, { 1: { status: "closed" }, 2: { status: "closed" } });
    expect(run(flowOf(3, ["web-1"]), closed, [isolated]).mute).toBeNull();
  });

  it("goes on while its alert is acknowledged", () => {
    const state = after([isolation(1, "web-1")], { 1: { status: "acknowledged" } });
    expect(run(flowOf(2, ["web-1"]), state, [isolated]).mute).toMatchObject({ by: 1 });
  });

  it("does not mute the alert that it is for", () => {
    const wide = { ...isolated, mute: matcher("*") };
    const flow = isolation(1, "web-1");
    const cells = writeCells([], run(flow, {}, [wide]).changes.cells);
    const again = run(flow, { cells, alerts: [aStored(1, flow.alert!)] }, [wide]);
    expect(again.mute).toBeNull();
  });

  it("of two that could mute each other mutes the later one only", () => {
    const wide = { ...isolated, mute: matcher("*") };
    const state = after([isolation(1, "web-1"), isolation(2, "web-1")]);
    expect(run(isolation(2, "web-1"), state, [wide]).mute).toMatchObject({ by: 1 });
    expect(run(isolation(1, "web-1"), state, [wide]).mute).toBeNull();
  });

  it("does not mute the alert that it is for when that is another one by now", () => {
    const flow = isolation(1, "web-1");
    const state = after([flow]);
    const outcome = { kind: "repeat", reason: "fold_policy", of: 1 as Position } as const;
    expect(run({ ...flowOf(9, ["web-1"]), outcome }, state, [isolated]).mute).toBeNull();
  });

  it("of two policies that could mute each other's alerts mutes the later alert only", () => {
    const [first, second] = [isolation(1, "web-1"), flowOf(2, ["web-1"])];
    const back = { ...isolated, name: "back", while: isolated.mute, mute: isolated.while };
    const policies = [isolated, back];
    const { alerts, cells } = after([first]);
    const muted = run(second, { alerts, cells }, policies);
    expect(muted.mute).toMatchObject({ policy: "isolated", by: 1 });
    const cellsNow = writeCells(cells, muted.changes.cells);
    const delivery = { ...aDelivery("d"), reason: "inhibited", carrier: null } as const;
    const of = (state: "suppressed" | "delivered") => {
      const stored = aStored(2, muted.alert!, { deliveries: [{ ...delivery, state }] });
      return { alerts: [...alerts, stored], cells: cellsNow };
    };
    expect(run(first, of("suppressed"), policies).mute).toBeNull();
    expect(run(first, of("delivered"), policies).mute).toMatchObject({ policy: "back", by: 2 });
  });

  it("gives way to a silence, which needs no look at other alerts", () => {
    const given = { ...after([isolation(1, "web-1")]), silences: [aCompiledSilence()] };
    const flow = flowOf(2, ["web-1"]);
    expect(run(flow, given, [isolated]).mute).toMatchObject({ kind: "silence" });
    expect(needsOfMute(flow.alert!, flow.document, context(given, [isolated]))).toEqual({});
  });
});

describe("an alert that inhibits", () => {
  const cellsOf = (flow: Flow) =>
    flow.changes.cells.map((write) =>
      "cell" in write ? [write.cell.key, write.cell.value] : null,
    );

  it("is noted once under each of its values", () => {
    const first = run(isolation(1, "web-1", "web-2"), {}, [isolated]);
    expect(cellsOf(first)).toEqual([
      ["isolated|web-1", { alerts: [1] }],
      ["isolated|web-2", { alerts: [1] }],
    ]);
    const state = after([isolation(1, "web-1")]);
    expect(cellsOf(run(isolation(1, "web-1", "web-2"), state, [isolated]))).toEqual([
      ["isolated|web-2", { alerts: [1] }],
    ]);
  });

  it("is noted as the alert that its event is a repeat of", () => {
    const of = 1 as Position;
    const outcome = { kind: "repeat", reason: "fold_policy", of } as const;
    const repeat: Flow = { ...isolation(9, "web-1"), outcome };
    expect(cellsOf(run(repeat, {}, [isolated]))).toEqual([["isolated|web-1", { alerts: [1] }]]);
    expect(run(repeat, after([isolation(1, "web-1")]), [isolated]).changes.cells).toEqual([]);
  });

  it("takes the place of closed ones, and is not noted when it is closed itself", () => {
    const two = [isolation(1, "web-1"), isolation(2, "web-1")];
    const state = after(two, { 1: { status: "closed" } });
    expect(cellsOf(run(isolation(3, "web-1"), state, [isolated]))).toEqual([
      ["isolated|web-1", { alerts: [2, 3] }],
    ]);
    const closed = flowOf(3, ["web-1"], { ...ruleNamed("Host isolated"), status: "closed" });
    expect(cellsOf(run(closed, state, [isolated]))).toEqual([]);
  });

  it("pushes out the oldest of fifty", () => {
    const flows = Array.from({ length: 52 }, (_, index) => isolation(index + 1, "web-1"));
    const [cell] = after(flows).cells;
    const positions = Array.from({ length: 50 }, (_, index) => index + 3);
    expect(cell?.value).toEqual({ alerts: positions });
    expect(cell?.alert).toBe(52);
  });
});

describe("what a held delivery asks", () => {
  it("is the same as the stage asked, without a document too", () => {
    const silences = [aCompiledSilence({ match: "severity : low" })];
    const { alert } = flowOf(1, []);
    expect(muteOf(alert!, 1 as Position, null, context({ silences }))).toMatchObject({ id: "S-1" });
    expect(muteOf(alert!, 1 as Position, null, context({}))).toBeNull();
  });
});

describe("the reminder of a silence's end", () => {
  const due: DueCell = {
    stage: "silence_reminder",
    key: "S-12",
    value: {},
    alert: null,
    due_at: NOW,
    at: NOW - HOUR,
  };
  const removed = [{ remove: { stage: "silence_reminder", key: "S-12" } }];

  it("tells operators once when it ends, whom to ask, and what it hides", () => {
    const match = "host.name : web-*";
    const silences = [aCompiledSilence({ id: "S-12", version: 3, match, until })];
    const { cells, notices } = silenceReminderTimer.fire(due, context({ silences }));
    expect(cells).toEqual(removed);
    expect(notices).toEqual([
      {
        source: "tocsin",
        key: "silence-ends:S-12:3",
        body: {
          title: `Silence S-12 ends at ${until}`,
          description: expect.stringContaining(`${match} (testing, ada)`),
          severity: "informational",
          silence: "S-12",
          ends_at: until,
          at: new Date(NOW).toISOString(),
        },
      },
    ]);
  });

  it("says nothing about one that is gone", () => {
    const { cells, notices } = silenceReminderTimer.fire(due, context({}));
    expect([cells, notices]).toEqual([removed, []]);
  });
});
