/** What came of documents: the alerts, what was sent, the audit, and the comparison with the index. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { openFeeds } from "../../src/app/feeds.ts";
import { reconcileSource, takeItems } from "../../src/app/reconcile-source.ts";
import type { ListedAlert } from "../../src/ledger/alerts.ts";
import { auditData } from "../../src/ledger/audit.ts";
import { openLedger } from "../../src/ledger/ledger.ts";
import type { ReconcileReport } from "../../src/polling/report.ts";
import { openSqliteStream } from "../../src/stream/sqlite/stream.ts";
import type { LossRig } from "./loss-rig.ts";
import { SOURCE } from "./loss-rig.ts";

const DAY = 86_400_000;

export interface Wanted {
  /** How an alert is told from others; its id at the vendor unless said. */
  readonly nameOf?: (alert: ListedAlert) => string | null;
  /** Events that the comparison has to find in the index; as many as alerts unless said. */
  readonly found?: number;
  /** A delivery that was under way in a crash may have come twice. */
  readonly crashed?: boolean;
}

/**
 * Waits until a running rig has these alerts and has read on after that; then there is each of them
 * once and no other, each was sent once, nothing is in flight, and both the audit and the comparison
 * with the index find nothing missing. The rig is stopped then.
 */
export async function expectExactly(
  rig: LossRig,
  names: readonly string[],
  { nameOf = ({ external }) => external.id, found = names.length, crashed = false }: Wanted = {},
): Promise<readonly ListedAlert[]> {
  await rig.stores(names.length);
  await rig.readPast(Date.now());
  await rig.drained();
  await rig.stop();
  const alerts = await listAlerts(rig);
  expectEach("alert", alerts.map(nameOf), names);
  const sent = sentAlerts(rig).map(nameOf);
  expectEach("message", crashed ? new Set(sent) : sent, names);
  expectBalanced(rig);
  expect(await reconcile(rig)).toMatchObject({ found, missing: [], missing_count: 0 });
  return alerts;
}

/** Says only what is lost and what is too much: there may be thousands. */
function expectEach(what: string, names: Iterable<string | null>, wanted: readonly string[]): void {
  const lost = [...wanted];
  const extra = [...names].filter((name) => {
    const at = name === null ? -1 : lost.indexOf(name);
    return at === -1 || lost.splice(at, 1).length === 0;
  });
  expect({ what, lost, extra }).toEqual({ what, lost: [], extra: [] });
}

/** The alerts of a data folder, the oldest first. */
async function listAlerts({ paths }: LossRig): Promise<readonly ListedAlert[]> {
  const ledger = openLedger(paths);
  const alerts: ListedAlert[] = [];
  try {
    for (let cursor: string | undefined; ;) {
      const page = { limit: 500, order: "oldest", cursor } as const;
      const { items, next } = await ledger.listAlerts(page);
      alerts.push(...items);
      if (next === null) return alerts;
      cursor = next;
    }
  } finally {
    ledger.close();
  }
}

/** The alerts that were sent, in order; an update is not one. */
function sentAlerts({ folder }: LossRig): readonly ListedAlert[] {
  const lines = readFileSync(join(folder, "out.ndjson"), "utf8").trim().split("\n");
  const sent = lines.map((line) => JSON.parse(line) as { kind: string; alert: ListedAlert });
  return sent.filter(({ kind }) => kind === "alert").map(({ alert }) => alert);
}

function expectBalanced({ paths }: LossRig): void {
  const { gaps, in_flight } = auditData(paths, { since: null, now: Date.now() });
  expect(gaps).toEqual([]);
  expect(in_flight).toMatchObject({ entries: 0, deliveries: 0 });
}

/** Compares a stopped rig's source with its index, as far back as a day; can fetch what is missing. */
export async function reconcile(rig: LossRig, backfill = false): Promise<ReconcileReport> {
  const { paths, configuration } = rig;
  const { feeds, close } = await openFeeds(configuration);
  const stream = openSqliteStream(paths.stream);
  try {
    const opened = feeds.find(({ source }) => source.name === SOURCE) ?? expect.unreachable();
    const take = backfill ? takeItems(stream, opened.source, configuration.limits) : null;
    const range = { since: Date.now() - DAY, until: Date.now() };
    const known = { paths, configuration, stream };
    return await reconcileSource(opened, known, { ...range, backfill: take });
  } finally {
    await stream.close();
    await close();
  }
}
