/** Brings the stored silences to what the configuration says. */
import type { CellWrite } from "../pipeline/state.ts";
import { endedAt, isOver, newSilence } from "./operations.ts";
import type { Silence } from "./silence.ts";
import { timersOf } from "./timers.ts";
import type { ConfiguredSilence } from "./wish.ts";

/** A silence to be stored, with the timers it has from now on. */
export interface SilenceWrite {
  readonly silence: Silence;
  readonly cells: readonly CellWrite[];
}

/**
 * What has to be written so that the stored silences say what the file says: those that are new or
 * different there, and the end of those that stand there no more. `stored` has all of them, ended
 * ones too. What is the same is not written.
 */
export function syncSilences(
  configured: readonly ConfiguredSilence[],
  stored: readonly Silence[],
  now: number,
): SilenceWrite[] {
  const known = new Map(stored.map((silence) => [silence.id, silence]));
  const names = new Set(configured.map(({ name }) => name));
  const wanted = configured.flatMap((entry) => wantedOf(entry, known.get(entry.name), now));
  const gone = stored.filter(
    (silence) => silence.origin === "file" && !names.has(silence.id) && !isOver(silence, now),
  );
  return [...wanted, ...gone.map((silence) => endedAt(silence, now))].map((silence) => ({
    silence,
    cells: timersOf(silence, now),
  }));
}

function wantedOf(entry: ConfiguredSilence, known: Silence | undefined, now: number): Silence[] {
  const { name: id, author = "configuration", ...wish } = entry;
  const made = newSilence(wish, { id, author, now, origin: "file" });
  if (!known) return [made];
  const { version, created_at } = known;
  const same = { ...made, version, created_at, updated_at: known.updated_at };
  if (isSame(same, known)) return [];
  return [{ ...made, version: version + 1, created_at }];
}

function isSame(one: Silence, other: Silence): boolean {
  const names = Object.keys(one) as (keyof Silence)[];
  return names.every((name) => one[name] === other[name]);
}
