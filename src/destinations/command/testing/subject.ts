import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LocalSubject } from "../../testing/subject.ts";

const TOKEN = "token-of-the-program";
/** Keeps what it is told, one line for each run, and prints all that it knows. */
const PROGRAM = `
  const { appendFileSync, readFileSync } = require("node:fs");
  const told = readFileSync(0, "utf8");
  appendFileSync(process.argv[2], told);
  console.log(process.env.TOKEN, told.slice(0, 100));
`;

export const subjects: readonly LocalSubject[] = [
  {
    transport: "local",
    name: "command",
    async start() {
      const folder = mkdtempSync(join(tmpdir(), "tocsin-command-"));
      const [program, kept] = [join(folder, "program.cjs"), join(folder, "kept")];
      writeFileSync(program, PROGRAM);
      return {
        settings: { argv: [process.execPath, program, kept], cwd: folder, env: { TOKEN } },
        secrets: [TOKEN],
        kept: () => (existsSync(kept) ? readFileSync(kept, "utf8").trimEnd().split("\n") : []),
        measure: () => ({}),
        keyOf: (line) => String((JSON.parse(String(line)) as { key: unknown }).key),
        close: async () => rmSync(folder, { recursive: true }),
      };
    },
  },
];
