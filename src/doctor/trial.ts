/**
 * A trial: a document is written into the index of a source, and watched until the server that runs
 * has stored, decided and delivered it. The times are those that the server has written down.
 */
import { existsSync } from "node:fs";
import type { DataPaths } from "../app/paths.ts";
import type { ElasticCluster, StoredDocument } from "../elastic/cluster/cluster.ts";
import { TocsinError } from "../errors.ts";
import type { DeliveryDetail } from "../ledger/delivery-schema.ts";
import { openJourneys, type Journey } from "../ledger/journey.ts";
import type { JsonObject } from "../receipt/json.ts";
import { lockFolder } from "../sqlite/lock.ts";
import { found, foundError, type Finding, type Outcome } from "./finding.ts";
import type { Reader } from "./reader.ts";

const POLL_MS = 100;

export interface TrialParts {
  /** Of the server that should take the document. */
  readonly paths: DataPaths;
  /** Milliseconds to wait beyond what the source takes anyway. */
  readonly timeout: number;
  now(): number;
  wait(milliseconds: number): Promise<void>;
}

/** Writes into the source's index, which is there, and says what became of the document. */
export async function tryEndToEnd(
  cluster: Pick<ElasticCluster, "index">,
  { name: source, indices, latency }: Reader,
  parts: TrialParts,
): Promise<Finding> {
  const [index] = indices;
  if (index === undefined || indices.length > 1 || index.includes("*"))
    return skipped(source, "the source reads a pattern; where to write is not known");
  if (!isServed(parts.paths)) return skipped(source, NO_SERVER, START_ONE);
  try {
    const stored = await cluster.index({ index, document: testDocument(parts.now()) });
    const written = parts.now();
    const journey = await follow(keyOf(stored), written + latency + parts.timeout, parts);
    const { outcome, text, hint } = describeJourney(journey, written, parts.now());
    const name = `${stored.index}/${stored.id}`;
    return found("test", outcome, `${name} ${text}`, { source, hint: hint ?? null });
  } catch (error) {
    return foundError("test", error, source);
  }
}

const NO_SERVER = "no server runs on the data folder, so nothing was written";
const START_ONE = "start it with `tocsin start`, or name its folder with --data";

function skipped(source: string, text: string, hint?: string): Finding {
  return found("test", "skipped", text, { source, hint: hint ?? null });
}

/** Nobody can take it for an alert. What it says is inside `context`, which the index need not map. */
export function testDocument(now: number): JsonObject {
  const time = new Date(now).toISOString();
  return {
    "@timestamp": time,
    rule: { id: "tocsin-doctor", name: "Tocsin test document" },
    context: {
      rule: { severity: "informational" },
      message: `A test, written by tocsin doctor elastic --write at ${time}; there is nothing to do.`,
    },
  };
}

/** As the source names the event of a document that carries no other. */
function keyOf({ index, id }: StoredDocument): string {
  return `es:${index}/${id}`;
}

/** Whether a server holds the folder. */
function isServed({ folder, store }: DataPaths): boolean {
  if (!existsSync(store)) return false;
  try {
    lockFolder(folder).release();
    return false;
  } catch (error) {
    if (error instanceof TocsinError && error.code === "DATA_LOCKED") return true;
    throw error;
  }
}

/** The journey when it is over, or as far as it has come until then. */
async function follow(
  key: string,
  deadline: number,
  { paths, now, wait }: TrialParts,
): Promise<Journey | undefined> {
  const journeys = openJourneys(paths);
  try {
    for (;;) {
      const journey = journeys.find(key);
      if ((journey && isOver(journey)) || now() >= deadline) return journey;
      await wait(POLL_MS);
    }
  } finally {
    journeys.close();
  }
}

/** What is held waits on purpose, and maybe long. */
function isOver({ event, deliveries }: Journey): boolean {
  return event.outcome !== "in_flight" && !deliveries.some(isOpen);
}

function isOpen({ state, hold }: DeliveryDetail): boolean {
  return state === "pending" && hold === null;
}

interface Description {
  readonly outcome: Outcome;
  readonly text: string;
  readonly hint?: string;
}

function describeJourney(journey: Journey | undefined, written: number, now: number): Description {
  if (!journey) {
    const hint = "tocsin source list tells how the reading goes, the server's log why";
    return { outcome: "problem", text: `is not stored after ${since(written, now)}`, hint };
  }
  const { event, deliveries } = journey;
  const stored = `stored after ${since(written, Date.parse(event.received_at))}`;
  switch (event.outcome) {
    case "alert":
      return describeDeliveries(deliveries, stored, written);
    case "in_flight": {
      const hint = "the server stores and does not decide; its log says why";
      return { outcome: "problem", text: `${stored}, not decided yet`, hint };
    }
    case "quarantined": {
      const hint = `tocsin quarantine show ${event.id}`;
      return { outcome: "problem", text: `${stored}, quarantined: ${event.reason}`, hint };
    }
    default:
      return {
        outcome: "ok",
        text: `${stored}, counted in ${event.alert ?? "an alert"} (${event.outcome}), so it is not sent again`,
      };
  }
}

function describeDeliveries(
  deliveries: readonly DeliveryDetail[],
  stored: string,
  written: number,
): Description {
  if (deliveries.length === 0) {
    const hint = "give it a route, if it should be sent: tocsin explain tells which were tried";
    return { outcome: "warning", text: `${stored}, sent nowhere`, hint };
  }
  const parts = deliveries.map((delivery) => describeDelivery(delivery, written));
  const text = [stored, ...parts].join(", ");
  const failed = deliveries.some((delivery) => delivery.state === "dead" || isOpen(delivery));
  if (!failed) return { outcome: "ok", text };
  const hint = "tocsin destination test tries a destination by itself";
  return { outcome: "problem", text, hint };
}

function describeDelivery(delivery: DeliveryDetail, written: number): string {
  const { state, destination, reason, cause, done_at, held_until, last_error } = delivery;
  if (state === "delivered" && done_at !== null)
    return `delivered to ${destination} after ${since(written, Date.parse(done_at))}`;
  const why = [reason, cause, last_error].filter((part) => part !== null).join(", ");
  const until = held_until === null ? "" : ` until ${held_until}`;
  return `${state} for ${destination}${until} (${why})`;
}

function since(start: number, end: number): string {
  return `${(Math.max(0, end - start) / 1000).toFixed(1)} s`;
}
