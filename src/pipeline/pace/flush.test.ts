import { describe, expect, it } from "vitest";
import type { StageContext } from "../flow.ts";
import type { DeliveryId, HeldDelivery } from "../outcome.ts";
import { aStored, aView } from "../testing/state.ts";
import { aConfiguration } from "../testing/stages.ts";
import type { Position } from "../entry.ts";
import type { DueCell, StateView } from "../state.ts";
import { aLimit, aRoute, START } from "./testing/builders.ts";
import { paceTimers } from "./timers.ts";

const ROUTE = aRoute("soc", { repeats: "remind", limit: aLimit(1, { by: ["host.name"] }) });
const DUE: DueCell = {
  stage: "limit",
  key: "soc|",
  value: { tokens: 0, at: START - 60_000 },
  alert: 1 as Position,
  due_at: START,
  at: START - 60_000,
};

function waiting(count: number, destinations: readonly string[] = ["slack"]): HeldDelivery[] {
  return Array.from({ length: count }, (_, index) => index + 1).flatMap((alert, index) =>
    destinations.map((destination, offset) => ({
      id: (index * destinations.length + offset + 1) as DeliveryId,
      alert: alert as Position,
      destination,
      route: "soc",
      kind: "alert",
      sequence: 0,
      thread: null,
      state: "pending",
      hold: "limit:soc|",
      held_at: START - 60_000,
    })),
  );
}

/** A context over so many waiting deliveries that counts what is read. */
function counting(held: readonly HeldDelivery[]) {
  const count = { reads: 0 };
  const alerts = held.map(({ alert }) => aStored(alert));
  const view = aView({ held, alerts, cells: [DUE] });
  const counted = <Arguments extends unknown[], Answer>(read: (...given: Arguments) => Answer) => {
    return (...given: Arguments) => {
      count.reads += 1;
      return read(...given);
    };
  };
  const state: StateView = {
    ...view,
    cell: (stage, key) => counted(() => view.cell(stage, key))(),
    alert: counted(view.alert),
    held: counted(view.held),
    document: counted(view.document),
  };
  const configuration = aConfiguration({ route: (name) => (name === "soc" ? ROUTE : undefined) });
  return { count, context: { now: START, state, configuration } satisfies StageContext };
}

const timer = paceTimers.find(({ stage }) => stage === "limit");

describe("a flush", () => {
  it("reads in proportion to what waits, however much that is", () => {
    const [small, large] = [100, 10_000].map((size) => {
      const { count, context } = counting(waiting(size));
      timer?.needs?.(DUE, context);
      const changes = timer?.fire(DUE, context);
      expect(changes?.moves).toHaveLength(size);
      return count.reads;
    });
    expect(small).toBeGreaterThan(100);
    expect(large).toBeLessThan(101 * (small ?? 0));
  });

  it("asks for each cell, alert and document that it will look at", () => {
    const { context } = counting(waiting(2));
    const reads = timer?.needs?.(DUE, context);
    expect(reads?.alerts).toEqual([1, 2]);
    expect(reads?.documents).toEqual([1, 2]);
    expect(reads?.holds).toEqual(["limit:soc|"]);
    expect(reads?.cells).toContainEqual({ stage: "remind", key: "soc|alert|2" });
  });

  it("sends one to each destination and folds the others into it", () => {
    const { context } = counting(waiting(2, ["slack", "mail"]));
    expect(timer?.fire(DUE, context).moves).toEqual([
      { id: 1, to: "send", reason: "limit_digest", cause: "soc" },
      { id: 3, to: "fold", into: 1, reason: "in_digest" },
      { id: 2, to: "send", reason: "limit_digest", cause: "soc" },
      { id: 4, to: "fold", into: 2, reason: "in_digest" },
    ]);
  });

  it("sends what waits for an alert that is gone: nothing stays behind", () => {
    const { context } = counting(waiting(1));
    const state = { ...context.state, alert: () => undefined };
    expect(timer?.fire(DUE, { ...context, state }).moves).toEqual([
      { id: 1, to: "send", reason: "first_notification", cause: null },
    ]);
  });
});
