/**
 * Mutated bodies through the whole way from bytes to alert: whatever comes in, every item of it
 * becomes an alert the schema accepts, goes to quarantine, or is a receipt known to hold nothing.
 * TOCSIN_FUZZ is how many bodies; TOCSIN_FUZZ_SEED repeats the one a failure names.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { completeAlert } from "../alert/complete.ts";
import { alertSchema } from "../alert/schema.ts";
import { normaliseEntry } from "../app/pipeline-configuration.ts";
import type { EntrySource } from "../app/sources.ts";
import { TocsinError } from "../errors.ts";
import { createRandom, mutate, pick, type Random } from "../receipt/testing/mutate.ts";
import { hasPayloads, listPayloads, type Payload } from "../receipt/testing/payloads.ts";
import { cloudeventsSource } from "./cloudevents/index.ts";
import { decodeReceipt, type DecodedReceipt } from "./decode.ts";
import { sources } from "./index.ts";
import type { FieldMapping } from "./mapping.ts";
import { REJECT_REASONS, type SourceDefinition } from "./source.ts";
import { neededSettings } from "./testing/settings.ts";

const COUNT = Number(process.env["TOCSIN_FUZZ"] ?? 3000);
const ONLY = process.env["TOCSIN_FUZZ_SEED"];
const SLOWEST_MS = 100;
const RECEIVED_AT = Date.UTC(2026, 0, 1);

const MAPPINGS: readonly FieldMapping[] = [
  { path: "kibana.alert.rule.name", field: "title" },
  { path: "kibana.alert.risk_score", field: "risk_score" },
  { path: "@timestamp", field: "event_time" },
  { path: "host.name", artifact: "host", role: "target" },
  { path: "source.ip", artifact: "address" },
];

/** Every source with its defaults, and those that read settings also with some. */
const SOURCES: readonly EntrySource[] = [
  ...(sources as readonly unknown[] as readonly SourceDefinition[]).map((definition) =>
    configure(definition, neededSettings(definition)),
  ),
  configure(sources[1] as SourceDefinition, {}, MAPPINGS),
  configure(sources[4] as SourceDefinition, readSettings("generic/samples/mapped.config.json")),
  configure(
    cloudeventsSource as SourceDefinition,
    readSettings("cloudevents/samples/mapped.config.json"),
  ),
];

/** Values of the wrong type, or such as trip code that trusts its input. */
// oxfmt-ignore
const ODD_VALUES: readonly unknown[] = [
  null, true, -1, 0.1, 1e300, 2 ** 53, 1767225600, [], {}, [[]], [null, {}], { "": [{}] },
  "", " ", "\0", "null", "1e999", "\ud800", "é\u202e\u2028", "x".repeat(5000), "[{}", "{{ a }}",
  "2026-13-45T99:99:99Z", "+275760-09-13T00:00:00.001Z", "T1110.999.9", "critical,high",
  "999.1.1.1", "::ffff:10.0.0.1%eth0", "http://[", "hxxp://a[.]b/", "a@b@c", "\\\\x\\y",
  JSON.parse('{"__proto__":{"a":1},"constructor":{"prototype":null},"toString":[1]}'),
];

describe("mutated bodies through every source", () => {
  it.skipIf(!hasPayloads())(
    `loses none of ${COUNT}, throws for none, hangs on none (skipped where ../shared/payloads is missing)`,
    { timeout: 60_000 + COUNT * 10 },
    () => {
      const all = pairUp([...listPayloads(), ...listSamples()]);
      const understood = all.filter(({ source, bytes }) => takesEvents(source, bytes));
      const [first, last] = ONLY === undefined ? [1, COUNT] : [Number(ONLY), Number(ONLY)];
      for (let seed = first; seed <= last; seed += 1) tryPair(seed, all, understood);
    },
  );
});

function configure(
  definition: SourceDefinition,
  settings: unknown,
  fields: readonly FieldMapping[] = [],
): EntrySource {
  const { kind } = definition;
  const common = { fields: [...fields], tags: ["fuzz"] };
  return { name: kind, kind, definition, config: definition.config.parse(settings), common };
}

function readSettings(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
}

/** The bodies that the sources bring as samples of their own. */
function listSamples(): Payload[] {
  return sources.flatMap(({ kind }) => {
    const folder = new URL(`${kind}/samples/`, import.meta.url);
    const files = readdirSync(folder).filter((file) => !/\.(?:expected|config)\.json$/.test(file));
    return files.map((file) => ({
      file: `${kind}/${file}`,
      bytes: readFileSync(new URL(file, folder)),
    }));
  });
}

interface Pair extends Payload {
  readonly source: EntrySource;
}

function pairUp(bodies: readonly Payload[]): Pair[] {
  return SOURCES.flatMap((source) => bodies.map((body) => ({ ...body, source })));
}

function takesEvents(source: EntrySource, bytes: Uint8Array): boolean {
  return take(source, bytes).contents.length > 0;
}

/**
 * Seeds walk through the pairs in turn: every second one through all of them with broken text, the
 * others through those that make sense with broken values, which reach further into the sources.
 */
function tryPair(seed: number, all: readonly Pair[], understood: readonly Pair[]): void {
  const [pairs, change] = seed % 2 === 0 ? [all, mutate] : [understood, mutateValues];
  const { file, bytes, source } = pairs[(seed >> 1) % pairs.length]!;
  const body = change(bytes, createRandom(seed));
  try {
    const { time, taken } = timed(() => take(source, body));
    if (taken) checkAccounted(source, taken);
    // A busy machine pauses programs; a hang is slow again.
    const again = time > SLOWEST_MS ? timed(() => take(source, body)).time : time;
    expect(again, "milliseconds").toBeLessThan(SLOWEST_MS);
  } catch (error) {
    expect.fail(`seed ${seed}: ${file} to ${source.name}: ${String(error)}`);
  }
}

/** The body with about one value in thirty replaced; broken as text where it is no JSON. */
function mutateValues(bytes: Uint8Array, random: Random): Uint8Array {
  const replace = (_: string, value: unknown): unknown =>
    random() < 1 / 30 ? pick(ODD_VALUES, random) : value;
  try {
    return Buffer.from(JSON.stringify(JSON.parse(Buffer.from(bytes).toString(), replace)));
  } catch {
    return mutate(bytes, random);
  }
}

/** What came of it, and in how many milliseconds; null when it was over a limit. */
function timed<T>(work: () => T): { time: number; taken: T | null } {
  const begun = performance.now();
  try {
    const taken = work();
    return { time: performance.now() - begun, taken };
  } catch (error) {
    if (!(error instanceof TocsinError) || error.code !== "LIMIT_EXCEEDED") throw error;
    return { time: performance.now() - begun, taken: null };
  }
}

/** Decodes and normalises as the edge and the pipeline do. */
function take(source: EntrySource, bytes: Uint8Array) {
  const { name, kind, definition, config } = source;
  const decoded = decodeReceipt(definition, { config, name }, { bytes });
  const contents = decoded.events.map(({ stream, body, repaired }) => {
    const document = JSON.parse(Buffer.from(body).toString()) as Record<string, unknown>;
    const entry = { source: name, kind, stream, received_at: RECEIVED_AT, repaired };
    return normaliseEntry(source, entry, document).content;
  });
  return { decoded, contents };
}

function checkAccounted(source: EntrySource, { decoded, contents }: ReturnType<typeof take>): void {
  checkOutcome(decoded);
  for (const [index, content] of contents.entries()) {
    const { key } = decoded.events[index]!;
    const alert = completeAlert(content, { position: index + 1, key, receivedAt: RECEIVED_AT });
    expect(alertSchema.parse(alert)).toEqual(alert);
    expect(alert.source).toMatchObject({ name: source.name, kind: source.kind });
  }
}

function checkOutcome({ events, rejected, empty }: DecodedReceipt): void {
  const found = events.length + rejected.length;
  expect(found > 0).toBe(empty === undefined);
  for (const { key } of events) expect(key).toMatch(/^[\w.-]+:\P{Cc}+$/u);
  for (const { reason, detail } of rejected) {
    expect(REJECT_REASONS).toContain(reason);
    // What a source throws is caught and quarantined, and is a bug all the same.
    expect(detail).not.toMatch(/^decode failed/);
  }
}
