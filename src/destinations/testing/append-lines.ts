/** Appends lines of 700 characters to a file and prints what came of each; run as a process. */
import { createJournal } from "../file/journal.ts";

const journal = createJournal({ path: process.argv[2] ?? "", max_size: 1e9, keep: 1 });
for (const letter of process.argv.slice(3)) {
  const outcome = await journal.append(`${letter.repeat(699)}\n`).then(
    () => "ok",
    (error: unknown) => (error as NodeJS.ErrnoException).code,
  );
  process.stdout.write(`${letter} ${outcome}\n`);
}
await journal.close();
