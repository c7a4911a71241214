import { describe, expect, it } from "vitest";
import { changed, type Flow } from "../flow.ts";
import type { FoldPolicy } from "../policies.ts";
import type { Cell, StoredAlert } from "../state.ts";
import { aConfiguration, anOpening, aSet, runStage, START } from "../testing/stages.ts";
import { aStored, aView, writeCells } from "../testing/state.ts";
import { foldStage } from "./fold.ts";
import { subjectCell } from "./identify.ts";
import { happenedAt } from "../time.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const byRule: FoldPolicy = {
  name: "same",
  match: "*",
  by: ["rule.name", "host.name"],
  window: HOUR,
};

/** A log of alerts: what is folded changes them, what is not opens one. */
class Log {
  readonly #policies: readonly FoldPolicy[];
  readonly #alerts = new Map<number, StoredAlert>();
  cells: Cell[] = [];

  constructor(...policies: readonly FoldPolicy[]) {
    this.#policies = policies;
  }

  take(flow: Flow): Flow {
    const folded = runStage(foldStage, flow, {
      now: flow.entry.received_at,
      configuration: aConfiguration({ fold: aSet(...this.#policies) }),
      state: aView({ cells: this.cells, alerts: [...this.#alerts.values()] }),
    });
    this.cells = writeCells(this.cells, folded.changes.cells);
    const { outcome, entry, alert, trace } = folded;
    const place = outcome && "of" in outcome ? outcome.of : entry.position;
    if (alert) this.#alerts.set(place, aStored(place, alert, { trace }));
    return folded;
  }

  alert(position: number) {
    return this.#alerts.get(position)?.alert;
  }

  close(position: number): void {
    const known = this.#alerts.get(position);
    if (known) this.#alerts.set(position, aStored(position, { ...known.alert, status: "closed" }));
  }
}

const host = (value: string) => ({ type: "hostname", value, role: "target", field: "h" }) as const;
const rule = (name: string) => ({ ...anOpening(1).alert!.rule, name });

function on(name: string, rest: Parameters<typeof anOpening>[1] = {}) {
  return { rule: rule("Login"), artifacts: [host(name)], ...rest };
}

function outcomes(log: Log, flows: readonly Flow[]): string[] {
  return flows.map((flow) => {
    const { outcome } = log.take(flow);
    return outcome && "of" in outcome ? `${outcome.kind} of ${outcome.of}` : `${outcome?.kind}`;
  });
}

describe("fold", () => {
  it("does nothing without a policy that fits", () => {
    const flow = anOpening(1, on("web"));
    expect(new Log().take(flow)).toBe(flow);
    expect(new Log({ ...byRule, match: "severity : low" }).take(flow)).toBe(flow);
  });

  it("takes in as a repeat what has the same values, and nothing else", () => {
    const log = new Log(byRule);
    const flows = ["web", "db", "WEB", "db", "web"];
    expect(
      outcomes(
        log,
        flows.map((name, index) => anOpening(index + 1, on(name))),
      ),
    ).toEqual(["alert", "alert", "repeat of 1", "repeat of 2", "repeat of 1"]);
    expect([log.alert(1)?.count, log.alert(2)?.count]).toEqual([3, 2]);
    expect(log.alert(1)?.number).toBe("ALR-000001");
  });

  it("goes by the fingerprint when the policy names no fields", () => {
    const log = new Log({ ...byRule, by: null });
    expect(
      outcomes(log, [
        anOpening(1, on("web", { title: "a" })),
        anOpening(2, on("web", { title: "b" })),
        anOpening(3, on("db")),
      ]),
    ).toEqual(["alert", "repeat of 1", "alert"]);
  });

  it("asks the first policy that fits, and none behind it", () => {
    const log = new Log(
      { ...byRule, name: "hosts", match: "host.name : web", by: ["host.name"] },
      byRule,
    );
    const other = on("web", { rule: rule("Other") });
    expect(outcomes(log, [anOpening(1, on("web")), anOpening(2, other)])).toEqual([
      "alert",
      "repeat of 1",
    ]);
    expect(log.cells.map(({ key }) => key)).toEqual(["hosts|web"]);
  });

  it("does not fold what has none of the values", () => {
    const log = new Log(byRule);
    const flow = log.take(anOpening(1));
    expect([flow.outcome?.kind, flow.changes.cells]).toEqual(["alert", []]);
    expect(flow.trace.at(-1)).toMatchObject({ stage: "fold", reason: "no_values" });
    expect(log.take(anOpening(2)).outcome?.kind).toBe("alert");
  });

  it("folds exactly at the window's edge, and not a millisecond beyond", () => {
    const after = (at: number) =>
      outcomes(new Log(byRule), [
        anOpening(1, on("web"), { at: 0 }),
        anOpening(2, on("web"), { at }),
      ])[1];
    expect(after(HOUR)).toBe("repeat of 1");
    expect(after(HOUR + 1)).toBe("alert");
  });

  it("counts the window from the last occurrence on, so that it slides", () => {
    const flows = [0, 50, 100, 150, 211].map((minute, index) =>
      anOpening(index + 1, on("web"), { at: minute * MINUTE }),
    );
    expect(outcomes(new Log(byRule), flows)).toEqual([
      "alert",
      "repeat of 1",
      "repeat of 1",
      "repeat of 1",
      "alert",
    ]);
  });

  it("goes by when things happened: ten minutes late and out of order is still a repeat", () => {
    const log = new Log({ ...byRule, window: 10 * MINUTE });
    const late = (position: number, at: number) =>
      anOpening(position, on("web"), { at: at * MINUTE, received: 100 * MINUTE });
    const flows = [late(1, 50), late(2, 40), late(3, 60), late(4, 30), late(5, 19)];
    expect(outcomes(log, flows)).toEqual([
      "alert",
      "repeat of 1",
      "repeat of 1",
      "repeat of 1",
      "alert",
    ]);
    expect(Date.parse(log.alert(1)?.first_seen ?? "") - START).toBe(30 * MINUTE);
    expect(Date.parse(log.alert(1)?.last_seen ?? "") - START).toBe(60 * MINUTE);
  });

  it("takes later repeats in with the newest alert once the window has passed", () => {
    const flows = [0, 2, 2.5].map((hour, index) =>
      anOpening(index + 1, on("web"), { at: hour * HOUR }),
    );
    expect(outcomes(new Log(byRule), flows)).toEqual(["alert", "alert", "repeat of 2"]);
  });

  it("leaves the alert that is open in its place when one comes from long before it", () => {
    const log = new Log(byRule);
    const flows = [
      anOpening(1, on("web"), { at: 5 * HOUR }),
      anOpening(2, on("web"), { at: 0, received: 5 * HOUR }),
      anOpening(3, on("web"), { at: 5 * HOUR + MINUTE }),
    ];
    expect(outcomes(log, flows)).toEqual(["alert", "alert", "repeat of 1"]);
  });

  it("goes on with the next alert when the clock was set back", () => {
    const log = new Log(byRule);
    const flows = [5 * HOUR, 0, MINUTE].map((at, index) =>
      anOpening(index + 1, on("web"), { at, received: at }),
    );
    expect(outcomes(log, flows)).toEqual(["alert", "alert", "repeat of 2"]);
  });

  it("is not held open by a sender whose clock runs ahead", () => {
    const log = new Log(byRule);
    const flows = [
      anOpening(1, on("web"), { at: 30 * HOUR, received: 0 }),
      anOpening(2, on("web"), { at: 30 * HOUR, received: HOUR }),
      anOpening(3, on("web"), { at: 30 * HOUR, received: 2 * HOUR + 1 }),
    ];
    expect(outcomes(log, flows)).toEqual(["alert", "repeat of 1", "alert"]);
  });

  it("never opens a closed alert again: a new one follows it and takes its repeats", () => {
    const log = new Log(byRule);
    log.take(anOpening(1, on("web")));
    log.close(1);
    expect(outcomes(log, [anOpening(2, on("web")), anOpening(3, on("web"))])).toEqual([
      "alert",
      "repeat of 2",
    ]);
    expect([log.alert(1)?.count, log.alert(1)?.status]).toEqual([1, "closed"]);
    expect([log.alert(2)?.follows, log.alert(2)?.count]).toEqual(["ALR-000001", 2]);
  });

  it("keeps the opening's trace and that of the last repeat, however many there are", () => {
    const log = new Log(byRule);
    const lengths = Array.from(
      { length: 60 },
      (_, index) => log.take(anOpening(index + 1, on("web"), { at: index })).trace.length,
    );
    expect(new Set(lengths.slice(1))).toEqual(new Set([6]));
    expect(
      log.take(anOpening(61, on("web"))).trace.map(({ stage, reason }) => `${stage} ${reason}`),
    ).toEqual([
      "normalise source_understood",
      "identify new_event",
      "fold first_of_key",
      "normalise source_understood",
      "identify new_event",
      "fold fold_policy",
    ]);
  });

  it("lets later events of a folded subject speak of the alert that took it in", () => {
    const log = new Log(byRule);
    log.take(anOpening(1, on("web")));
    const { entry, ...rest } = anOpening(2, on("web"), { subject: "incident 7" });
    const opened = changed(
      { entry, ...rest },
      { cells: [subjectCell("incident 7", entry.position, START)] },
    );
    log.take(opened);
    expect(log.cells.find(({ stage }) => stage === "subject")?.alert).toBe(1);
  });

  it("leaves updates and what Tocsin itself tells alone", () => {
    const log = new Log(byRule);
    log.take(anOpening(1, on("web")));
    const updated: Flow = {
      ...anOpening(2, on("web")),
      outcome: {
        kind: "updated",
        reason: "subject_known",
        of: log.take(anOpening(3, on("db"))).entry.position,
      },
    };
    expect(log.take(updated)).toBe(updated);
    const source = { ...updated.alert!.source, kind: "tocsin" };
    const notice = anOpening(4, on("web", { source }));
    expect(log.take(notice)).toBe(notice);
  });

  it("says what it compared", () => {
    const log = new Log(byRule);
    const first = log.take(anOpening(1, on("web")));
    const flow = log.take(anOpening(2, on("web"), { at: MINUTE }));
    expect(flow.trace.at(-1)).toEqual({
      stage: "fold",
      outcome: "repeat",
      reason: "fold_policy",
      values: {
        policy: "same",
        match: "*",
        by: ["rule.name", "host.name"],
        window_ms: HOUR,
        alert: "ALR-000001",
        status: "new",
        happened_at: new Date(happenedAt(flow.event!)).toISOString(),
        first_seen: first.alert?.first_seen,
        last_seen: first.alert?.last_seen,
        count: 1,
      },
    });
  });
});
