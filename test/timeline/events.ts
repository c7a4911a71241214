/** What timelines are about: events, moments, and changes that people make. */
import { applyChange } from "../../src/app/changes/change.ts";
import { readDuration } from "../../src/config/values.ts";
import type { Position } from "../../src/pipeline/entry.ts";
import { findAlert, toAlert } from "../../src/store/sqlite/alerts.ts";
import type { Alert } from "../../src/alert/schema.ts";
import type { Case } from "../../src/case/case.ts";
import { findCase } from "../../src/store/sqlite/cases.ts";
import { START, type Line, type World } from "./timeline.ts";

/** Who changes things by hand. */
export const WHO = "ann";

/** Fields of a body by their dotted names. */
export type Fields = Readonly<Record<string, unknown>>;

/** An event comes in at the source `in`. Two at one time are told apart by their fields. */
export function happens(line: Line, at: string, title: string, fields: Fields = {}): void {
  line.given(at, { source: "in", body: { title, came: at, ...fields } });
}

/** A moment as lines have it: the time that passed since their start. */
export function on(moment: string): string {
  return `${(Date.parse(moment) - START) / 1000}s`;
}

/** A moment of a line as bodies have it. */
export function isoAt(at: string): string {
  return new Date(START + (readDuration(at) ?? Number.NaN)).toISOString();
}

/** Somebody acknowledges, closes or reopens alerts. */
export function setStatus(world: World, status: Alert["status"], ...names: string[]): void {
  const verdict = status === "closed" ? ("true_positive" as const) : undefined;
  const by = { who: WHO, now: world.clock.now() };
  world.change((database) => applyChange(database, "alerts", { names, status, verdict }, by));
}

/** The alert that the event at a position opened, as it is stored. */
export function alertAt(world: World, position: number): Alert {
  let found: Alert | undefined;
  world.change((database) => {
    const row = findAlert(database, position as Position);
    found = row && toAlert(database, row);
  });
  if (!found) throw new RangeError(`no alert at ${position}`);
  return found;
}

/** A case as it is stored; undefined when there is none of that number. */
export function caseOf(world: World, number: number): Case | undefined {
  let found: Case | undefined;
  world.change((database) => {
    found = findCase(database, number);
  });
  return found;
}

/** How many deliveries there are, whatever became of them. */
export function countDeliveries(world: World): number {
  let count = 0;
  world.change((database) => {
    count = database.get<{ count: number }>("SELECT count(*) AS count FROM deliveries")?.count ?? 0;
  });
  return count;
}
