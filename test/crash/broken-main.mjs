/**
 * The program with its first guard broken on purpose: it acknowledges what it has not stored yet.
 * The crash test must find out; if it does not, it proves nothing. Takes the arguments of
 * `tocsin start --config FILE --data DIR`.
 */
import { parseConfiguration } from "../../dist/app/configuration.js";
import { startProgram } from "../../dist/app/program.js";
import { registries } from "../../dist/app/registries.js";
import { openSqliteStream } from "../../dist/stream/sqlite/stream.js";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { config: { type: "string" }, data: { type: "string" } },
  allowPositionals: true,
});
const text = readFileSync(values.config, "utf8");
const read = parseConfiguration({
  text,
  file: values.config,
  env: process.env,
  registries,
  cwd: process.cwd(),
  overrides: { data: values.data },
});
const { configuration } = read;
const log = { level: "error", format: "json" };
const program = await startProgram({
  configuration,
  text,
  cwd: process.cwd(),
  log,
  openStream: openCarelessStream,
});
process.stdout.write(`listening on ${program.address}\n`);
process.on("SIGTERM", () => void program.stop());

/** Stores a moment after it has said that it did. */
function openCarelessStream(path, onAppend) {
  const stream = openSqliteStream(path, onAppend);
  const late = (receipt) => setTimeout(() => void stream.append(receipt).catch(() => {}), 50);
  return {
    append(receipt) {
      late(receipt);
      const { received_at } = receipt;
      const entries = receipt.entries.map(({ key }) => ({
        position: 1,
        key,
        received_at,
        duplicate: false,
      }));
      return Promise.resolve({ receipt: 1, entries });
    },
    newest: () => stream.newest(),
    cursor: (source) => stream.cursor(source),
    setCursor: (source, cursor) => stream.setCursor(source, cursor),
    known: (keys) => stream.known(keys),
    prune: (request) => stream.prune(request),
    close: () => stream.close(),
  };
}
