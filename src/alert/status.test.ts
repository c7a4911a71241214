import { expect, it } from "vitest";
import { completeAlert } from "./complete.ts";
import { emptyContent } from "./content.ts";
import { giveStatus } from "./status.ts";

const NOW = Date.UTC(2026, 2, 4, 10);
const source = { name: "s", kind: "k", vendor: "v", product: "p", space: null };
const alert = completeAlert(emptyContent(source), { position: 1, key: "k", receivedAt: NOW });

it("a status that somebody gives bears the time at which it was given", () => {
  const acknowledged = giveStatus(alert, "acknowledged", NOW);
  const at = new Date(NOW).toISOString();
  expect(acknowledged).toEqual({ ...alert, status: "acknowledged", status_changed_at: at });
  expect(giveStatus(acknowledged, "acknowledged", NOW + 1)).toBe(acknowledged);
});

it("a status that somebody gives is later than the one before, whoever's clock set that", () => {
  const ahead = { ...alert, status_changed_at: new Date(NOW + 60_000).toISOString() };
  const after = giveStatus(ahead, "closed", NOW);
  expect(after.status_changed_at).toBe(new Date(NOW + 60_001).toISOString());
});
