/** The entry of the process: arguments in, exit code out. */
import { processIo } from "./cli/process-io.ts";
import { runCli } from "./cli/run.ts";

const exitCode = await runCli(process.argv.slice(2), processIo());
// The callback comes once everything written before is out, or nobody is there to read it.
process.stdout.write("", () => process.exit(exitCode));
