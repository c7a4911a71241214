import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { mergeAlerts } from "../../alert/merge.ts";
import type { Alert } from "../../alert/schema.ts";
import { Database } from "../../sqlite/database.ts";
import { digestOf } from "../../sqlite/digest.ts";
import { migrate } from "../../sqlite/migrate.ts";
import { aDecision, aDelivery } from "../../pipeline/testing/builders.ts";
import type { Store } from "../store.ts";
import { commitNow, delivered, following, storedAt } from "../testing/builders.ts";
import { requeueDeliveries } from "./admin.ts";
import { listArtifacts } from "./alerts.ts";
import { deleteEvents, selectHistory } from "./retention.ts";
import { STORE_MIGRATIONS } from "./schema.ts";
import { openSqliteStore } from "./store.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tocsin-schema-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("takes over what the first version of the program decided and was still to send", async () => {
  const path = join(folder, "store.db");
  const { alert } = aDecision(7);
  const first = new Database(path);
  migrate(first, STORE_MIGRATIONS.slice(0, 1));
  first.run("INSERT INTO meta VALUES ('cursor', '7')");
  first.run(
    "INSERT INTO alerts VALUES (7, 5, 3, 'new', 'routed', ?, '[]')",
    JSON.stringify({ ...alert, artifacts: undefined }),
  );
  first.exec(`
    INSERT INTO decision_state (stage, key, alert, at) VALUES ('subject', 'thing', 7, 5);
    INSERT INTO deliveries VALUES (1, 7, 'd', 'r', NULL, 'pending', 'first_notification', 5, 0, 5, NULL);
    INSERT INTO notices VALUES ('k', '{}', 5, NULL);
  `);
  first.close();

  const store = openSqliteStore(path);
  try {
    expect(await store.cursor()).toBe(7);
    const subject = { stage: "subject", key: "thing" } as const;
    const { version, cells } = await store.loadState({ cells: [subject] });
    expect(version).toBe(0);
    expect(cells).toEqual([{ ...subject, value: {}, alert: 7, due_at: null, at: 5 }]);
    expect(await store.unsettledNotices()).toMatchObject([{ source: "tocsin", key: "k" }]);
    const [claim] = await store.claimDeliveries("d", 5, 10);
    expect(claim).toMatchObject({ kind: "alert", sequence: 0, digest: null, alert });
    await commitNow(store, [aDecision(8)]);
    expect(await store.cursor()).toBe(8);
  } finally {
    await store.close();
  }
});

/** A file as the first version wrote it: two alerts, with deliveries in every state that it knew. */
function writeFirstVersion(path: string): void {
  const first = new Database(path);
  migrate(first, STORE_MIGRATIONS.slice(0, 1));
  first.run("INSERT INTO meta VALUES ('cursor', '4')");
  for (const position of [1, 2]) {
    const missing = ["follows", "parts", "status_changed_at", "artifacts"];
    const members = Object.entries(aDecision(position).alert!);
    const alert = Object.fromEntries(members.filter(([name]) => !missing.includes(name)));
    first.run(
      "INSERT INTO events VALUES (?, ?, 's', 5, 'alert', 'new_event', NULL, ?, NULL, NULL)",
      position,
      digestOf(`k${position}`),
      position,
    );
    first.run(
      "INSERT INTO alerts VALUES (?, 5, 4, 'new', 'routed', ?, '[]')",
      position,
      JSON.stringify(alert),
    );
  }
  first.exec(`
    INSERT INTO events VALUES (3, NULL, 's', 5, 'duplicate', 'key_known', NULL, 1, NULL, NULL);
    INSERT INTO events VALUES (4, NULL, 's', 5, 'quarantined', 'unreadable', 'x', NULL, NULL, NULL);
    INSERT INTO artifact_values VALUES (1, 'ip', x'01', '192.0.2.1'), (2, 'ip', x'02', '192.0.2.2');
    INSERT INTO alert_artifacts VALUES (1, 2, 'source', 'a', NULL), (1, 1, 'source', 'b', NULL);
    INSERT INTO decision_state (stage, key, alert, at) VALUES ('subject', 'thing', 1, 5);
    INSERT INTO memories VALUES ('d', 't', 'root', 5);
    INSERT INTO deliveries VALUES (1, 1, 'd', 'r', 't', 'delivered', 'accepted_by_peer', 5, 1, 5, 6);
    INSERT INTO deliveries VALUES (2, 1, 'e', 'r', NULL, 'dead', 'gave_up', 5, 1, 5, 6);
    INSERT INTO deliveries VALUES (3, 1, 'f', 'r', NULL, 'suppressed', 'shadow_route', 5, 0, 5, 5);
    INSERT INTO deliveries VALUES (4, 2, 'd', 'r', 't', 'pending', 'server_error', 9, 1, 5, NULL);
    INSERT INTO attempts VALUES (1, 1, 6, 'delivered', 'accepted_by_peer', 200, 1, NULL);
    INSERT INTO attempts VALUES (2, 1, 6, 'retry', 'server_error', 500, 1, '500');
    INSERT INTO attempts VALUES (4, 1, 6, 'retry', 'server_error', 500, 1, '500');
  `);
  first.close();
}

/** Opens such a file, with a connection beside the store. */
async function withFirstVersion(
  work: (store: Store, database: Database) => Promise<void>,
): Promise<void> {
  const path = join(folder, "store.db");
  writeFirstVersion(path);
  const store = openSqliteStore(path);
  const database = new Database(path);
  try {
    await work(store, database);
  } finally {
    database.close();
    await store.close();
  }
}

it("goes on sending what the first version tried, gave up and remembered", () =>
  withFirstVersion(async (store, database) => {
    expect(await store.claimDeliveries("d", 8, 10)).toEqual([]);
    const claims = await store.claimDeliveries("d", 9, 10);
    expect(claims).toMatchObject([{ id: 4, attempts: 1, memory: "root", created_at: 5 }]);
    expect(claims[0]?.alert).toEqual(aDecision(2).alert);
    await store.recordResults([delivered(claims[0]!)], []);
    expect(requeueDeliveries(database, { state: "dead" }, "ada", 20)).toBe(1);
    expect(await store.claimDeliveries("e", 20, 10)).toMatchObject([{ id: 2, attempts: 1 }]);
    expect(await store.nextDue("d")).toBeNull();
  }));

it("decides on alerts of the first version as on its own", () =>
  withFirstVersion(async (store, database) => {
    expect((await store.loadState({ keys: ["k1", "k9"] })).keys).toEqual(new Map([["k1", 1]]));
    const known = await storedAt(store, 1);
    expect(known).toMatchObject({
      alert: { follows: null, parts: [], status_changed_at: null },
      closed_at: null,
    });
    expect(known?.deliveries.map(({ kind, sequence, state }) => [kind, sequence, state])).toEqual([
      ["alert", 0, "delivered"],
      ["alert", 0, "dead"],
      ["alert", 0, "suppressed"],
    ]);
    expect(listArtifacts(database, known!.position).map(({ value }) => value)).toEqual([
      "192.0.2.1",
      "192.0.2.2",
    ]);
    const alert: Alert = mergeAlerts(known!.alert, {
      ...aDecision(5).alert!,
      severity: "critical",
    });
    const update = aDelivery("d", { kind: "update", sequence: 1 });
    await commitNow(store, [following(5, aDecision(1), "updated", alert, [update])]);
    expect((await storedAt(store, 1))?.alert).toEqual(alert);
    const claims = await store.claimDeliveries("d", 2e12, 10);
    expect(claims.map(({ kind, sequence }) => [kind, sequence])).toContainEqual(["update", 1]);
  }));

it("lets go of what the first version kept", () =>
  withFirstVersion(async (_store, database) => {
    const { positions } = selectHistory(database, 0, 100);
    expect(positions.toSorted((a, b) => a - b)).toEqual([1, 3]);
    deleteEvents(database, positions);
    const left = database.all<{ id: number }>("SELECT id FROM deliveries");
    expect(left).toEqual([{ id: 4 }]);
    expect(database.all("SELECT 1 FROM decision_state")).toEqual([]);
  }));
