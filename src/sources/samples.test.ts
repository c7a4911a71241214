/**
 * Every source ships samples: `samples/<name>.json` or `.txt` is a body as it comes over the wire,
 * `samples/<name>.expected.json` what it must become, written by hand:
 *
 * - `[{ stream, key, alert, … }]`: one entry per event, in order, each a subset of what comes out
 *   (`alert` of the alert; `subject`, `updates`, `version` and `repaired` where given);
 * - `{ "events": […], "rejected": ["unreadable"], "empty": "no_hits" }` when there is more to say.
 *
 * `samples/<name>.config.json` holds the settings of the kind where the defaults do not do. A sample
 * of a source that is read is one item of its feed.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readBody } from "../receipt/read.ts";
import { sources } from "./index.ts";
import type { Decoded, DecodedEvent, SourceDefinition } from "./source.ts";
import { neededSettings } from "./testing/settings.ts";

interface Expected {
  readonly events: readonly Readonly<Record<string, unknown>>[];
  readonly rejected: readonly string[];
  readonly empty?: string;
}

const here = new URL("./", import.meta.url);
const RECEIVED_AT = Date.UTC(2026, 0, 1);

describe.each([...sources] as SourceDefinition[])("source $kind", (source) => {
  const folder = new URL(`${source.kind}/samples/`, here);
  const files = readdirSync(folder);
  const bodies = files.filter((file) =>
    /^(?!.*\.(?:expected|config)\.json$).*\.(?:json|txt)$/.test(file),
  );

  it("has samples, each with its expected result", () => {
    expect(bodies.length).toBeGreaterThan(0);
    const expected = files.filter((file) => file.endsWith(".expected.json"));
    expect(expected.toSorted()).toEqual(bodies.map(expectedName).toSorted());
  });

  it.each(bodies)("reads %s as expected", (file) => {
    const expected = readExpected(new URL(expectedName(file), folder));
    const config = readConfig(source, new URL(file.replace(/\.\w+$/, ".config.json"), folder));
    const decoded = decodeBody(source, config, readFileSync(new URL(file, folder)));
    expect(decoded.rejected.map((item) => item.reason)).toEqual(expected.rejected);
    expect(decoded.empty).toBe(expected.empty);
    const results = decoded.events.map((event) => normalise(source, config, event));
    expect(results).toMatchObject(expected.events);
  });
});

function expectedName(file: string): string {
  return file.replace(/\.\w+$/, ".expected.json");
}

function readExpected(url: URL): Expected {
  const value = JSON.parse(readFileSync(url, "utf8")) as Partial<Expected> | Expected["events"];
  if (Array.isArray(value)) return { events: value, rejected: [] };
  return { events: [], rejected: [], ...(value as Partial<Expected>) };
}

function readConfig(source: SourceDefinition, url: URL): unknown {
  const settings: unknown = existsSync(url) ? JSON.parse(readFileSync(url, "utf8")) : null;
  return source.config.parse(settings ?? neededSettings(source));
}

function decodeBody(source: SourceDefinition, config: unknown, bytes: Uint8Array): Decoded {
  const read = readBody(bytes);
  if (read.kind !== "documents") throw new Error(`the sample is ${read.kind}`);
  const parts = read.documents.map(({ value, repaired }) => ({
    repaired,
    ...source.decode(value, { config, name: source.kind }),
  }));
  const empty = parts.find((part) => part.empty !== undefined)?.empty;
  return {
    events: parts.flatMap((part) => part.events.map((event) => withRepairs(event, part.repaired))),
    rejected: parts.flatMap((part) => part.rejected),
    ...(empty === undefined ? {} : { empty }),
  };
}

function withRepairs(event: DecodedEvent, around: readonly string[]): DecodedEvent {
  return { ...event, repaired: [...around, ...(event.repaired ?? [])] };
}

function normalise(source: SourceDefinition, config: unknown, event: DecodedEvent) {
  const { stream, key, document, version, repaired = [] } = event;
  const received = { stream, document, received_at: RECEIVED_AT, repaired };
  const made = source.normalise(received, { config, name: source.kind, kind: source.kind });
  const { subject, updates, alert } = made;
  return { stream, key, version, repaired, subject, updates, alert };
}
