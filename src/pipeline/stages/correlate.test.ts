import { describe, expect, it } from "vitest";
import type { AlertContent } from "../../alert/schema.ts";
import { kqlPredicate } from "../../kql/index.ts";
import type { Position } from "../entry.ts";
import type { Flow, Notice } from "../flow.ts";
import type { Correlation, Matcher } from "../policies.ts";
import type { Cell } from "../state.ts";
import { aConfiguration, anOpening, runStage, START } from "../testing/stages.ts";
import { aView, writeCells } from "../testing/state.ts";
import { correlateStage } from "./correlate.ts";

const MINUTE = 60_000;

function matcher(text: string): Matcher {
  return { text, matches: kqlPredicate(text) };
}

const bruteForce: Correlation = {
  name: "brute-force",
  steps: [matcher("title : Login")],
  least: 3,
  by: ["user.name"],
  within: 5 * MINUTE,
  severity: "critical",
  title: null,
};
const dump: Correlation = {
  ...bruteForce,
  name: "dump-after-login",
  steps: [matcher("title : Login"), matcher("title : Dump")],
  least: 1,
  within: 10 * MINUTE,
};

/** A log of events under these policies; remembers cells as a store does. */
class Log {
  readonly #policies: readonly Correlation[];
  cells: Cell[] = [];

  constructor(...policies: readonly Correlation[]) {
    this.#policies = policies;
  }

  take(flow: Flow): Flow {
    const counted = runStage(correlateStage, flow, {
      now: flow.entry.received_at,
      configuration: aConfiguration({ correlate: this.#policies }),
      state: aView({ cells: this.cells }),
    });
    this.cells = writeCells(this.cells, counted.changes.cells);
    return counted;
  }

  /** Keys of the notices of each event. */
  keys(...flows: readonly Flow[]): string[][] {
    return flows.map((flow) => this.take(flow).changes.notices.map(({ key }) => key));
  }
}

const account = (value: string) =>
  ({ type: "account", value, role: "actor", field: "user.name" }) as const;

function by(users: readonly string[], content: Partial<AlertContent> = {}): Partial<AlertContent> {
  return { title: "Login", artifacts: users.map(account), ...content };
}

describe("correlate", () => {
  it("does nothing without a policy that the event fits", () => {
    const flow = anOpening(1, by(["ann"]));
    expect(new Log().take(flow)).toBe(flow);
    expect(new Log({ ...bruteForce, steps: [matcher("title : Other")] }).take(flow)).toBe(flow);
  });

  it("counts for each value by itself, and raises one notice when there are enough", () => {
    const log = new Log(bruteForce);
    const users = ["ann", "bob", "Ann", "ann", "bob", "bob"];
    const keys = log.keys(...users.map((user, index) => anOpening(index + 1, by([user]))));
    expect(keys).toEqual([
      [],
      [],
      [],
      ["correlate:brute-force|ann:4"],
      [],
      ["correlate:brute-force|bob:6"],
    ]);
    expect(log.cells).toEqual([]);
  });

  it("leaves the event itself as it is", () => {
    const flow = anOpening(1, by(["ann"]));
    const counted = new Log({ ...bruteForce, least: 1 }).take(flow);
    expect(counted.alert).toBe(flow.alert);
    expect(counted.outcome).toBe(flow.outcome);
    expect(counted.changes.notices).toHaveLength(1);
  });

  it("hands all of a match to its notice", () => {
    const log = new Log({ ...bruteForce, title: "Somebody tries passwords" });
    const ids = [0, 1, 2].map((minute) => {
      const ip = { type: "ip", value: `192.0.2.${minute}`, role: "source", field: "s" } as const;
      const content = by(["Ann"], { artifacts: [account("Ann"), ip] });
      return log.take(anOpening(minute + 1, content, { at: minute * MINUTE }));
    });
    const at = (minute: number) => new Date(START + minute * MINUTE).toISOString();
    expect(ids.at(-1)?.changes.notices).toEqual<Notice[]>([
      {
        source: "correlate",
        key: "correlate:brute-force|ann:3",
        body: {
          policy: "brute-force",
          title: "Somebody tries passwords",
          severity: "critical",
          by: { "user.name": "Ann" },
          at: at(2),
          first_at: at(0),
          count: 3,
          within: 5 * MINUTE,
          sequence: false,
          parts: ids.map((flow, minute) => ({
            id: flow.event?.id,
            title: "Login",
            at: at(minute),
          })),
          artifacts: [
            { type: "account", value: "Ann", role: "actor" },
            { type: "ip", value: "192.0.2.0", role: "source" },
            { type: "ip", value: "192.0.2.1", role: "source" },
            { type: "ip", value: "192.0.2.2", role: "source" },
          ],
        },
      },
    ]);
  });

  it("is completed by an event that comes ten minutes late", () => {
    const log = new Log(bruteForce);
    const keys = log.keys(
      anOpening(1, by(["ann"]), { at: 20 * MINUTE }),
      anOpening(2, by(["ann"]), { at: 22 * MINUTE }),
      anOpening(3, by(["ann"]), { at: 34 * MINUTE }),
      anOpening(4, by(["ann"]), { at: 24 * MINUTE, received: 34 * MINUTE }),
    );
    expect(keys.at(-1)).toEqual(["correlate:brute-force|ann:4"]);
    expect(log.cells[0]?.value).toMatchObject({ steps: [[{ position: 3 }]] });
  });

  it("waits for a sequence in the order in which things happened", () => {
    const login = (position: number, at: number) =>
      anOpening(position, by(["ann"]), { at: at * MINUTE, received: 20 * MINUTE });
    const dumped = (position: number, at: number) =>
      anOpening(position, by(["ann"], { title: "Dump" }), {
        at: at * MINUTE,
        received: 20 * MINUTE,
      });
    const found = (...flows: Flow[]) => new Log(dump).keys(...flows).at(-1)?.length;
    expect(found(login(1, 0), dumped(2, 10))).toBe(1);
    expect(found(dumped(1, 10), login(2, 0))).toBe(1);
    expect(found(dumped(1, 0), login(2, 10))).toBe(0);
    expect(found(login(1, 0), dumped(2, 10.001))).toBe(0);
  });

  it("counts an event of several users for each of them, at most sixteen", () => {
    const log = new Log(bruteForce);
    log.take(anOpening(1, by(["ann", "bob"])));
    log.take(anOpening(2, by(["bob", "cy"])));
    const flow = log.take(anOpening(3, by(["ann", "bob"])));
    expect(flow.changes.notices.map(({ key }) => key)).toEqual(["correlate:brute-force|bob:3"]);
    const many = Array.from({ length: 100 }, (_, index) => `u${index}`);
    expect(new Log(bruteForce).take(anOpening(4, by(many))).changes.cells).toHaveLength(16);
  });

  it("does not count what lacks a value, and says so", () => {
    const flow = new Log({ ...bruteForce, least: 1 }).take(anOpening(1, by([])));
    expect(flow.changes).toMatchObject({ cells: [], notices: [] });
    expect(flow.trace.at(-1)).toMatchObject({ stage: "correlate", reason: "no_values" });
  });

  it("counts repeats, but neither updates nor what Tocsin itself raised", () => {
    const any = { ...bruteForce, least: 1 };
    const of = 1 as Position;
    const open = anOpening(2, by(["ann"]));
    const repeat: Flow = { ...open, outcome: { kind: "repeat", reason: "fold_policy", of } };
    const counted = new Log({ ...any, least: 2 }).take(repeat);
    expect(counted.changes.cells).toMatchObject([
      { cell: { value: { steps: [[{ position: 2, id: open.event?.id }]] } } },
    ]);
    const updated: Flow = { ...open, outcome: { kind: "updated", reason: "subject_known", of } };
    expect(new Log(any).take(updated)).toBe(updated);
    for (const kind of ["tocsin", "correlate"]) {
      const source = { ...open.event!.source, kind };
      const own = anOpening(3, by(["ann"], { source }));
      expect(new Log(any).take(own)).toBe(own);
    }
  });

  it("keeps nothing for an alert's sake: what no event adds to goes by itself", () => {
    const { changes } = new Log(bruteForce).take(anOpening(1, by(["ann"])));
    expect(changes.cells).toMatchObject([{ cell: { alert: null, due_at: null, at: START } }]);
  });

  it("says how far each policy got", () => {
    const log = new Log(bruteForce, dump);
    log.take(anOpening(1, by(["ann"])));
    const { trace } = log.take(anOpening(2, by(["ann"])));
    expect(trace.slice(-2)).toMatchObject([
      {
        outcome: "counted",
        values: { policy: "brute-force", values: { "user.name": "ann" }, reached: 2, needed: 3 },
      },
      { outcome: "counted", values: { policy: "dump-after-login", reached: 1, needed: 2 } },
    ]);
  });

  it("goes on with a cell that was written when the policy had other steps", () => {
    const log = new Log(dump);
    log.take(anOpening(1, by(["ann"])));
    const cells = log.cells;
    const changed = new Log({ ...bruteForce, name: dump.name });
    changed.cells = cells;
    changed.take(anOpening(2, by(["ann"])));
    expect(changed.keys(anOpening(3, by(["ann"])))).toEqual([["correlate:dump-after-login|ann:3"]]);
  });

  it("keeps the artifacts of the first parts only, so that a cell stays small", () => {
    const log = new Log({ ...bruteForce, least: 100 });
    for (let position = 1; position <= 40; position += 1)
      log.take(anOpening(position, by(["ann"])));
    const [parts = []] = (log.cells[0] as Cell<"correlate">).value.steps;
    expect(parts.map(({ artifacts }) => artifacts.length)).toEqual([
      ...Array<number>(20).fill(1),
      ...Array<number>(20).fill(0),
    ]);
  });

  it("takes a part of the artifacts into a match where there are very many", () => {
    const log = new Log({ ...bruteForce, least: 12 });
    const ip = (value: string) => ({ type: "ip", value, role: "source", field: "s" }) as const;
    const flows = Array.from({ length: 12 }, (_, event) => {
      const many = Array.from({ length: 60 }, (__, index) => ip(`192.0.${event}.${index}`));
      return anOpening(event + 1, by(["ann"], { artifacts: [account("ann"), ...many] }));
    });
    for (const flow of flows.slice(0, -1)) log.take(flow);
    const [parts = []] = (log.cells[0] as Cell<"correlate">).value.steps;
    expect(parts.map(({ artifacts }) => artifacts.length)).toEqual(Array<number>(11).fill(50));
    const [notice] = log.take(flows.at(-1)!).changes.notices;
    expect(notice?.body["artifacts"]).toHaveLength(500);
  });
});
