import { describe, expect, it } from "vitest";
import type { Position } from "../entry.ts";
import type { Flow } from "../flow.ts";
import { aConfiguration, aRead, runStage, START } from "../testing/stages.ts";
import { aStored, aView, type GivenState } from "../testing/state.ts";
import { identifyStage, subjectCell } from "./identify.ts";

function identify(flow: Flow, given: GivenState = {}): Flow {
  const context = { now: START, configuration: aConfiguration(), state: aView(given) };
  return runStage(identifyStage, flow, context);
}

const at = (milliseconds: number) => new Date(START + milliseconds).toISOString();

const subject = (position: number) => {
  const write = subjectCell("incident 7", position as Position, START);
  return "cell" in write ? [write.cell] : [];
};

describe("identify", () => {
  it("opens an alert for what is new, and remembers its subject with it", () => {
    const plain = identify(aRead(1));
    expect([plain.outcome, plain.changes.cells]).toEqual([
      { kind: "alert", reason: "new_event" },
      [],
    ]);
    const flow = identify(aRead(2, {}, { subject: "incident 7" }));
    expect(flow.changes.cells).toEqual([subjectCell("incident 7", 2 as Position, START)]);
  });

  it("recognises a key, whatever else it knows", () => {
    const flow = identify(aRead(3, {}, { key: "k", subject: "incident 7" }), {
      keys: { k: 1 },
      cells: subject(2),
      alerts: [aStored(2)],
    });
    expect(flow.outcome).toEqual({ kind: "duplicate", reason: "key_known", of: 1 });
    expect(flow.changes.cells).toEqual([]);
  });

  it("updates the alert of a known subject, with nothing to write for the subject", () => {
    const known = aStored(2, { case_id: "CASE-000001" });
    const given = { cells: subject(2), alerts: [known] };
    const read = aRead(3, { title: "Now worse", severity: "critical" }, { subject: "incident 7" });
    const flow = identify(read, given);
    expect(flow.outcome).toEqual({ kind: "updated", reason: "subject_known", of: 2 });
    expect(flow.alert).toMatchObject({ number: "ALR-000002", title: "Now worse" });
    expect(flow.alert?.case_id).toBe("CASE-000001");
    expect(flow.event?.number).toBe("ALR-000003");
    expect(flow.changes.cells).toEqual([]);
  });

  it.each([
    ["closes the alert of a subject that the vendor closed", 1, "closed"],
    ["leaves it open when it took in repeats, for those may go on", 2, "new"],
  ])("%s", (_, count, status) => {
    const given = { cells: subject(2), alerts: [aStored(2, { count })] };
    const flow = identify(aRead(3, { status: "closed" }, { subject: "incident 7" }), given);
    expect(flow.alert?.status).toBe(status);
  });

  it("opens an alert for the first state of a thing, and for a later one whose alert is gone", () => {
    const first = identify(aRead(2, {}, { key: "K", updates: "K" }));
    expect([first.outcome?.kind, first.changes.cells]).toEqual(["alert", []]);
    const late = identify(aRead(3, {}, { key: "K@v", updates: "K" }));
    expect(late.outcome?.kind).toBe("alert");
    const gone = identify(aRead(3, {}, { key: "K@v", updates: "K" }), { keys: { K: 2 } });
    expect(gone.outcome?.kind).toBe("alert");
  });

  it("updates the alert that the first state of a thing opened, whatever its source", () => {
    const given = { keys: { K: 2 }, alerts: [aStored(2, { key: "K" })] };
    const closed = { status: "closed", status_changed_at: at(5), title: "Grown" } as const;
    const flow = identify(aRead(3, closed, { key: "K@v", updates: "K" }), given);
    expect(flow.outcome).toEqual({ kind: "updated", reason: "subject_known", of: 2 });
    expect(flow.alert).toMatchObject({ number: "ALR-000002", key: "K", ...closed });
    expect(flow.trace.at(-1)?.values).toMatchObject({
      updates: "K",
      status: { before: "new", event: "closed", after: "closed" },
    });
  });

  it("recognises a state that came before", () => {
    const given = { keys: { K: 2, "K@v": 2 }, alerts: [aStored(2, { key: "K" })] };
    const flow = identify(aRead(3, {}, { key: "K@v", updates: "K" }), given);
    expect(flow.outcome).toEqual({ kind: "duplicate", reason: "key_known", of: 2 });
  });

  it("lets no state of one of several things close the alert, but acknowledge it", () => {
    const given = { keys: { K: 2 }, alerts: [aStored(2, { key: "K", count: 2 })] };
    const say = (status: "acknowledged" | "closed") =>
      identify(aRead(3, { status, status_changed_at: at(5) }, { key: "K@v", updates: "K" }), given);
    expect(say("closed").alert).toMatchObject({ status: "new", status_changed_at: null });
    expect(say("acknowledged").alert).toMatchObject({ status: "acknowledged" });
  });

  it("adds what a later state of a repeat brings, and leaves what the alert is", () => {
    const known = aStored(2, { key: "other", count: 2, external: { id: "other", url: null } });
    const given = { keys: { K: 2 }, alerts: [known] };
    const event = {
      title: "Of the repeat",
      status: "acknowledged",
      status_changed_at: at(5),
      severity: "critical",
      tags: ["grown"],
    } as const;
    const flow = identify(
      aRead(3, { ...event, tags: ["grown"] }, { key: "K@v", updates: "K" }),
      given,
    );
    expect(flow.outcome).toEqual({ kind: "updated", reason: "subject_known", of: 2 });
    const { title, external, count, status } = known.alert;
    expect(flow.alert).toMatchObject({ title, external, count, status, status_changed_at: null });
    expect(flow.alert).toMatchObject({ severity: "critical", tags: ["grown"] });
  });

  it("opens a new alert when that of the subject is gone", () => {
    const flow = identify(aRead(3, {}, { subject: "incident 7" }), { cells: subject(2) });
    expect(flow.outcome?.kind).toBe("alert");
    expect(flow.changes.cells).toEqual([subjectCell("incident 7", 3 as Position, START)]);
  });

  it("leaves alone what is decided already", () => {
    const outcome = { kind: "quarantined", reason: "unreadable", detail: "" } as const;
    const flow: Flow = { ...aRead(1), outcome };
    expect(identify(flow)).toBe(flow);
  });

  it("keeps the trace of an alert bounded over many updates", () => {
    let trace = identify(aRead(1, {}, { subject: "incident 7" })).trace;
    for (let position = 2; position < 50; position += 1) {
      const stored = aStored(1, {}, { trace });
      const read = aRead(position, {}, { subject: "incident 7" });
      trace = identify(read, { cells: subject(1), alerts: [stored] }).trace;
    }
    expect(trace.map(({ stage, outcome }) => `${stage} ${outcome}`)).toEqual([
      "normalise read",
      "identify new",
      "normalise read",
      "identify updated",
    ]);
  });
});
