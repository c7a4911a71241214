import { describe, expect, it } from "vitest";
import { completeAlert } from "../../alert/complete.ts";
import { repeatAlert } from "../../alert/merge.ts";
import type { AlertContent, ArtifactType } from "../../alert/schema.ts";
import type { Case, CaseWrite } from "../../case/case.ts";
import { closeCase, reopenCase } from "../../case/operations/finish.ts";
import { mergeCases } from "../../case/operations/merge.ts";
import { changeCase } from "../../case/operations/change.ts";
import { compileStopValues } from "../../case/stop-values.ts";
import type { Position } from "../entry.ts";
import { beginFlow, placeOf, type Flow } from "../flow.ts";
import type { CasePolicy } from "../policies.ts";
import type { Cell, StoredAlert } from "../state.ts";
import { aContent, anEvent } from "../testing/builders.ts";
import { aConfiguration, aSet, runStage } from "../testing/stages.ts";
import { aStored, aView, writeCells } from "../testing/state.ts";
import { caseStage } from "./case.ts";
import { OPERATOR_KIND } from "./route.ts";

const START = 1_700_000_000_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const byHost: CasePolicy = {
  name: "by-host",
  match: "severity >= medium",
  group_by: ["host.name"],
  share: [],
  window: 4 * HOUR,
  max_alerts: 500,
  title: ({ key }) => `On ${String(key)}`,
  assignee: "ada",
  tags: ["auto"],
};

const byAddress: CasePolicy = { ...byHost, name: "by-address", group_by: [], share: ["ip"] };

function found(type: ArtifactType, value: string): AlertContent["artifacts"][number] {
  return { type, value, role: "source", field: "f" };
}

function onHost(host: string, content: Partial<AlertContent> = {}): Partial<AlertContent> {
  return { artifacts: [found("hostname", host)], ...content };
}

/** A flow that opens an alert, received `at` ms after the start. */
function arrival(position: number, at: number, content: Partial<AlertContent>): Flow {
  const entry = { ...anEvent(position), received_at: START + at };
  const origin = { position, key: entry.key, receivedAt: START + at };
  const alert = completeAlert(aContent(content), origin);
  const outcome = { kind: "alert", reason: "new_event" } as const;
  return { ...beginFlow(entry), event: alert, alert, outcome };
}

/** A flow that repeats a stored alert. */
function repetition(
  position: number,
  at: number,
  known: Flow,
  content: Partial<AlertContent>,
): Flow {
  const flow = arrival(position, at, content);
  if (!known.alert || !flow.alert) throw new RangeError("no alert");
  const of = placeOf(known);
  const outcome = { kind: "repeat", reason: "fold_policy", of } as const;
  return { ...flow, outcome, alert: repeatAlert(known.alert, flow.alert) };
}

/** Runs flows one after the other, each on what the ones before it wrote. */
class Story {
  readonly cases = new Map<number, Case>();
  readonly timeline: CaseWrite["entries"][number][] = [];
  readonly #policies: readonly CasePolicy[];
  #cells: Cell[] = [];
  readonly #alerts = new Map<Position, StoredAlert>();

  constructor(...policies: readonly CasePolicy[]) {
    this.#policies = policies;
  }

  arrive(flow: Flow): Flow {
    const configuration = aConfiguration({
      cases: aSet(...this.#policies),
      isStopValue: compileStopValues(),
    });
    const given = { cells: this.#cells, cases: [...this.cases.values()] };
    const state = aView({ ...given, alerts: [...this.#alerts.values()] });
    const done = runStage(caseStage, flow, { now: flow.entry.received_at, configuration, state });
    this.#cells = writeCells(this.#cells, done.changes.cells);
    this.write(...done.changes.cases);
    const position = placeOf(done);
    if (done.alert) this.#alerts.set(position, aStored(position, done.alert));
    return done;
  }

  write(...writes: readonly CaseWrite[]): void {
    for (const write of writes) {
      this.cases.set(write.case.number, write.case);
      this.timeline.push(...write.entries);
    }
  }

  case(number: number): Case {
    const known = this.cases.get(number);
    if (!known) throw new RangeError(`no case ${number}`);
    return known;
  }
}

const caseOf = (flow: Flow) => flow.alert?.case_id;
const step = (flow: Flow) => flow.trace.at(-1);

describe("an alert that a policy fits", () => {
  it("opens a case with the policy's title, owner and tags", () => {
    const story = new Story(byHost);
    const flow = story.arrive(arrival(1, 0, onHost("web-1")));
    expect(caseOf(flow)).toBe("CASE-000001");
    expect(story.case(1)).toMatchObject({
      title: "On web-1",
      owner: "ada",
      tags: ["auto"],
      policy: "by-host",
      key: "web-1",
      severity: "high",
      alert_count: 1,
      follows: null,
    });
    expect(step(flow)).toMatchObject({ stage: "case", outcome: "opened", reason: "first_of_key" });
  });

  it("joins the open case of the same values, whatever their case, and only that", () => {
    const story = new Story(byHost);
    story.arrive(arrival(1, 0, onHost("web-1")));
    const other = story.arrive(arrival(2, 1, onHost("web-2")));
    const same = story.arrive(arrival(3, 2, onHost("WEB-1", { severity: "critical" })));
    expect([caseOf(other), caseOf(same)]).toEqual(["CASE-000002", "CASE-000001"]);
    expect(story.case(1)).toMatchObject({ alert_count: 2, severity: "critical" });
    expect(step(same)).toMatchObject({
      outcome: "joined",
      reason: "open_case",
      values: {
        policy: "by-host",
        case: "CASE-000001",
        key: "WEB-1",
        window: 4 * HOUR,
        max_alerts: 500,
        compared: { status: "new", alert_count: 1, last_alert_at: new Date(START).toISOString() },
      },
    });
  });

  it("is taken by the first policy in order", () => {
    const broad = { ...byHost, name: "broad", match: "*" };
    const story = new Story({ ...byHost, match: "severity : critical" }, broad, byHost);
    story.arrive(arrival(1, 0, onHost("web-1")));
    expect(story.case(1).policy).toBe("broad");
  });

  it("has the case's title from its own where the template makes none", () => {
    const story = new Story({ ...byHost, title: () => "" });
    story.arrive(arrival(1, 0, onHost("web-1", { title: "Beacon" })));
    expect(story.case(1).title).toBe("Beacon");
  });
});

describe("no case is made", () => {
  const quiet = (story: Story, content: Partial<AlertContent>) => {
    const flow = story.arrive(arrival(1, 0, content));
    expect(caseOf(flow)).toBeNull();
    expect(flow.changes).toMatchObject({ cells: [], cases: [] });
    return flow;
  };

  it("without policies, and nothing is said", () => {
    expect(quiet(new Story(), onHost("web-1")).trace).toEqual([]);
  });

  it("when no policy fits", () => {
    const flow = quiet(new Story(byHost), onHost("web-1", { severity: "low" }));
    expect(step(flow)).toMatchObject({ outcome: "none", reason: "no_policy_matched" });
  });

  it("when the alert has none of the values", () => {
    const flow = quiet(new Story(byHost), {});
    expect(step(flow)).toMatchObject({ outcome: "none", reason: "no_values" });
  });

  it("for an alert that comes closed", () => {
    const flow = quiet(new Story(byHost), onHost("web-1", { status: "closed" }));
    expect(step(flow)).toMatchObject({ outcome: "none", reason: "alert_closed" });
  });

  it("of Tocsin's own notices", () => {
    const source = { ...aContent().source, kind: OPERATOR_KIND };
    expect(quiet(new Story(byHost), onHost("web-1", { source })).trace).toEqual([]);
  });

  it("for an entry that opens no alert", () => {
    const duplicate = { kind: "duplicate", reason: "key_known", of: 9 as Position } as const;
    const flow = { ...arrival(1, 0, onHost("web-1")), outcome: duplicate };
    expect(new Story(byHost).arrive(flow)).toBe(flow);
  });
});

describe("the window", () => {
  it("slides: each alert reaches as far again", () => {
    const story = new Story(byHost);
    for (const [index, at] of [0, 4, 8, 12].entries()) {
      story.arrive(arrival(index + 1, at * HOUR, onHost("web-1")));
    }
    expect(story.case(1).alert_count).toBe(4);
    expect(story.cases.size).toBe(1);
  });

  it.each([
    ["inside at its very edge", 4 * HOUR, "CASE-000001", "open_case"],
    ["outside a millisecond after", 4 * HOUR + 1, "CASE-000002", "outside_window"],
  ])("is %s", (_name, at, id, reason) => {
    const story = new Story(byHost);
    story.arrive(arrival(1, 0, onHost("web-1")));
    const flow = story.arrive(arrival(2, at, onHost("web-1")));
    expect(caseOf(flow)).toBe(id);
    expect(step(flow)?.reason).toBe(reason);
  });

  it("counts when it happened: what comes late joins what it happened beside", () => {
    const story = new Story(byHost);
    const early = new Date(START + 9 * HOUR - 10 * MINUTE).toISOString();
    story.arrive(arrival(1, 9 * HOUR, onHost("web-1")));
    story.arrive(arrival(2, 14 * HOUR, onHost("web-1", { event_time: early })));
    expect(story.case(1)).toMatchObject({
      alert_count: 2,
      first_alert_at: early,
      last_alert_at: new Date(START + 9 * HOUR).toISOString(),
    });
  });

  it("keeps what happened hours ago apart, together, and does not end the present case", () => {
    const story = new Story(byHost);
    const backlog = (minute: number) => ({
      event_time: new Date(START - 10 * HOUR + minute * MINUTE).toISOString(),
    });
    const joined = [
      onHost("web-1"),
      onHost("web-1", backlog(0)),
      onHost("web-1"),
      onHost("web-1", backlog(1)),
      onHost("web-1"),
      onHost("web-1", backlog(2)),
    ].map((content, index) => caseOf(story.arrive(arrival(index + 1, index, content))));
    const [now, then] = ["CASE-000001", "CASE-000002"];
    expect(joined).toEqual([now, then, now, then, now, then]);
  });
});

describe("a case that takes no more", () => {
  it("is full: the next alert opens another that follows it", () => {
    const story = new Story({ ...byHost, max_alerts: 2 });
    const flows = [1, 2, 3, 4].map((n) => story.arrive(arrival(n, n, onHost("web-1"))));
    const [one, two] = ["CASE-000001", "CASE-000002"];
    expect(flows.map(caseOf)).toEqual([one, one, two, two]);
    expect(step(flows[2]!)).toMatchObject({ outcome: "opened", reason: "case_full" });
    expect(story.case(2).follows).toBe(one);
  });

  it.each(["resolved", "closed"] as const)("is %s: it is never joined", (status) => {
    const story = new Story(byHost);
    story.arrive(arrival(1, 0, onHost("web-1")));
    const steps = { resolved: changeCase, closed: closing };
    story.write(steps[status](story.case(1), { status: "resolved" }, "ada", START));
    const flow = story.arrive(arrival(2, 1, onHost("web-1")));
    expect(caseOf(flow)).toBe("CASE-000002");
    expect(step(flow)).toMatchObject({
      reason: "case_closed",
      values: { case: "CASE-000002", compared: { case: "CASE-000001", status } },
    });
    expect(story.case(1).alert_count).toBe(1);
  });

  it("takes alerts again once it is reopened, when no newer one does", () => {
    const story = new Story(byHost);
    story.arrive(arrival(1, 0, onHost("web-1")));
    story.write(closeCase(story.case(1), "benign", "ada", START));
    story.arrive(arrival(2, 1, onHost("web-1")));
    story.write(
      closeCase(story.case(2), "benign", "ada", START),
      reopenCase(story.case(1), "x", START),
    );
    expect(caseOf(story.arrive(arrival(3, 2, onHost("web-1"))))).toBe("CASE-000001");
    expect(caseOf(story.arrive(arrival(4, 3, onHost("web-1"))))).toBe("CASE-000001");
  });

  it("was merged: alerts join the case that took its alerts over, through several", () => {
    const story = new Story(byHost);
    for (const n of [1, 2, 3]) story.arrive(arrival(n, n, onHost(`web-${n}`)));
    const first = mergeCases(story.case(2), story.case(1), "ada", START);
    story.write(first.into, first.from);
    const second = mergeCases(story.case(3), story.case(2), "ada", START);
    story.write(second.into, second.from);
    expect(caseOf(story.arrive(arrival(4, 4, onHost("web-1"))))).toBe("CASE-000003");
    expect(story.case(3).alert_count).toBe(4);
  });
});

function closing(known: Case, _change: unknown, who: string, now: number): CaseWrite {
  return closeCase(known, "benign", who, now);
}

describe("shared artifacts", () => {
  const withIps = (...ips: string[]) => ({ artifacts: ips.map((ip) => found("ip", ip)) });

  it("join alerts that have one value in common", () => {
    const story = new Story(byAddress);
    story.arrive(arrival(1, 0, withIps("10.0.0.1", "10.0.0.2")));
    const flow = story.arrive(arrival(2, 1, withIps("10.0.0.2", "10.0.0.3")));
    expect(caseOf(flow)).toBe("CASE-000001");
    expect(step(flow)?.values).toMatchObject({ key: "10.0.0.2" });
    expect(caseOf(story.arrive(arrival(3, 2, withIps("10.0.0.3"))))).toBe("CASE-000001");
  });

  it("link nothing by a stop-value or by another type", () => {
    const story = new Story(byAddress);
    story.arrive(arrival(1, 0, withIps("127.0.0.1", "10.0.0.1")));
    const flow = story.arrive(arrival(2, 1, withIps("127.0.0.1", "10.0.0.2")));
    expect(caseOf(flow)).toBe("CASE-000002");
    expect(caseOf(story.arrive(arrival(3, 2, withIps("127.0.0.1"))))).toBeNull();
    expect(caseOf(story.arrive(arrival(4, 2, onHost("web-1"))))).toBeNull();
  });

  it("that lead to two cases join the newer, which has all of them from then on", () => {
    const story = new Story(byAddress);
    story.arrive(arrival(1, 0, withIps("10.0.0.1")));
    story.arrive(arrival(2, 1, withIps("10.0.0.2")));
    expect(caseOf(story.arrive(arrival(3, 2, withIps("10.0.0.1", "10.0.0.2"))))).toBe(
      "CASE-000002",
    );
    expect(caseOf(story.arrive(arrival(4, 3, withIps("10.0.0.1"))))).toBe("CASE-000002");
  });

  it("count fifty at most", () => {
    const story = new Story(byAddress);
    const many = Array.from({ length: 60 }, (_, index) => `10.0.0.${index + 1}`);
    const flow = story.arrive(arrival(1, 0, withIps(...many)));
    expect(
      flow.changes.cells.filter((write) => "cell" in write && write.cell.stage === "case"),
    ).toHaveLength(50);
    expect(story.case(1).key?.length).toBeLessThanOrEqual(200);
  });
});

describe("an alert in a case", () => {
  const opened = (policy = byHost) => {
    const story = new Story(policy);
    const flow = story.arrive(arrival(1, 0, onHost("web-1", { severity: "medium" })));
    story.timeline.length = 0;
    return { story, flow };
  };

  it("raises the case when a repeat raises it, and the timeline says by which alert", () => {
    const { story, flow } = opened();
    const repeat = repetition(2, MINUTE, flow, onHost("web-1", { severity: "critical" }));
    const done = story.arrive(repeat);
    expect(caseOf(done)).toBe("CASE-000001");
    expect(story.case(1)).toMatchObject({
      severity: "critical",
      alert_count: 1,
      last_alert_at: new Date(START + MINUTE).toISOString(),
    });
    expect(story.timeline).toEqual([
      {
        at: new Date(START + MINUTE).toISOString(),
        who: "tocsin",
        kind: "severity",
        detail: { alert: "ALR-000001", before: "medium", after: "critical" },
      },
    ]);
  });

  it("keeps the window open as it repeats", () => {
    const { story, flow } = opened();
    story.arrive(repetition(2, 3 * HOUR, flow, onHost("web-1", { severity: "medium" })));
    expect(story.timeline).toEqual([]);
    expect(caseOf(story.arrive(arrival(3, 6 * HOUR, onHost("web-1"))))).toBe("CASE-000001");
  });

  it("writes nothing when it changes nothing", () => {
    const { story, flow } = opened();
    const done = story.arrive(repetition(2, 0, flow, onHost("web-1", { severity: "low" })));
    expect(done.changes).toMatchObject({ cells: [], cases: [] });
    expect(step(done)).toMatchObject({ outcome: "kept", reason: "in_case" });
  });

  it("does not undo a severity that somebody lowered, until it rises itself", () => {
    const { story, flow } = opened();
    story.write(changeCase(story.case(1), { severity: "low" }, "ada", START));
    const again = story.arrive(repetition(2, 1, flow, onHost("web-1", { severity: "medium" })));
    expect(story.case(1).severity).toBe("low");
    story.arrive(repetition(3, 2, again, onHost("web-1", { severity: "high" })));
    expect(story.case(1).severity).toBe("high");
  });

  it("leaves a closed case as it is", () => {
    const { story, flow } = opened();
    story.write(closeCase(story.case(1), "benign", "ada", START));
    const closed = story.case(1);
    const done = story.arrive(repetition(2, 1, flow, onHost("web-1", { severity: "critical" })));
    expect(story.case(1)).toBe(closed);
    expect(caseOf(done)).toBe("CASE-000001");
    expect(step(done)).toMatchObject({ outcome: "kept", reason: "case_closed" });
  });

  it("joins one when a repeat is the first that a policy fits", () => {
    const story = new Story(byHost);
    const first = story.arrive(arrival(1, 0, onHost("web-1", { severity: "low" })));
    expect(caseOf(first)).toBeNull();
    story.arrive(repetition(2, MINUTE, first, onHost("web-1", { severity: "high" })));
    expect(story.case(1)).toMatchObject({
      alert_count: 1,
      first_alert_at: new Date(START).toISOString(),
      last_alert_at: new Date(START + MINUTE).toISOString(),
    });
  });
});
