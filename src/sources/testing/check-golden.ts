import { expect } from "vitest";
import { alertContentSchema, type AlertContent } from "../../alert/schema.ts";
import type { GoldenEvent } from "./goldens.ts";

/** Fails where an alert differs from what its golden says of it. */
export function checkAlert(alert: AlertContent, expected: GoldenEvent): void {
  expect(alertContentSchema.parse(alert)).toEqual(alert);
  const { title, severity, event_time, detected_at, risk_score } = expected;
  expect(alert).toMatchObject({ title, severity, event_time, detected_at, risk_score });
  expect([alert.rule.id, alert.rule.uuid]).toEqual(expected.rule);
  const ids = alert.attack.map((entry) => [
    entry.tactic?.id,
    entry.technique?.id,
    entry.subtechnique?.id,
  ]);
  expect(ids.map((parts) => parts.filter(Boolean).join("/"))).toEqual(expected.attack ?? []);
  const found = alert.artifacts.map(
    (artifact) => `${artifact.role} ${artifact.type} ${artifact.value}`,
  );
  expect(found).toEqual(expect.arrayContaining([...expected.artifacts]));
  expect(alert.provenance.flags).toEqual(expected.flags ?? []);
}
