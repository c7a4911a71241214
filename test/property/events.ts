/** Random streams of events: few hosts, users and rules, in bursts with hours or days between. */
import { START } from "../timeline/scene.ts";
import type { Dice } from "./dice.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Lengths that policies have too are among them, so that edges are met exactly. */
const STEPS = [1, 250, SECOND, 7 * SECOND, 30 * SECOND, MINUTE, 5 * MINUTE, 10 * MINUTE];
const GAPS = [30 * MINUTE, HOUR, 4 * HOUR, 13 * HOUR, 26 * HOUR];
const SEVERITIES = ["low", "medium", "high", "critical"];

/** An event, or something that somebody does. */
export type Happening = { /** Epoch milliseconds. */ readonly at: number } & (
  | { readonly source: "in" | "alerts"; readonly body: Readonly<Record<string, unknown>> }
  /** Changes the alert that the so manieth event opened, if it opened one. */
  | { readonly change: "acknowledged" | "closed" | "new"; readonly of: number }
);

/**
 * So many happenings, each at a time of its own unless they may `coincide`. Every event has a title of
 * its own; some come again with the same identity, and some are later states of an alert of Kibana.
 */
export function randomHappenings(
  dice: Dice,
  count: number,
  { coincide }: { readonly coincide: boolean },
): Happening[] {
  const happenings: Happening[] = [];
  let at = START;
  let events = 0;
  for (let index = 0; index < count; index += 1) {
    if (!(coincide && dice.chance(0.4))) at += dice.chance(0.12) ? dice.one(GAPS) : dice.one(STEPS);
    const isChange = events > 0 && dice.chance(0.1);
    if (isChange) happenings.push({ at, ...randomChange(dice, events) });
    else happenings.push({ at, ...randomArrival(dice, (events += 1), at) });
  }
  return happenings;
}

function randomChange(dice: Dice, events: number) {
  return {
    change: dice.one(["acknowledged", "closed", "closed", "new"] as const),
    of: 1 + dice.below(events),
  };
}

function randomArrival(dice: Dice, number: number, at: number) {
  return dice.chance(0.12)
    ? ({ source: "alerts", body: randomDocument(dice, number, at) } as const)
    : ({ source: "in", body: randomBody(dice, number, at) } as const);
}

/** One of few alerts of Kibana, in some state. */
function randomDocument(dice: Dice, number: number, at: number): Record<string, unknown> {
  const which = dice.below(4);
  const changed = {
    "kibana.alert.workflow_status": dice.one(["open", "acknowledged", "closed"]),
    "kibana.alert.workflow_status_updated_at": new Date(at - dice.one(CHANGED)).toISOString(),
  };
  const grown = { "kibana.alert.suppression.docs_count": 1 + dice.below(3) };
  return {
    _index: ".alerts-security.alerts-default",
    _id: `a${which}`,
    _source: {
      "@timestamp": new Date(START).toISOString(),
      "kibana.alert.uuid": `a${which}`,
      "kibana.alert.rule.name": `event ${number}`,
      "kibana.alert.severity": dice.one(SEVERITIES),
      "host.name": `h${1 + (which % 3)}`,
      "user.name": dice.one(["u1", "u2"]),
      ...(dice.chance(0.5) ? changed : {}),
      ...(dice.chance(0.3) ? grown : {}),
    },
  };
}

/** How long ago its status was set: by clocks that differ, and before people did something here. */
const CHANGED = [0, 250, SECOND, 5 * MINUTE, HOUR, -MINUTE];

function randomBody(dice: Dice, number: number, at: number): Record<string, unknown> {
  const some = (share: number, name: string, values: readonly unknown[]) =>
    dice.chance(share) ? { [name]: dice.one(values) } : {};
  return {
    title: `event ${number}`,
    ...some(0.9, "rule.name", ["r1", "r2", "r3"]),
    ...some(0.9, "host.name", ["h1", "h2", "h3", ["h1", "h2"]]),
    ...some(0.7, "user.name", ["u1", "u2", ["u1", "u3"]]),
    ...some(0.4, "src_ip", ["10.0.0.1", "10.0.0.2", "127.0.0.1"]),
    ...some(0.8, "severity", SEVERITIES),
    ...timeOf(dice, at),
    ...some(0.1, "id", IDS),
  };
}

/** Few, so that some are repeated. */
const IDS = ["3f2b8c1e-7a10-4c55-9d0e-0a1b2c3d4e5f", "9c1d2a34-5b6c-4d7e-8f90-a1b2c3d4e5f6"];

/** When it happened: some come late, some from a clock that runs ahead. */
function timeOf(dice: Dice, at: number): Record<string, string> {
  if (dice.chance(0.6)) return {};
  const late = dice.one([0, 0, SECOND, MINUTE, 10 * MINUTE, 40 * MINUTE, -HOUR]);
  return { "@timestamp": new Date(at - late).toISOString() };
}
