/** Silences for tests. */
import { compileSilence, type CompiledSilence } from "../compile.ts";
import type { Silence } from "../silence.ts";

/** One that holds everything back, for ever. */
export function aSilence(changes: Partial<Silence> = {}): Silence {
  return {
    id: "S-1",
    version: 1,
    origin: "store",
    match: "*",
    from: null,
    until: null,
    cron: null,
    for: null,
    time_zone: null,
    comment: "testing",
    author: "ada",
    at_end: "nothing",
    remind: null,
    created_at: "2026-01-01T00:00:00.000Z",
    updated_at: "2026-01-01T00:00:00.000Z",
    ended_at: null,
    ...changes,
  };
}

export function aCompiledSilence(changes: Partial<Silence> = {}): CompiledSilence {
  return compileSilence(aSilence(changes));
}
