import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LocalSubject } from "../../testing/subject.ts";

export const subjects: readonly LocalSubject[] = [
  {
    transport: "local",
    name: "file",
    async start() {
      const folder = mkdtempSync(join(tmpdir(), "tocsin-file-"));
      const path = join(folder, "alerts.ndjson");
      const lines = () => readFileSync(path, "utf8").split("\n").slice(0, -1);
      return {
        settings: { path },
        secrets: [],
        kept: () => (existsSync(path) ? lines() : []),
        measure: () => ({}),
        keyOf: (line) => String((JSON.parse(String(line)) as { key: unknown }).key),
        close: async () => rmSync(folder, { recursive: true }),
      };
    },
  },
];
