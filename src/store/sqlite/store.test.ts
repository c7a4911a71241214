import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { storeConformance } from "../testing/conformance.ts";
import { openSqliteStore } from "./store.ts";

function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), "tocsin-store-"));
}

storeConformance("sqlite", async () => {
  const folders = [makeFolder()];
  const path = () => join(folders.at(-1) ?? "", "store.db");
  return {
    open: async () => openSqliteStore(path()),
    crash: async (store) => {
      const next = makeFolder();
      cpSync(folders.at(-1) ?? "", next, { recursive: true });
      folders.push(next);
      await store.close();
    },
    clean: async () => {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    },
  };
});
