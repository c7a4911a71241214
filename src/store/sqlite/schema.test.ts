import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Database } from "../../sqlite/database.ts";
import { migrate } from "../../sqlite/migrate.ts";
import { aDecision } from "../../pipeline/testing/builders.ts";
import { commitNow } from "../testing/builders.ts";
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
