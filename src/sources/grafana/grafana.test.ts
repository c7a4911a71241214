import { describe, expect, it } from "vitest";
import type { JsonObject, JsonValue } from "../source.ts";
import { grafanaSource } from "./index.ts";

const config = grafanaSource.config.parse({});
const context = { config, name: "g", kind: "grafana" };
const decode = (body: JsonValue) => grafanaSource.decode(body, context);

function alertOf(body: JsonObject) {
  const [event] = decode(body).events;
  const { stream, document } = event ?? expect.unreachable("no event");
  return grafanaSource.normalise({ stream, document, received_at: 0, repaired: [] }, context);
}

describe("what was measured", () => {
  const reason = (alert: JsonObject) =>
    alertOf({ alerts: [{ labels: { alertname: "A" }, ...alert }] }).alert.reason;

  it("is told by its values, else by their text", () => {
    expect(reason({ values: { B: 1.5, C: null }, valueString: "[ x ]" })).toBe("B=1.5");
    expect(reason({ values: null, valueString: "[ var='B' value=1 ]" })).toBe(
      "[ var='B' value=1 ]",
    );
    expect(reason({})).toBeNull();
  });
});

describe("a legacy body", () => {
  const legacy = { ruleId: 1, ruleName: "CPU", state: "alerting" };

  it("has no identity: the rule's id is the same for every alarm", () => {
    expect(decode(legacy).events[0]?.key).toBeNull();
    expect(Object.keys(alertOf(legacy))).toEqual(["alert"]);
  });

  it.each(["alerting", "no_data", "pending"])("in state %s is an alert", (state) => {
    expect(alertOf({ ...legacy, state }).alert).toMatchObject({
      status: "new",
      reason: `state ${state}`,
    });
  });

  it("in state ok holds nothing", () => {
    expect(decode({ ...legacy, state: "OK" })).toMatchObject({ events: [], empty: "recovered" });
  });

  it("reads matches of any shape", () => {
    const evalMatches = [null, { tags: null }, { value: 1, tags: { host: "a b" } }];
    expect(alertOf({ ...legacy, evalMatches }).alert.artifacts).toEqual([]);
  });
});

it.each([["text"], [{}], [{ ruleName: "CPU" }], [{ state: "alerting", title: "x" }]])(
  "rejects %j",
  (body) => {
    expect(decode(body)).toMatchObject({ events: [], rejected: [{}] });
  },
);

it("is told to come back later in the one way after which its senders do", () => {
  expect(grafanaSource.busyStatus).toBe(503);
});
