/**
 * Real bodies through the matching source. The expected values were written by reading the files
 * and the vendors' documentation, never by recording what came out.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { AlertContent } from "../alert/schema.ts";
import { readBody } from "../receipt/read.ts";
import { elasticSource } from "./elastic/index.ts";
import { kibanaSource } from "./kibana/index.ts";
import { checkAlert } from "./testing/check-golden.ts";
import { type Golden, GOLDENS, OTHER_BODIES } from "./testing/goldens.ts";
import type { SourceDefinition } from "./source.ts";

const folder = new URL("../../../shared/payloads/", import.meta.url);

if (existsSync(folder)) {
  describe("real payloads", testPayloads);
} else if (process.env["CI"]) {
  it("has the real payloads", () => expect.unreachable("../shared/payloads is missing"));
} else {
  it.skip("real payloads — SKIPPED: ../shared/payloads is missing", () => undefined);
}

function testPayloads(): void {
  it("has a golden for every body of Elastic's", () => {
    const files = readdirSync(folder).filter((file) => /^(?:kibana|siem-signals)-/.test(file));
    expect(files.toSorted()).toEqual(Object.keys(GOLDENS).toSorted());
  });

  it.each(Object.entries(GOLDENS))("reads %s", (file, golden) => {
    checkGolden(
      file,
      golden,
      (isDocument(file) ? elasticSource : kibanaSource) as SourceDefinition,
    );
  });

  it.each(Object.entries(GOLDENS).filter(([file]) => isDocument(file)))(
    "reads %s the same when it is posted to Kibana's address",
    (file, golden) => checkGolden(file, golden, kibanaSource as SourceDefinition),
  );

  it.each(Object.entries(OTHER_BODIES))("takes %s as %i events, losing none", (file, count) => {
    const { events, rejected } = decode(file, elasticSource as SourceDefinition);
    expect(events.length).toBe(count);
    expect(rejected).toEqual([]);
  });
}

/** Whether a body is what Elasticsearch holds, rather than what a rule action makes of it. */
function isDocument(file: string): boolean {
  return /^(?:kibana-alert|siem-signals)-/.test(file);
}

function checkGolden(file: string, golden: Golden, source: SourceDefinition): void {
  const decoded = decode(file, source);
  if (golden.unreadable !== undefined) {
    expect(decoded.unreadable).toBe(golden.unreadable);
    expect(decoded.events).toEqual([]);
    return;
  }
  expect(decoded.rejected).toEqual([]);
  expect(decoded.empty).toBe(golden.empty);
  expect(decoded.events.map((event) => event.key)).toEqual(
    golden.events?.map((event) => event.key) ?? [],
  );
  for (const [index, expected] of (golden.events ?? []).entries()) {
    const event = decoded.events[index];
    expect(event?.stream).toBe(expected.stream);
    expect(event?.repaired ?? []).toEqual(expected.repaired ?? []);
    if (event !== undefined) checkAlert(normalise(event, source), expected);
  }
}

type Event = ReturnType<typeof decode>["events"][number];

function decode(file: string, source: SourceDefinition) {
  const read = readBody(readFileSync(new URL(file, folder)));
  if (read.kind !== "documents") {
    const unreadable = read.kind === "unreadable" ? read.reason : read.kind;
    return { events: [], rejected: [], empty: undefined, unreadable };
  }
  const parts = read.documents.map(({ value, repaired }) => {
    const part = source.decode(value, { config: {}, name: source.kind });
    const events = part.events.map((event) => ({
      ...event,
      repaired: [...repaired, ...(event.repaired ?? [])],
    }));
    return { ...part, events };
  });
  return {
    events: parts.flatMap((part) => part.events),
    rejected: [...read.rejected, ...parts.flatMap((part) => part.rejected)],
    empty: parts.find((part) => part.empty !== undefined)?.empty,
    unreadable: undefined,
  };
}

function normalise({ stream, document, repaired }: Event, source: SourceDefinition): AlertContent {
  const event = { stream, document, repaired, received_at: Date.UTC(2026, 3, 1) };
  return source.normalise(event, { config: {}, name: source.kind, kind: source.kind }).alert;
}
