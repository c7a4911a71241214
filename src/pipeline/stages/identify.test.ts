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
