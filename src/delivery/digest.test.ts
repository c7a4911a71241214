import { expect, it } from "vitest";
import { alertWith } from "../destinations/testing/messages.ts";
import { digestOf } from "./digest.ts";

const onHosts = (...hosts: string[]) => alertWith({ entities: { hosts, users: [], ips: [] } });
const byRule = (name: string | null, id: string | null = null) =>
  alertWith({ rule: { ...alertWith().rule, name, id } });
const claimed = (alerts: readonly ReturnType<typeof alertWith>[], total = alerts.length) =>
  digestOf({ reason: "group_digest", cause: "soc", total, alerts });

it("keeps why the alerts come together, how many there are, and their order", () => {
  const alerts = [alertWith({ number: "ALR-000002" }), alertWith({ number: "ALR-000001" })];
  expect(claimed(alerts, 700)).toMatchObject({
    reason: "group_digest",
    cause: "soc",
    total: 700,
    alerts,
  });
});

it("is as severe as the worst of its alerts", () => {
  const severities = ["low", "critical", "unknown"] as const;
  const alerts = severities.map((severity) => alertWith({ severity }));
  expect(claimed(alerts).severity).toBe("critical");
});

it("names the five most frequent hosts, an alert counting once for each", () => {
  const alerts = [onHosts("a", "b", "b"), onHosts("c"), onHosts("b"), onHosts("d", "e", "f", "g")];
  expect(claimed(alerts).hosts).toEqual([
    { name: "b", count: 2 },
    { name: "a", count: 1 },
    { name: "c", count: 1 },
    { name: "d", count: 1 },
    { name: "e", count: 1 },
  ]);
});

it("names rules by their names, else by their ids, and leaves out what has neither", () => {
  const alerts = [byRule(null, "r-1"), byRule("Scan", "r-2"), byRule("Scan"), byRule(null)];
  expect(claimed(alerts).rules).toEqual([
    { name: "Scan", count: 2 },
    { name: "r-1", count: 1 },
  ]);
});
