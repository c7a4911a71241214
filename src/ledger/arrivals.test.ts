import { afterEach, beforeEach, expect, it } from "vitest";
import type { NewEntry } from "../stream/stream.ts";
import { readArrivals } from "./arrivals.ts";
import { anEntry, NOON, TestFolder } from "./testing/folder.ts";

const HOUR = 3_600_000;

let folder: TestFolder;
beforeEach(() => {
  folder = new TestFolder();
});
afterEach(() => folder.remove());

let keys = 0;
async function receive(rule: string, kind: string, received_at: number): Promise<void> {
  const entry = { ...anEntry(`k:${(keys += 1)}`), stream: rule };
  await append(kind, received_at, [entry]);
}

async function append(kind: string, received_at: number, entries: NewEntry[]): Promise<void> {
  const receipt = { source: "s", kind, received_at, via: "none", empty: null, original: null };
  await folder.stream.append({ ...receipt, entries });
}

const read = (rules: string[], since = NOON - HOUR, until = NOON) =>
  readArrivals(folder.paths, new Set(rules), since, until);

it("names the kinds that brought a rule's events within the span", async () => {
  await receive("A", "splunk", NOON - HOUR - 1);
  await receive("A", "kibana", NOON - HOUR);
  await receive("A", "elastic-alerts", NOON - 1);
  await receive("A", "generic", NOON);
  await receive("B", "elastic-actions", NOON - 5);
  await receive("C", "kibana", NOON - 5);
  await receive("A", "correlate", NOON - 5);
  expect(await read(["A", "B", "D"])).toEqual(
    new Map([
      ["A", new Set(["kibana", "elastic-alerts"])],
      ["B", new Set(["elastic-actions"])],
    ]),
  );
});

it("finds what was received a little out of order, and behind thousands of others", async () => {
  await receive("A", "kibana", NOON - 5);
  for (let batch = 0; batch < 5; batch += 1) {
    if (batch === 2) await receive("A", "superna", NOON - 5);
    const entries = Array.from({ length: 1000 }, (_, n) => anEntry(`b:${batch}:${n}`));
    await append("generic", NOON - HOUR - 1, entries);
  }
  await receive("A", "splunk", NOON - 4);
  expect(await read(["A"])).toEqual(new Map([["A", new Set(["kibana", "superna", "splunk"])]]));
});

it("finds nothing in an empty log", async () => {
  expect(await read(["A"])).toEqual(new Map());
});
