/** What people make of silences. */
import { fail } from "../../errors.ts";
import { editSilence, endSilence, newSilence } from "../../silence/operations.ts";
import type { Silence } from "../../silence/silence.ts";
import { timersOf } from "../../silence/timers.ts";
import type { SilenceChange, SilenceWish } from "../../silence/wish.ts";
import type { Database } from "../../sqlite/database.ts";
import { changeState } from "../../store/sqlite/change-state.ts";
import { saveSilence } from "../../store/sqlite/silence-changes.ts";
import { findSilence, nextSilenceId } from "../../store/sqlite/silences.ts";
import type { By } from "./by.ts";

/** Silences are named by id: `S-12`, or the name that one has in the configuration. */
interface SilenceAsked {
  readonly silence: string;
}

/** Makes a silence. Throws REQUEST_INVALID when its fields do not go together. */
export function addSilence(
  database: Database,
  { wish }: { readonly wish: SilenceWish },
  by: By,
): Silence {
  return changeState(database, () => {
    const id = nextSilenceId(database);
    return save(
      database,
      newSilence(wish, { id, author: by.who, now: by.now, origin: "store" }),
      by,
    );
  });
}

/**
 * Changes a silence; what it held back is looked at again when its window ends as it is now. Throws
 * NOT_FOUND, CONFLICT when it is over or stands in the file, REQUEST_INVALID when its fields would not
 * go together.
 */
export function changeSilence(
  database: Database,
  asked: SilenceAsked & { readonly change: SilenceChange },
  by: By,
): Silence {
  return rewrite(database, asked, by, (known) => editSilence(known, asked.change, by.who, by.now));
}

/** Ends a silence; what it held back is looked at now. Throws NOT_FOUND, or CONFLICT as above. */
export function endSilenceNow(database: Database, asked: SilenceAsked, by: By): Silence {
  return rewrite(database, asked, by, (known) => endSilence(known, by.now));
}

function rewrite(
  database: Database,
  asked: SilenceAsked,
  by: By,
  change: (known: Silence) => Silence,
): Silence {
  return changeState(database, () => save(database, change(requireSilence(database, asked)), by));
}

function save(database: Database, silence: Silence, { who, now }: By): Silence {
  saveSilence(database, silence, timersOf(silence, now), who, now);
  return silence;
}

function requireSilence(database: Database, { silence: name }: SilenceAsked): Silence {
  const found = findSilence(database, name) ?? findSilence(database, name.trim().toUpperCase());
  if (found) return found;
  throw fail("NOT_FOUND", {
    component: "silence",
    message: `there is no silence ${name}`,
    hint: "tocsin silence list and GET /api/v1/silences show those that there are.",
  });
}
