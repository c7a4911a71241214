/** A data folder whose alerts are in cases, for tests of what shows and changes them. */
import type { CasePolicy } from "../../pipeline/policies.ts";
import { aSet } from "../../pipeline/testing/stages.ts";
import { aLedgerConfiguration, anEntry, TestFolder, type TestDocument } from "./folder.ts";

const BY_HOST: CasePolicy = {
  name: "by-host",
  match: "host.name: *",
  group_by: ["host.name"],
  share: [],
  window: 3_600_000,
  max_alerts: 500,
  title: ({ key }) => `Alerts of ${String(key)}`,
  assignee: null,
  tags: ["host"],
};

/** A medium alert of a host, in which these addresses were found. */
export function anAlertOf(host: string, key: string, ...addresses: string[]) {
  const artifacts = addresses.map((value) => {
    return { type: "ip" as const, value, role: "source" as const, field: "source.ip" };
  });
  const document: TestDocument = {
    alert: { severity: "medium", title: `Login on ${host}`, artifacts },
    host: { name: host },
  };
  return anEntry(key, document);
}

/**
 * Six alerts: ALR-000001 to ALR-000003 of web-1 in CASE-000001, ALR-000004 of web-2 in CASE-000002,
 * ALR-000005 of db-1 in CASE-000003, and ALR-000006 in none. The first two cases share 198.51.100.7,
 * all of them 127.0.0.1.
 */
export async function openCaseFolder(): Promise<TestFolder> {
  const folder = new TestFolder(aLedgerConfiguration({ cases: aSet(BY_HOST) }));
  await folder.receive([
    anAlertOf("web-1", "a", "198.51.100.7", "127.0.0.1"),
    anAlertOf("web-1", "b", "203.0.113.9"),
    anAlertOf("web-1", "c"),
    anAlertOf("web-2", "d", "198.51.100.7", "127.0.0.1"),
    anAlertOf("db-1", "e", "127.0.0.1"),
    anEntry("f"),
  ]);
  await folder.decide();
  return folder;
}
