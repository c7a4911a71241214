/**
 * Real bodies as they stand in an index, one search hit each, through the sources that read indices.
 * They must become what the same bodies become when they are sent.
 */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { hitsOf } from "../elastic/hits.ts";
import { readBody } from "../receipt/read.ts";
import { elasticActionsSource } from "./elastic-actions/index.ts";
import { elasticAlertsSource } from "./elastic-alerts/index.ts";
import { isObject } from "./read.ts";
import type { DecodedEvent, JsonObject, JsonValue, SourceDefinition } from "./source.ts";
import { checkAlert } from "./testing/check-golden.ts";
import { type Golden, GOLDENS } from "./testing/goldens.ts";

const folder = new URL("../../../shared/payloads/", import.meta.url);
const entries = Object.entries(GOLDENS);
const documents = entries.filter(([file]) => /^(?:kibana-alert|siem-signals)-/.test(file));
// A body that is one JSON object can be a document of an index; others only come by webhook.
const actions = entries.filter(([file]) =>
  /^kibana-(?:index|webhook)-.*(?<!invalid)\.json$/.test(file),
);

if (existsSync(folder)) {
  describe("real documents in an index", testDocuments);
} else if (process.env["CI"]) {
  it("has the real payloads", () => expect.unreachable("../shared/payloads is missing"));
} else {
  it.skip("real documents — SKIPPED: ../shared/payloads is missing", () => undefined);
}

function testDocuments(): void {
  it.each(documents)("elastic-alerts reads %s", (file, golden) => {
    const definition = elasticAlertsSource as SourceDefinition;
    const hits = readDocuments(file).flatMap((document) =>
      ((isObject(document) ? hitsOf(document) : null) ?? [document]).map((hit) =>
        asHit(hit as JsonObject),
      ),
    );
    const events = checkEvents(hits, golden, definition);
    for (const event of events) expect(updatesOf(event, definition)).toBe(event.key);
  });

  it.each(actions)("elastic-actions reads %s", (file, golden) => {
    const hits = readDocuments(file).map((document) => asHit(document as JsonObject));
    checkEvents(hits, golden, elasticActionsSource as SourceDefinition);
  });

  it("has bodies for both", () => {
    expect(documents.length).toBeGreaterThan(15);
    expect(actions.map(([file]) => file)).toContain("kibana-index-esquery-hits-string.json");
    expect(actions.length).toBeGreaterThan(5);
  });
}

function readDocuments(file: string): JsonValue[] {
  const read = readBody(readFileSync(new URL(file, folder)));
  return read.kind === "documents"
    ? read.documents.map(({ value }) => value)
    : expect.unreachable(`${file} is ${read.kind}`);
}

function asHit(document: JsonObject): JsonObject {
  if ("_source" in document || "fields" in document) return document;
  return { _index: "real", _id: "1", _source: document };
}

/** Checks what the hits become; what has no identity of its own has that of its hit. */
function checkEvents(
  hits: readonly JsonObject[],
  golden: Golden,
  definition: SourceDefinition,
): readonly DecodedEvent[] {
  const context = { config: {}, name: definition.kind };
  const decoded = hits.map((hit) => definition.decode(hit, context));
  expect(decoded.flatMap(({ rejected }) => rejected)).toEqual([]);
  expect(decoded.find(({ empty }) => empty !== undefined)?.empty).toBe(golden.empty);
  const events = decoded.flatMap((part) => part.events);
  expect(events).toHaveLength(golden.events?.length ?? 0);
  for (const [index, expected] of (golden.events ?? []).entries()) {
    const event = events[index] ?? expect.unreachable();
    expect(event.stream).toBe(expected.stream);
    expect(event.key).toEqual(expected.key ?? expect.stringMatching(/^es:real\/1(?:#\d+)?$/));
    checkAlert(normalise(event, definition).alert, expected);
  }
  return events;
}

function updatesOf(event: DecodedEvent, definition: SourceDefinition): string | undefined {
  return normalise(event, definition).updates;
}

function normalise({ stream, document, repaired = [] }: DecodedEvent, source: SourceDefinition) {
  const event = { stream, document, repaired, received_at: Date.UTC(2026, 3, 1) };
  return source.normalise(event, { config: {}, name: source.kind, kind: source.kind });
}
