/**
 * Real documents of Kibana's, in the indices where Kibana has them on a real engine, through the whole
 * program. What they must become was written by reading them and the vendor's documentation.
 */
import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { alertContentSchema } from "../../src/alert/schema.ts";
import { hitsOf } from "../../src/elastic/hits.ts";
import type { AlertDetail } from "../../src/ledger/alert.ts";
import { openLedger } from "../../src/ledger/ledger.ts";
import type { JsonObject } from "../../src/receipt/json.ts";
import { checkAlert } from "../../src/sources/testing/check-golden.ts";
import { GOLDENS, type GoldenEvent } from "../../src/sources/testing/goldens.ts";
import type { Engine } from "./distribution.ts";
import { describeEngines, START_TIMEOUT } from "./engines.ts";
import { expectExactly } from "./loss-books.ts";
import { openLab, type Lab } from "./loss-lab.ts";
import { openRig } from "./loss-rig.ts";
import { startSearchEngine, type SearchEngine } from "./search-engine.ts";

const folder = new URL("../../../shared/payloads/", import.meta.url);

const ALERTS = ".internal.alerts-security.alerts-default-000001";
/** As Kibana makes them, each with the alias that it is read under. */
const INDICES = {
  [ALERTS]: ".alerts-security.alerts-default",
  ".siem-signals-default-000001-7.16.0": ".siem-signals-default",
  ".siem-signals-default-outdated": ".siem-signals-default",
  ".reindexed-v8-siem-signals-default-000001": ".siem-signals-default",
  "siem-alert-000001": "siem-alert",
};

/** Documents of the two indices of alerts; one that is only the answer of a search is none. */
const DOCUMENTS = Object.keys(GOLDENS).filter(
  (file) => /^(?:kibana-alert|siem-signals)-/.test(file) && !/fields-api|response/.test(file),
);
/** What the index connector wrote; and what it writes where a rule found nothing. */
const ACTION = "kibana-index-esquery-hits-string.json";
const ACTIONS = [ACTION, "kibana-webhook-no-hits.json"];

if (existsSync(folder)) {
  describeEngines(testPayloads);
} else if (process.env["CI"]) {
  it("has the real payloads", () => expect.unreachable("../shared/payloads is missing"));
} else {
  it.skip("real payloads — SKIPPED: ../shared/payloads is missing", () => undefined);
}

interface Place {
  readonly _index: string;
  readonly _id: string;
  readonly _source: JsonObject;
}

function testPayloads(engine: Engine): void {
  let server: SearchEngine;
  /** Alerts by the key of the event that opened them. */
  let alerts: ReadonlyMap<string | null, AlertDetail>;
  let actions: ReadonlyMap<string | null, AlertDetail>;

  beforeAll(async () => {
    server = await startSearchEngine(engine);
    const lab = openLab(server.url);
    for (const [index, alias] of Object.entries(INDICES))
      await lab.createIndex(index, { aliases: { [alias]: {} } });
    const since = "start_time: '2015-01-01T00:00:00Z'";
    await fill(lab, DOCUMENTS);
    alerts = await read(`kind: elastic-alerts, from: [security, signals], ${since}`, DOCUMENTS);
    await fill(lab, ACTIONS);
    actions = await read(`kind: elastic-actions, ${since}`, ACTIONS);
  }, START_TIMEOUT);
  afterAll(() => server?.stop());

  /** Lets Tocsin read all there is for a source; nothing may be lost or doubled. */
  async function read(source: string, files: readonly string[]) {
    const rig = openRig(server.url, source);
    try {
      await rig.start();
      const wanted = files.flatMap((file) => goldensOf(file).map((golden) => idOf(file, golden)));
      // The comparison does not look back for years.
      await expectExactly(rig, wanted, { found: 0 });
      const ledger = openLedger(rig.paths);
      const { items } = await ledger.listAlerts({ limit: 500 });
      const details = await Promise.all(items.map(({ id }) => ledger.getAlert(id)));
      ledger.close();
      return new Map(details.map((alert) => [alert.events[0]?.key ?? null, alert]));
    } finally {
      await rig.dispose();
    }
  }

  describe("alerts of an index", () => {
    it.each(DOCUMENTS)("has %s", (file) => {
      for (const golden of goldensOf(file)) {
        const { _index, _id } = placeOf(file);
        check(alerts.get(golden.key ?? `es:${_index}/${_id}`), golden);
      }
    });

    it("has no other", () => expect(alerts.size).toBe(DOCUMENTS.length));
  });

  describe("alerts of the action index", () => {
    it("has those of what the rule found", () => {
      for (const golden of goldensOf(ACTION)) check(actions.get(golden.key), golden);
    });

    it("has none of a rule that found nothing", () => expect(actions.size).toBe(2));
  });
}

function check(alert: AlertDetail | undefined, golden: GoldenEvent): void {
  checkAlert(alertContentSchema.parse(alert), golden);
}

async function fill(lab: Lab, files: readonly string[]): Promise<void> {
  for (const { _index, _id, _source } of files.map(placeOf))
    await lab.store(_index, { [_id]: _source });
}

/** Where a document stands. What came without its place is told by the name of its file. */
function placeOf(file: string): Place {
  const body = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as JsonObject;
  const [hit] = (hitsOf(body) ?? [body]) as readonly (JsonObject & Partial<Place>)[];
  const { _source, _id = file, _index = indexOf(file) } = hit ?? expect.unreachable(file);
  return { _index, _id, _source: _source ?? body };
}

const indexOf = (file: string) => (ACTIONS.includes(file) ? "siem-alert-000001" : ALERTS);

function goldensOf(file: string): readonly GoldenEvent[] {
  return GOLDENS[file]?.events ?? [];
}

/** The id at the vendor: that of the alert or the document that a key names. */
function idOf(file: string, { key }: GoldenEvent): string {
  if (key === null) return placeOf(file)._id;
  return /^(?:kibana\.alert\.uuid:|es:[^/]+\/)([^#]+)/.exec(key)?.[1] ?? expect.unreachable(key);
}
