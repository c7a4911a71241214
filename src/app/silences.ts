/** Silences that stand in the configuration: stored like those made by hand, changed only there. */
import { compileSilence, type CompiledSilence } from "../silence/compile.ts";
import { syncSilences } from "../silence/sync.ts";
import type { Database } from "../sqlite/database.ts";
import { changeState } from "../store/sqlite/change-state.ts";
import { saveSilence } from "../store/sqlite/silence-changes.ts";
import { listSilences } from "../store/sqlite/silences.ts";
import type { Configuration } from "./configuration.ts";

/** The beginning of time: a silence of the file is there in every rehearsal. */
const ALWAYS = 0;

/** The configuration's silences, compiled; for decisions that know no store. */
export function configuredSilences({
  silences,
}: Pick<Configuration, "silences">): CompiledSilence[] {
  return syncSilences(silences, [], ALWAYS).map(({ silence }) => compileSilence(silence));
}

/** Brings the stored silences to what the configuration says; nothing is written when they are. */
export function syncConfiguredSilences(
  database: Database,
  { silences }: Pick<Configuration, "silences">,
  now: number,
): void {
  const writes = syncSilences(silences, listSilences(database), now);
  if (writes.length === 0) return;
  changeState(database, () => {
    for (const { silence, cells } of writes) {
      saveSilence(database, silence, cells, "configuration", now);
    }
  });
}
