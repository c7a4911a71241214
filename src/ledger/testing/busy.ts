/** A folder in which alerts repeat, wait, come as a digest and stand in a case, for tests of what reads it. */
import { aRoute, HOUR, MINUTE } from "../../pipeline/pace/testing/builders.ts";
import { aSet } from "../../pipeline/testing/stages.ts";
import { aLedgerConfiguration, anEntry, NOON, TestFolder } from "./folder.ts";

/** High is told of in groups by source, and again when it repeats; critical at once. */
const ROUTES = [
  aRoute("grouped", {
    match: "severity: high",
    to: ["chat"],
    group_by: ["source.name"],
    repeats: "remind",
  }),
  aRoute("now", { match: "severity: critical", to: ["desk"] }),
];

const CONFIGURATION = aLedgerConfiguration(
  {
    fold: aSet({ name: "same-host", match: "*", by: ["host.name"], window: HOUR }),
    cases: aSet({
      name: "by-source",
      match: "severity >= high",
      group_by: ["source.name"],
      share: [],
      window: HOUR,
      max_alerts: 500,
      title: () => "Work",
      assignee: null,
      tags: [],
    }),
  },
  ROUTES,
);

/** When the group has spoken. */
export const FLUSHED = NOON + MINUTE;

/** An event of a host. */
export function onHost(key: string, host: string, severity: "high" | "critical" = "high") {
  return anEntry(key, { host: { name: host }, alert: { severity } });
}

/**
 * ALR-000001 (host a) and ALR-000002 (host b) came in one group, the second folded into the first's
 * digest; both are in CASE-000001. Events 3, 4 and 5 repeat the first: 4 made it critical, so that it
 * went to `desk` too. A reminder of it waits for `chat`.
 */
export async function openBusyFolder(): Promise<TestFolder> {
  const folder = new TestFolder(CONFIGURATION);
  await folder.receive([onHost("a", "a"), onHost("b", "b")]);
  await folder.decide();
  await folder.fireTimers(FLUSHED);
  await folder.deliver("chat", "delivered", FLUSHED);
  for (const [key, severity] of [
    ["c", "high"],
    ["d", "critical"],
    ["e", "high"],
  ] as const) {
    await folder.receive([onHost(key, "a", severity)], { received_at: FLUSHED });
    await folder.decide();
  }
  await folder.deliver("desk", "delivered", FLUSHED);
  return folder;
}
