/** Random configurations: every policy and every setting of a route, on few names, so that they meet. */
import { START } from "../timeline/scene.ts";
import type { Dice } from "./dice.ts";

const HOUR = 3_600_000;
/** Fields that events have. */
const FIELDS = ["rule.name", "host.name", "user.name", "severity"];
const MATCHES = [
  "*",
  "*",
  'host.name : "h1"',
  'rule.name : "r1"',
  'not rule.name : "r2"',
  "severity >= medium",
  'user.name : "u1" or host.name : "h2"',
  "count >= 2",
];
export const PEERS = ["soc", "pager", "mail"];

type Plain = Readonly<Record<string, unknown>>;

/** What is written back to Kibana goes here. */
export const WRITE_BACK = "write-back:lab";

/** A configuration as text (JSON is YAML) with the sources `in` and `alerts`, and these peers. */
export function randomConfiguration(dice: Dice): string {
  const configuration = {
    clusters: { lab: { url: "http://127.0.0.1:9", kibana: "http://127.0.0.1:9" } },
    sources: {
      in: { kind: "generic" },
      alerts: { kind: "elastic-alerts", cluster: "lab", write_back: true },
    },
    destinations: Object.fromEntries([...PEERS, "ops"].map((name) => [name, peer(dice)])),
    calendars: {
      office: {
        time_zone: "Europe/Berlin",
        open: ["mon-fri 08:00-18:00", "sat 10:00-12:00"],
        closed: ["2026-03-04"],
      },
    },
    fold: several(dice, 3, "fold", fold),
    cases: several(dice, 2, "case", casePolicy),
    correlate: several(dice, 2, "correlation", correlation),
    inhibit: several(dice, 1, "inhibition", inhibition),
    silences: several(dice, 3, "silence", silence),
    routes: routes(dice),
  };
  return JSON.stringify(configuration, null, 2);
}

function several(
  dice: Dice,
  most: number,
  what: string,
  make: (dice: Dice) => Plain,
): readonly Plain[] {
  const count = dice.below(most + 1);
  return Array.from({ length: count }, (_, index) => ({
    name: `${what}-${index + 1}`,
    ...make(dice),
  }));
}

function peer(dice: Dice): Plain {
  return {
    kind: "log",
    ...maybe(dice, 0.3, () => ({ thread_by: dice.some(["host.name", "rule.name"], 1) })),
    ...maybe(dice, 0.3, () => ({ concurrency: 1 })),
    ...maybe(dice, 0.5, () => ({ status_updates: true })),
  };
}

function maybe(dice: Dice, share: number, make: () => Plain): Plain {
  return dice.chance(share) ? make() : {};
}

function fold(dice: Dice): Plain {
  return {
    match: dice.one(["*", ...MATCHES]),
    window: dice.one(["1m", "1h", "12h", "2d"]),
    // Few, so that there are repeats.
    ...maybe(dice, 0.8, () => ({ by: dice.one([...FIELDS.map((field) => [field]), FIELDS]) })),
  };
}

function casePolicy(dice: Dice): Plain {
  return {
    match: dice.one(MATCHES),
    window: dice.one(["10m", "4h"]),
    max_alerts: dice.one([2, 5, 500]),
    ...(dice.chance(0.6)
      ? { group_by: dice.some(FIELDS, 1) }
      : { share: dice.one([["hostname"], ["ip"], ["hostname", "account", "ip"]]) }),
    ...maybe(dice, 0.3, () => ({ title: "{{ alert.rule.name }} on {{ key }}" })),
  };
}

function correlation(dice: Dice): Plain {
  const base = {
    by: dice.some(FIELDS, 1),
    within: dice.one(["1m", "10m", "1h"]),
    severity: dice.one(["low", "high"]),
  };
  if (dice.chance(0.5))
    return { ...base, match: dice.one(MATCHES), count: dice.one(["> 1", ">= 3"]) };
  const steps = Array.from({ length: 2 + dice.below(2) }, () => dice.one(MATCHES.slice(2)));
  return { ...base, sequence: steps };
}

function inhibition(dice: Dice): Plain {
  return { while: dice.one(MATCHES), mute: dice.one(MATCHES), equal: dice.some(FIELDS, 1) };
}

function silence(dice: Dice): Plain {
  const from = START + dice.below(30) * HOUR;
  const at = (time: number) => new Date(time).toISOString();
  return {
    match: dice.one(MATCHES),
    comment: "work",
    at_end: dice.one(["nothing", "digest", "digest"]),
    ...(dice.chance(0.5)
      ? { from: at(from), until: at(from + dice.one([HOUR / 4, 5 * HOUR, 20 * HOUR])) }
      : {
          ...dice.one([
            { cron: "*/30 * * * *", for: "5m" },
            { cron: "0 9-17 * * *", for: "20m" },
            { cron: "0 22 * * 2", for: "4h" },
            { cron: "30 10 * * mon-fri", for: "12h" },
          ]),
          ...maybe(dice, 0.5, () => ({ time_zone: "Europe/Berlin" })),
          ...maybe(dice, 0.3, () => ({ until: at(from + 20 * HOUR) })),
        }),
    ...maybe(dice, 0.3, () => ({ remind: "10m" })),
  };
}

function routes(dice: Dice): Plain[] {
  const named = Array.from({ length: 1 + dice.below(4) }, (_, index) => route(dice, index));
  return [
    ...named,
    ...maybeList(dice, 0.7, { name: "rest", default: true, to: ["soc"] }),
    ...maybeList(dice, 0.8, { name: "operators", to: ["ops"] }),
  ];
}

function maybeList(dice: Dice, share: number, item: Plain): Plain[] {
  return dice.chance(share) ? [item] : [];
}

function route(dice: Dice, index: number): Plain {
  return {
    name: `route-${index + 1}`,
    match: dice.one([...MATCHES, "source.kind : correlate"]),
    to: dice.some(PEERS, 1),
    continue: dice.chance(0.7),
    shadow: dice.chance(0.1),
    ...maybe(dice, 0.5, () => ({
      group_by: dice.some(FIELDS, 1),
      group_wait: dice.one(["0s", "30s", "2m"]),
      group_interval: dice.one(["1m", "5m"]),
    })),
    ...dice.one<Plain>([
      {},
      { repeats: "update" },
      { repeat_every: dice.one(["1m", "30m", "4h"]) },
    ]),
    ...maybe(dice, 0.4, () => ({ limit: limit(dice) })),
    ...maybe(dice, 0.3, () => ({ hours: hours(dice) })),
  };
}

function limit(dice: Dice): Plain {
  return {
    max: dice.one([1, 2, 5]),
    per: dice.one(["1m", "10m", "1h"]),
    ...maybe(dice, 0.5, () => ({ by: dice.some(FIELDS, 1) })),
    ...maybe(dice, 0.3, () => ({ except: "severity >= high" })),
  };
}

function hours(dice: Dice): Plain {
  return { calendar: "office", outside: dice.one(["hold", ["mail"]]) };
}
