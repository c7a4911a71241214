/** Documents of sources that are read, without the cluster and the polling before them. */
import { alertId } from "../../src/alert/id.ts";
import type { ConfiguredSource } from "../../src/app/configuration.ts";
import type { JsonValue } from "../../src/receipt/json.ts";
import { boundKey } from "../../src/alert/key.ts";
import type { DecodedEvent } from "../../src/sources/source.ts";
import type { NewEntry, Stream } from "../../src/stream/stream.ts";

/** Takes the document in as a page with this one item does; answers with its events. */
export async function takeDocument(
  stream: Stream,
  { definition, config, name, kind }: ConfiguredSource,
  document: unknown,
  receivedAt: number,
): Promise<{ events: { id: string }[] }> {
  const { events } = definition.decode(document as JsonValue, { config, name });
  const appended = await stream.append({
    source: name,
    kind,
    received_at: receivedAt,
    via: "test",
    entries: events.map(entryOf),
    empty: null,
    original: null,
  });
  return {
    events: appended.entries.map(({ received_at, key, position }) => {
      return { id: alertId(received_at, key, position) };
    }),
  };
}

function entryOf({ stream, key, version = null, document }: DecodedEvent): NewEntry {
  if (key === null) throw new RangeError("an event that is read has a key");
  const body = Buffer.from(JSON.stringify(document));
  return {
    stream,
    key: boundKey(key),
    version,
    window: null,
    repaired: [],
    body,
    quarantine: null,
  };
}
