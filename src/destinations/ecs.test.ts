import { describe, expect, it } from "vitest";
import type { Alert } from "../alert/schema.ts";
import { ecsDocument } from "./ecs.ts";
import { aDigest, alertWith, caseWith, hostileAlert, messageWith } from "./testing/messages.ts";

const of = (change: Partial<Alert> = {}) => ecsDocument(messageWith({ alert: alertWith(change) }));
const artifact = (type: Alert["artifacts"][number]["type"], value: string, role = "related") =>
  ({ type, value, role, field: "x" }) as Alert["artifacts"][number];

describe("an alert in ECS", () => {
  it.each([
    ["when it happened", {}, "2026-05-05T09:58:10.000Z"],
    ["else when it was detected", { event_time: null }, "2026-05-05T09:59:00.000Z"],
    ["else when it came", { event_time: null, detected_at: null }, "2026-05-05T10:00:00.000Z"],
  ])("has as its time %s", (_what, change, time) => {
    expect(of(change)["@timestamp"]).toBe(time);
  });

  it("has the numbers of severities that Elastic Security reads", () => {
    const grades = ["unknown", "informational", "low", "medium", "high", "critical"] as const;
    const numbers = grades.map((severity) => of({ severity })["event"]);
    expect(numbers.map((event) => (event as { severity: number }).severity)).toEqual([
      0, 1, 21, 47, 73, 99,
    ]);
  });

  it("has addresses alone in fields for addresses", () => {
    const artifacts = ["203.0.113.7", "fe80::1%eth0", "not one", "2001:db8::1"].map((value) =>
      artifact("ip", value, "source"),
    );
    const document = of({ artifacts, entities: { hosts: [], users: [], ips: ["nonsense"] } });
    expect(document["source"]).toEqual({ ip: ["203.0.113.7", "2001:db8::1"] });
    expect(document["related"]).toEqual({ ip: ["203.0.113.7", "2001:db8::1"] });
  });

  it("has hashes, names and accounts among what is related, each once", () => {
    const artifacts = [
      artifact("sha256", "ab".repeat(32)),
      artifact("domain", "evil.example"),
      artifact("hostname", "web-1"),
      artifact("sid", "S-1-5-21-1"),
    ];
    expect(of({ artifacts })["related"]).toEqual({
      ip: ["203.0.113.7"],
      user: ["bob", "S-1-5-21-1"],
      hosts: ["web-1", "evil.example"],
      hash: ["ab".repeat(32)],
    });
  });

  it("says whether it is news, an update or a reminder, with the same event.id", () => {
    const kinds = ["alert", "update", "reminder"] as const;
    const events = kinds.map((kind) => ecsDocument(messageWith({ kind }))["event"]);
    const id = alertWith().id;
    expect(events).toMatchObject([
      { action: "created", id },
      { action: "updated", id },
      { action: "reminded", id },
    ]);
  });

  it("leaves out what is not known, and never writes null", () => {
    const document = of({ reason: null, risk_score: null, attack: [], artifacts: [], tags: [] });
    expect(JSON.stringify(document)).not.toMatch(/null|\[\]|\{\}/);
    expect(document).not.toHaveProperty("threat");
  });

  it("never says kibana.* or signal, and links to nothing but http", () => {
    const alert = { ...hostileAlert(), external: { id: "x", url: "javascript:alert(1)" } };
    const document = ecsDocument(messageWith({ alert, link: "file:///etc/passwd" }));
    expect(Object.keys(document).filter((key) => key.startsWith("kibana"))).toEqual([]);
    expect(document["event"]).toMatchObject({ kind: "alert" });
    expect(document["event"]).not.toHaveProperty("url");
    expect(document["event"]).not.toHaveProperty("reference");
  });

  it("names its case", () => {
    const document = ecsDocument(messageWith({ case: caseWith() }));
    expect(document["tocsin"]).toMatchObject({ case: { id: "CASE-000012", alert_count: 3 } });
  });
});

describe("a digest in ECS", () => {
  const document = ecsDocument(messageWith({ digest: aDigest() }));

  it("is about all of its alerts, and says so", () => {
    expect(document["message"]).toContain("3 alerts");
    expect(document["rule"]).toEqual({ name: ["Brute force", "New service"] });
    expect(document["tocsin"]).toMatchObject({ digest: { total: 3, reason: "group_digest" } });
  });

  it("is not taken for its first alert", () => {
    expect(document["event"]).toMatchObject({ id: "d_01JTFYX3M0_7", action: "digest" });
    expect(document["tocsin"]).not.toHaveProperty("status");
    expect(document).not.toHaveProperty("threat");
  });
});
