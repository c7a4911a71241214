/** Fails when the linter is told to look away without a reason (`-- why`) on the same line. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folders = ["src", "test", "bench", "scripts"];
const bare = [];
for (const folder of folders) {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !/\.(ts|mjs)$/.test(entry.name)) continue;
    const file = join(entry.parentPath, entry.name);
    for (const [index, line] of readFileSync(file, "utf8").split("\n").entries()) {
      const match = /(?:\/\/|\/\*)\s*(?:oxlint|eslint)-disable\S*(.*)/.exec(line);
      if (match && !/--\s*\S{3,}/.test(match[1] ?? "")) bare.push(`${file}:${index + 1}`);
    }
  }
}
for (const place of bare) process.stderr.write(`${place} disables a rule without a reason\n`);
process.exit(bare.length === 0 ? 0 : 1);
