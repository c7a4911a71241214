import { describe, expect, it } from "vitest";
import { alertWith } from "../destinations/testing/messages.ts";
import { aClaim } from "./testing/claims.ts";
import { deliveryKey, messageOfClaim } from "./attempt.ts";

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

describe("the message of a claim", () => {
  const message = (change: Parameters<typeof aClaim>[0]) =>
    messageOfClaim(aClaim(change), (id) => `https://tocsin.lab/alerts/${id}`);

  it("of one alert tells of it, with the link to it", () => {
    const alert = alertWith();
    expect(message({ alert, thread: "t", memory: "m" })).toEqual({
      kind: "alert",
      alert,
      digest: null,
      key: `${alert.id}-d`,
      thread: "t",
      memory: "m",
      link: `https://tocsin.lab/alerts/${alert.id}`,
      test: false,
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
