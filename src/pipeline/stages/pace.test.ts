import { describe, expect, it } from "vitest";
import type { AlertContent } from "../../alert/schema.ts";
import { NO_CHANGES, type Flow, type Mute } from "../flow.ts";
import type { PlannedDelivery } from "../outcome.ts";
import type { CompiledRoute } from "../policies.ts";
import { aDecision, aDelivery } from "../testing/builders.ts";
import { aConfiguration, runStage } from "../testing/stages.ts";
import { aView } from "../testing/state.ts";
import { aRoute, HOUR, OFFICE, SECOND, START } from "../pace/testing/builders.ts";
import { OPERATOR_KIND } from "./route.ts";
import { paceStage } from "./pace.ts";

interface Given {
  readonly mute?: Mute;
  readonly content?: Partial<AlertContent>;
  readonly now?: number;
  readonly cells?: NonNullable<Parameters<typeof aView>[0]>["cells"];
}

function pace(
  routes: readonly CompiledRoute[],
  deliveries: readonly PlannedDelivery[],
  given: Given = {},
): Flow {
  const decision = aDecision(9, deliveries, { content: given.content ?? {} });
  return runStage(
    paceStage,
    { ...decision, trace: [], mute: given.mute ?? null },
    {
      now: given.now ?? START,
      state: aView({ cells: given.cells ?? [] }),
      configuration: aConfiguration({
        route: (name) => routes.find((route) => route.name === name),
      }),
    },
  );
}

const GROUPED = aRoute("r", { group_by: ["title"] });
const SILENCE: Mute = { kind: "silence", id: "S-1", version: 2, until: START + HOUR, digest: true };

describe("the pace stage", () => {
  it("leaves a flow as it is, without asking for anything, when its routes ask for nothing", () => {
    const deliveries = [aDelivery("slack"), aDelivery("mail")];
    const flow = pace([aRoute("r")], deliveries);
    expect(flow).toMatchObject({ deliveries, trace: [], changes: NO_CHANGES });
    const needs = paceStage.needs?.(flow, {
      now: START,
      state: aView(),
      configuration: aConfiguration({ route: () => aRoute("r") }),
    });
    expect(Object.values(needs ?? {}).flat()).toEqual([]);
  });

  it("says in the trace what a delivery waits for, and until when", () => {
    const flow = pace([GROUPED], [aDelivery("slack")]);
    expect(flow.deliveries).toMatchObject([
      { state: "pending", reason: "group_wait", hold: "group:r|something happened" },
    ]);
    expect(flow.trace).toEqual([
      {
        stage: "pace",
        outcome: "held",
        reason: "group_wait",
        values: {
          route: "r",
          hold: "group:r|something happened",
          due_at: "2026-03-06T12:00:30.000Z",
        },
      },
    ]);
    expect(flow.changes.cells).toEqual([
      {
        cell: {
          stage: "group",
          key: "r|something happened",
          value: { flushed_at: null },
          alert: 9,
          due_at: START + 30 * SECOND,
          at: START,
        },
      },
    ]);
  });

  it("lets each route go its own way, and leaves shadow deliveries alone", () => {
    const closed = aRoute("office", { hours: { calendar: OFFICE, outside: "hold" } });
    const shadow = aDelivery("archive", { state: "suppressed", reason: "shadow_route" });
    const flow = pace(
      [aRoute("r"), closed],
      [aDelivery("slack"), aDelivery("mail", { route: "office" }), shadow],
      { now: START + 8 * HOUR },
    );
    expect(flow.deliveries.map(({ reason, hold }) => [reason, hold])).toEqual([
      ["first_notification", null],
      ["outside_hours", "hours:office"],
      ["shadow_route", null],
    ]);
  });

  it("suppresses what is silenced before anything else, and sets the silence's timer once", () => {
    const flow = pace([GROUPED], [aDelivery("slack")], { mute: SILENCE });
    expect(flow.deliveries).toMatchObject([
      { state: "suppressed", reason: "silence", cause: "S-1", hold: "silence:S-1" },
    ]);
    const [write] = flow.changes.cells;
    if (!write || !("cell" in write)) throw new RangeError("no cell was written");
    expect(write.cell).toMatchObject({ stage: "silence", key: "S-1", due_at: START + HOUR });
    const cells = [write.cell];
    expect(pace([GROUPED], [aDelivery("slack")], { mute: SILENCE, cells }).changes).toEqual(
      NO_CHANGES,
    );
  });

  it("suppresses for good what an inhibition mutes, and names its policy", () => {
    const mute = { kind: "inhibit", policy: "isolated", by: 3 } as Mute;
    const flow = pace([GROUPED], [aDelivery("slack")], { mute });
    expect(flow.deliveries).toMatchObject([
      { state: "suppressed", reason: "inhibited", cause: "isolated", hold: null },
    ]);
    expect(flow.changes).toEqual(NO_CHANGES);
    expect(flow.trace).toMatchObject([{ outcome: "suppressed", reason: "inhibited" }]);
  });

  it("holds back nothing that Tocsin itself raises", () => {
    const source = { name: "tocsin", kind: OPERATOR_KIND, vendor: "v", product: "p", space: null };
    const given = { mute: SILENCE, content: { source } };
    const flow = pace([GROUPED], [aDelivery("slack")], given);
    expect(flow).toMatchObject({ deliveries: [aDelivery("slack")], changes: NO_CHANGES });
  });
});
