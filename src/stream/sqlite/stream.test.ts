import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Database } from "../../sqlite/database.ts";
import { aReceipt, anEntry, streamConformance } from "../testing/conformance.ts";
import { openSqliteReader } from "./reader.ts";
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
