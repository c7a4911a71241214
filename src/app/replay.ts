/** Replaying from quarantine: the bytes go through the intake again, repaired or as they are. */
import { alertId } from "../alert/id.ts";
import { fail } from "../errors.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { LogEntry } from "../pipeline/entry.ts";
import { decodeReceipt } from "../sources/decode.ts";
import type { Stream } from "../stream/stream.ts";
import type { Configuration, ConfiguredSource } from "./configuration.ts";
import { takeReceipt, type Taken } from "./intake.ts";

export interface ReplayRequest {
  readonly entry: LogEntry;
  /** What is read instead of the bytes that were kept. */
  readonly repaired: Uint8Array | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * Replays an entry that is in quarantine. Throws BODY_UNREADABLE, and takes nothing, when it still
 * cannot be read; NOT_FOUND when its source is not configured any more.
 */
export async function replayEntry(
  stream: Stream,
  configuration: Configuration,
  { entry, repaired, now }: ReplayRequest,
): Promise<Pick<Taken, "events">> {
  const source = requireSource(configuration, entry);
  if (entry.quarantine === null && !repaired) return replayEvent(stream, entry, now);
  const bytes = repaired ?? entry.body;
  const context = { config: source.config, name: source.name };
  const [rejected] = decodeReceipt(source.definition, context, { bytes }).rejected;
  if (rejected) throw stillUnreadable(source, rejected.detail);
  return takeReceipt(stream, source, configuration.limits, {
    bytes,
    contentType: undefined,
    headers: () => ({}),
    idempotencyKey: undefined,
    via: "replay",
    receivedAt: now,
  });
}

/** It was read at the edge and failed later: the same event comes again, and its key with it. */
async function replayEvent(
  stream: Stream,
  entry: LogEntry,
  now: number,
): Promise<Pick<Taken, "events">> {
  const { position, key, body, repaired } = entry;
  const again = { stream: entry.stream, key, window: null, repaired, body, quarantine: null };
  const appended = await stream.append({
    source: entry.source,
    kind: entry.kind,
    received_at: now,
    via: "replay",
    entries: [{ ...again, replaces: position }],
    empty: null,
    original: null,
  });
  return {
    events: appended.entries.map((taken) => ({
      id: alertId(taken.received_at, taken.key, taken.position),
      key: taken.key,
      duplicate: taken.duplicate,
    })),
  };
}

function requireSource({ sources }: Configuration, entry: LogEntry): ConfiguredSource {
  const source = sources.get(entry.source);
  if (source) return source;
  throw fail("NOT_FOUND", {
    component: "quarantine",
    message: `its source "${entry.source}" is not configured`,
    hint: "Configure the source again, then replay.",
  });
}

function stillUnreadable(source: ConfiguredSource, detail: string): Error {
  return fail("BODY_UNREADABLE", {
    component: `source ${source.name}`,
    message: `it still cannot be read: ${detail}`,
    hint: "Repair a copy and replay that: tocsin quarantine replay ID --file repaired.json",
  });
}

/** What is written beside a replayed item. */
export function resolutionOf(events: Taken["events"]): string {
  return `replayed as ${events.map(({ id }) => id).join(", ") || "nothing"}`;
}

/**
 * The entry of an item that can be replayed. Throws CONFLICT while it is not decided (there is no
 * record to mark as resolved yet) and, without a repaired body, when it was replayed before;
 * NOT_FOUND when there is none or its bytes are gone.
 */
export async function findReplayable(
  ledger: Ledger,
  id: string,
  repaired: Uint8Array | undefined,
): Promise<LogEntry> {
  const { resolved_at, resolution } = await ledger.getQuarantined(id);
  const { outcome } = await ledger.getEvent(id);
  if (outcome !== "quarantined") {
    const hint = "Start Tocsin, or try again in a moment when it runs.";
    throw conflict(`${id} is stored and waits to be recorded`, hint);
  }
  if (resolved_at !== null && repaired === undefined) {
    const hint = "Take another body in for it: --file of the command, bytes or text of the API.";
    throw conflict(`${id} was resolved at ${resolved_at}: ${resolution}`, hint);
  }
  return ledger.getQuarantinedEntry(id);
}

function conflict(message: string, hint: string): Error {
  return fail("CONFLICT", { component: "quarantine", message, hint });
}
