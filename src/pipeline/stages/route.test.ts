import { describe, expect, it } from "vitest";
import type { AlertContent } from "../../alert/schema.ts";
import { beginFlow, type Flow } from "../flow.ts";
import type { Outcome } from "../outcome.ts";
import type { Position } from "../entry.ts";
import type { CompiledRoute, PipelineConfiguration } from "../policies.ts";
import type { StateView } from "../state.ts";
import { aDecision, aDelivery, anEvent } from "../testing/builders.ts";
import { aConfiguration, aSet, runStage } from "../testing/stages.ts";
import { aStored, aView } from "../testing/state.ts";
import { aRoute, HOUR, OFFICE, START } from "../pace/testing/builders.ts";
import { OPERATOR_KIND, routeStage } from "./route.ts";

interface Given {
  readonly content?: Partial<AlertContent>;
  readonly outcome?: Outcome;
  readonly now?: number;
  readonly state?: StateView;
  readonly configuration?: Partial<PipelineConfiguration>;
}

function route(routes: readonly CompiledRoute[], given: Given = {}): Flow {
  const { alert, outcome, ...decision } = aDecision(9, [], { content: given.content ?? {} });
  const flow = { ...decision, event: alert, alert, outcome: given.outcome ?? outcome };
  return runStage(routeStage, flow, {
    now: given.now ?? START,
    state: given.state ?? aView(),
    configuration: aConfiguration({ routes: aSet(...routes), ...given.configuration }),
  });
}

const ways = ({ deliveries }: Flow) =>
  deliveries.map(({ route: name, destination, reason }) => `${name} ${destination} ${reason}`);
const again = { kind: "repeat", reason: "fold_policy", of: 1 as Position } as const;

describe("routes", () => {
  it("are tried in order; those behind one that matches only when it says continue", () => {
    const flow = route([
      aRoute("low", { match: "severity: low" }),
      aRoute("keep", { to: ["archive"], continue: true }),
      aRoute("soc", { to: ["slack"] }),
      aRoute("rest", { to: ["mail"] }),
    ]);
    expect(ways(flow)).toEqual(["keep archive first_notification", "soc slack first_notification"]);
    expect(flow.routing).toBe("routed");
    expect(flow.trace.at(-1)).toMatchObject({
      stage: "route",
      outcome: "routed",
      reason: "route_matched",
      values: {
        routes: [
          { name: "keep", match: "*" },
          { name: "soc", match: "*" },
        ],
      },
    });
  });

  it("leave to the default route what none of them takes", () => {
    const fallback = aRoute("rest", { default: true });
    const none = [aRoute("low", { match: "severity: low" })];
    expect(ways(route(none, { configuration: { fallback } }))).toEqual([
      "rest slack first_notification",
    ]);
    const unrouted = route(none);
    expect(unrouted).toMatchObject({ routing: "unrouted", deliveries: [] });
    expect(unrouted.trace.at(-1)).toMatchObject({ reason: "no_route_matched" });
  });

  it("give a destination one delivery, by the first real route", () => {
    const flow = route([
      aRoute("try", { shadow: true, continue: true, to: ["slack", "mail"] }),
      aRoute("one", { continue: true }),
      aRoute("two"),
    ]);
    expect(ways(flow)).toEqual(["one slack first_notification", "try mail shadow_route"]);
  });

  it("lead elsewhere outside their hours", () => {
    const soc = aRoute("soc", { hours: { calendar: OFFICE, outside: ["pager"] } });
    expect(ways(route([soc]))).toEqual(["soc slack first_notification"]);
    expect(ways(route([soc], { now: START + 8 * HOUR }))).toEqual(["soc pager first_notification"]);
  });

  it("give nothing again to a destination that knows the alert, whatever became of it", () => {
    const known = { ...aDelivery("slack"), carrier: null, state: "suppressed" as const };
    const state = aView({ alerts: [aStored(1, {}, { deliveries: [known] })] });
    const routes = [aRoute("soc", { to: ["slack", "mail"] })];
    const updated = { kind: "updated", reason: "subject_known", of: 1 as Position } as const;
    for (const outcome of [again, updated]) {
      expect(ways(route(routes, { outcome, state }))).toEqual(["soc mail first_notification"]);
    }
    expect(route([], { outcome: again, state }).routing).toBe("routed");
  });

  it("send to a destination that a shadow route alone has recorded, and record that once", () => {
    const shadow = { ...aDelivery("slack"), reason: "shadow_route", carrier: null } as const;
    const known = { ...shadow, state: "suppressed" as const };
    const state = aView({ alerts: [aStored(1, {}, { deliveries: [known] })] });
    const trial = aRoute("try", { shadow: true, continue: true });
    expect(ways(route([trial], { outcome: again, state }))).toEqual([]);
    const { deliveries } = route([trial, aRoute("soc")], { outcome: again, state });
    expect(deliveries).toMatchObject([{ route: "soc", sequence: 1, state: "pending" }]);
  });

  it("send what Tocsin itself raises to the operators, at any hour", () => {
    const source = { name: "tocsin", kind: OPERATOR_KIND, vendor: "v", product: "p", space: null };
    const operators = aRoute("ops", {
      to: ["mail"],
      hours: { calendar: OFFICE, outside: ["pager"] },
    });
    const flow = route([aRoute("soc")], {
      content: { source },
      now: START + 8 * HOUR,
      configuration: { operators },
    });
    expect(ways(flow)).toEqual(["ops mail first_notification"]);
    expect(ways(route([aRoute("soc")], { content: { source } }))).toEqual([
      "soc slack first_notification",
    ]);
  });

  it("thread messages that will be updated by their alert, where nothing else threads them", () => {
    const routes = [
      aRoute("soc", { repeats: "update", to: ["slack", "mail"], continue: true }),
      aRoute("rest", { to: ["archive"] }),
    ];
    const threadFields = (name: string) => (name === "mail" ? ["title"] : undefined);
    const flow = route(routes, { configuration: { threadFields }, content: { title: "t" } });
    expect(flow.deliveries.map(({ thread }) => thread)).toEqual([
      `alert:${flow.alert?.id}`,
      "t",
      null,
    ]);
  });

  it("take nothing that came to no alert", () => {
    const flow = beginFlow(anEvent(1));
    const context = { now: START, state: aView(), configuration: aConfiguration() };
    expect(runStage(routeStage, flow, context)).toBe(flow);
  });
});
