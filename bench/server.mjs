/**
 * The built product in a process of its own. Plain JavaScript, so that nothing runs in it but what
 * `npm run build` made. Argument: `{ text, data }`, the configuration and the data folder.
 */
import { parseConfiguration } from "../dist/app/configuration.js";
import { dataPaths } from "../dist/app/paths.js";
import { startProgram } from "../dist/app/program.js";
import { registries } from "../dist/app/registries.js";
import { Database } from "../dist/sqlite/database.js";

const { text, data } = JSON.parse(process.argv[2]);
const read = parseConfiguration({
  text,
  file: null,
  env: {},
  registries,
  cwd: data,
  overrides: { data },
});
if (!read.ok) throw new RangeError(JSON.stringify(read.problems));

const program = await startProgram({
  configuration: read.configuration,
  text,
  cwd: data,
  log: { level: "warn", format: "text" },
});

const commands = {
  pause: (paused) => program.pause(paused),
  rss: () => process.memoryUsage.rss(),
  /** Milliseconds that all threads have computed so far. */
  cpu: () => (process.cpuUsage().user + process.cpuUsage().system) / 1000,
  /** Ends when every source that is read was read to its end once. */
  polled: () => program.polled(),
  stop: () => program.stop(),
  /** Moves what is in the logs of the databases into their files; once stopped. */
  checkpoint: () => {
    const { stream, store } = dataPaths(data);
    for (const path of [stream, store]) {
      const database = new Database(path);
      database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      database.close();
    }
  },
};

process.on("disconnect", () => process.exit());
process.on("message", ({ id, name, argument }) => {
  Promise.resolve(argument)
    .then((given) => commands[name](given))
    .then((value) => process.send({ id, value }))
    .catch((error) => process.send({ id, error: String(error) }));
});
process.send({
  id: 0,
  value: { port: Number(new URL(program.address).port), key: program.firstKeys.ingest.key },
});
