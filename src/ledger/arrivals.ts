/** How the events of rules came in: the evidence for which way lost one that is missing. */
import { DISORDER_MS, endsOf, firstFrom } from "./bisect.ts";
import { openFiles, type LedgerFiles, type LedgerPaths } from "./files.ts";
import { OWN_KINDS } from "./history.ts";
import { restAfter } from "./scan.ts";

/** Entries that one statement looks at. */
const WINDOW = 2000;

/** What brought events of a rule. */
interface Way {
  readonly stream: string;
  readonly kind: string;
}

/**
 * The kinds of sources that brought events of these rules between two times of receipt (epoch
 * milliseconds), by rule; rules without any are left out. Repeats do not count: an event that came two
 * ways belongs to the first. Throws DATA_MISSING, DATA_NEWER or DATA_INVALID.
 */
export async function readArrivals(
  paths: LedgerPaths,
  streams: ReadonlySet<string>,
  since: number,
  until: number,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const files = openFiles(paths);
  try {
    return await collect(files, streams, since, until);
  } finally {
    files.stream.close();
    files.store.close();
  }
}

async function collect(
  files: LedgerFiles,
  streams: ReadonlySet<string>,
  since: number,
  until: number,
): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>();
  const ends = endsOf(files.stream, "entries");
  if (!ends) return found;
  let rested = performance.now();
  let low = firstFrom(files.stream, "entries", since - DISORDER_MS, ends);
  const last = firstFrom(files.stream, "entries", until + DISORDER_MS, ends);
  for (; low <= last; low += WINDOW) {
    for (const { stream, kind } of readWays(files, low, since, until)) {
      if (!streams.has(stream) || OWN_KINDS.includes(kind)) continue;
      found.set(stream, (found.get(stream) ?? new Set()).add(kind));
    }
    rested = await restAfter(rested);
  }
  return found;
}

function readWays({ stream }: LedgerFiles, low: number, since: number, until: number): Way[] {
  return stream.all<{ stream: string; kind: string }>(
    `SELECT DISTINCT stream, kind FROM entries
     WHERE position >= ? AND position < ? AND received_at >= ? AND received_at < ?`,
    low,
    low + WINDOW,
    since,
    until,
  );
}
