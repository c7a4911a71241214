import { describe, expect, it } from "vitest";
import { alertWith } from "../destinations/testing/messages.ts";
import { aCase } from "../store/testing/builders.ts";
import { aClaim } from "./testing/claims.ts";
import { compileTemplate } from "../template/template.ts";
import { attempt, deliveryKey, messageOfClaim } from "./attempt.ts";

describe("the key of a delivery", () => {
  it("of the first message is the alert and the destination", () => {
    expect(deliveryKey("01JT", "soc-slack", 0)).toBe("01JT-soc-slack");
  });

  it("of a later one is another, and not that of any other destination", () => {
    const keys = [deliveryKey("01JT", "soc", 1), deliveryKey("01JT", "soc", 2)];
    const others = ["soc-1", "soc_1", "soc.1", "soc-2"].map((name) => deliveryKey("01JT", name, 0));
    expect(keys).toEqual(["01JT-soc~1", "01JT-soc~2"]);
    expect(new Set([...keys, ...others]).size).toBe(5);
  });

  it("is printable ASCII without a dot", () => {
    expect(deliveryKey("01JT", "söc.1 x", 3)).toMatch(/^[!-~]+$/);
    expect(deliveryKey("01JT", "söc.1 x", 3)).not.toContain(".");
  });
});

describe("a try whose message cannot be rendered", () => {
  const message = messageOfClaim(aClaim({}), { alert: () => null, case: () => null });
  const tryTo = (render: () => string) => {
    const destination = {
      render,
      show: () => ({ type: "text/plain", text: "" }),
      send: async () => ({ kind: "delivered" as const }),
      close: async () => {},
    };
    return attempt(destination, message, new AbortController().signal);
  };

  it("is final where the template asks for what it may not have", async () => {
    const template = compileTemplate("{{ 'now' | date: '%s' }}", { component: "x" });
    expect(await tryTo(() => template.render({}))).toMatchObject({
      kind: "reject",
      reason: "render_failed",
    });
  });

  it("is made again where it took too long, which may be the machine's fault", async () => {
    const endless = "{% for i in (1..100000) %}{% for j in (1..100000) %}{% endfor %}{% endfor %}";
    const template = compileTemplate(endless, { component: "x" });
    const render = () => template.render({});
    expect(render).toThrow(/render limit exceeded/);
    expect(await tryTo(render)).toMatchObject({ kind: "retry", reason: "timeout", alone: true });
  });
});

describe("the message of a claim", () => {
  const message = (change: Parameters<typeof aClaim>[0]) =>
    messageOfClaim(aClaim(change), {
      alert: (id) => `https://tocsin.lab/alerts/${id}`,
      case: (id) => `https://tocsin.lab/cases/${id}`,
    });

  it("of one alert tells of it, with the link to it", () => {
    const alert = alertWith();
    expect(message({ alert, thread: "t", memory: "m" })).toEqual({
      kind: "alert",
      alert,
      digest: null,
      case: null,
      key: `${alert.id}-d`,
      thread: "t",
      memory: "m",
      link: `https://tocsin.lab/alerts/${alert.id}`,
      test: false,
    });
  });

  it("of an alert in a case has the case in short, with the link to it", () => {
    const found = aCase(12, { owner: "ann", alert_count: 3, summary: "long" });
    expect(message({ case: found }).case).toEqual({
      id: "CASE-000012",
      title: found.title,
      status: "new",
      severity: "high",
      owner: "ann",
      alert_count: 3,
      link: "https://tocsin.lab/cases/CASE-000012",
    });
  });

  it("of an update has its kind and a key of its own", () => {
    const alert = alertWith();
    expect(message({ alert, kind: "update", sequence: 2 })).toMatchObject({
      kind: "update",
      key: `${alert.id}-d~2`,
    });
  });

  it("of a digest has what its alerts have in common, and the link of the first", () => {
    const alert = alertWith();
    const alerts = [alert, alertWith({ id: "01JTFYX3M0QK7T1B0S7N9V5R4F", severity: "critical" })];
    const digest = { reason: "limit_digest", cause: "soc", total: 2, alerts } as const;
    expect(message({ alert, digest })).toMatchObject({
      alert,
      digest: { ...digest, severity: "critical", hosts: [{ name: "web-1", count: 2 }] },
      link: `https://tocsin.lab/alerts/${alert.id}`,
    });
  });

  it("that updates a digest is about the digest's first alert, under a key of its own", () => {
    const carrier = alertWith();
    const alert = alertWith({ id: "01JTFYX3M0QK7T1B0S7N9V5R4F" });
    const alerts = [carrier, alert];
    const digest = { reason: "group_digest", cause: "soc", total: 2, alerts } as const;
    expect(message({ alert, digest, kind: "update", sequence: 1 })).toMatchObject({
      alert: { id: carrier.id },
      key: `${alert.id}-d~1`,
      link: `https://tocsin.lab/alerts/${carrier.id}`,
    });
  });
});
