/** From what was decoded to entries of the stream. */
import { createHash } from "node:crypto";
import type { ReadLimits } from "../receipt/limits.ts";
import type { DecodedReceipt } from "../sources/decode.ts";
import { decodeInTurns, joinDecoded, type DecodedItems } from "../sources/decode-items.ts";
import type { FeedItem } from "../sources/feed.ts";
import { HASH_WINDOW_MS } from "../sources/identity.ts";
import type { RejectedItem } from "../sources/source.ts";
import type { NewEntry, Stream } from "../stream/stream.ts";
import type { Configuration, ConfiguredSource } from "./configuration.ts";

/** The limits of the configuration, as readers take them. */
export function readLimits(limits: Configuration["limits"]): ReadLimits {
  const { body, unpacked, events, depth } = limits;
  return { wireBytes: body, unpackedBytes: unpacked, events, depth };
}

/** Decodes the items of a page, and lets requests in between. */
export async function decodePage(
  { definition, config, name }: ConfiguredSource,
  limits: Configuration["limits"],
  items: readonly FeedItem[],
): Promise<DecodedItems> {
  const options = { limits: readLimits(limits) };
  const parts: DecodedItems[] = [];
  for await (const { decoded } of decodeInTurns(definition, { config, name }, items, options))
    parts.push(decoded);
  return joinDecoded(parts);
}

/** Without what can only change what is known, and is of something that the stream does not know. */
export async function leaveOutUnknown(
  stream: Pick<Stream, "known">,
  decoded: DecodedItems,
): Promise<DecodedItems> {
  const asked = decoded.events.filter(({ onlyKnown }) => onlyKnown).map(({ key }) => key);
  if (asked.length === 0) return decoded;
  const known = await stream.known(asked);
  const events = decoded.events.filter(({ key, onlyKnown }) => !onlyKnown || known.has(key));
  return { ...decoded, events };
}

/** One entry for each event, then one for each rejected item. */
export function entriesOf(
  source: string,
  { events, rejected }: Pick<DecodedReceipt, "events" | "rejected">,
): NewEntry[] {
  return [
    ...events.map((event): NewEntry => ({ ...event, quarantine: null })),
    ...rejected.map((item) => quarantineEntry(source, item)),
  ];
}

function quarantineEntry(source: string, item: RejectedItem): NewEntry {
  const { reason, detail, bytes, key = null } = item;
  return {
    stream: "",
    key: key ?? `sha256:${source}:${createHash("sha256").update(bytes).digest("hex")}`,
    window: key === null ? HASH_WINDOW_MS : null,
    repaired: [],
    body: bytes,
    quarantine: { reason, detail },
  };
}
