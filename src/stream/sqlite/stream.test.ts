import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Position } from "../../pipeline/entry.ts";
import { Database } from "../../sqlite/database.ts";
import { digestOf } from "../../sqlite/digest.ts";
import { migrate } from "../../sqlite/migrate.ts";
import { aCursor, aReceipt, anEntry, streamConformance } from "../testing/conformance.ts";
import { openSqliteReader } from "./reader.ts";
import { STREAM_MIGRATIONS } from "./schema.ts";
import { openSqliteStream } from "./stream.ts";

function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), "tocsin-stream-"));
}

streamConformance("sqlite", async () => {
  const folders = [makeFolder()];
  const path = () => join(folders.at(-1) ?? "", "stream.db");
  return {
    open: async () => openSqliteStream(path()),
    openReader: async (after) => openSqliteReader(path(), after),
    // What is on disk at this moment is all that the next process finds.
    crash: async (stream) => {
      const next = makeFolder();
      cpSync(folders.at(-1) ?? "", next, { recursive: true });
      folders.push(next);
      await stream.close();
    },
    clean: async () => {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    },
  };
});

it("counts in a receipt's row what its entries came to, and what was pruned of them", async () => {
  const folder = makeFolder();
  const path = join(folder, "stream.db");
  const stream = openSqliteStream(path);
  const quarantine = { reason: "unreadable", detail: "" };
  await stream.append(aReceipt([anEntry("a")]));
  const { entries } = await stream.append(
    aReceipt([anEntry("a"), anEntry("b"), anEntry("bad", { quarantine })]),
  );
  const database = new Database(path, { readOnly: true });
  const positions = entries.slice(1).map(({ position }) => position);
  await stream.prune({ bodies: [1], entries: positions, receiptsBefore: 0 });
  const rows = database.all(
    "SELECT items, accepted, duplicates, quarantined, pruned FROM receipts",
  );
  expect(rows).toEqual([
    { items: 1, accepted: 1, duplicates: 0, quarantined: 0, pruned: 0 },
    { items: 3, accepted: 1, duplicates: 1, quarantined: 1, pruned: 2 },
  ]);
  expect(database.all("SELECT position, body FROM entries")).toEqual([{ position: 1, body: null }]);
  // The newest position is taken although its entry is gone.
  const next = await stream.append(aReceipt([anEntry("b")]));
  expect(next.entries[0]).toMatchObject({ position: 4, duplicate: false });
  database.close();
  await stream.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A file as the first release wrote it, with one entry. */
function writeFirstSchema(path: string): void {
  const database = new Database(path);
  migrate(database, STREAM_MIGRATIONS.slice(0, 1));
  const digest = digestOf("a");
  database.run(
    "INSERT INTO receipts VALUES (1, 's', 'k', 5, 'none', 1, 1, 0, 0, 0, NULL, NULL, NULL)",
  );
  database.run(
    "INSERT INTO entries VALUES (1, 1, 's', 'k', 'rule', 'a', ?, 5, NULL, NULL, NULL, ?)",
    digest,
    Buffer.from("{}"),
  );
  database.run("INSERT INTO seen VALUES (?, 1, 5, 1)", digest);
  database.run("UPDATE sequences SET last = 1");
  database.close();
}

it("goes on with a file of the first schema", async () => {
  const folder = makeFolder();
  const path = join(folder, "stream.db");
  writeFirstSchema(path);
  const stream = openSqliteStream(path);
  expect(await stream.known(["a"])).toEqual(new Set(["a"]));
  await stream.setCursor("s", aCursor("1"));
  expect(await stream.cursor("s")).toEqual(aCursor("1"));
  const { entries } = await stream.append(
    aReceipt([anEntry("a"), anEntry("a", { version: "v" }), anEntry("b")]),
  );
  expect(entries).toMatchObject([
    { position: 1, key: "a", received_at: 5, duplicate: true },
    { position: 2, key: "a@v", duplicate: false },
    { position: 3, key: "b", duplicate: false },
  ]);
  await stream.prune({ bodies: [], entries: [1], receiptsBefore: 0 });
  expect(await stream.known(["a", "a@v"])).toEqual(new Set(["a@v"]));
  const reader = openSqliteReader(path, 0 as Position);
  expect((await reader.read(9)).map(({ key }) => key)).toEqual(["a@v", "b"]);
  await reader.close();
  await stream.close();
  rmSync(folder, { recursive: true, force: true });
});
