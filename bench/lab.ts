/** A real search engine on this machine, and the alerts in it that feeds are measured with. */
import type { Engine } from "../test/servers/distribution.ts";
import { missingFor, startSearchEngine } from "../test/servers/search-engine.ts";
import { createAlert } from "./alerts.ts";

const ENGINE: Engine = { flavour: "elasticsearch", version: "7.17.29" };
/** Documents of one request that fills an index. */
const AT_ONCE = 1000;
const RULES = 40;
/** One run of a rule raises so many alerts, all of one time. */
const BURST = 20;
const SEVERITIES = ["low", "medium", "high", "critical"] as const;

/** As Kibana maps its alerts: texts are keywords, and only these are dates and numbers. */
const MAPPINGS = {
  date_detection: false,
  dynamic_templates: [
    { texts: { match_mapping_type: "string", mapping: { type: "keyword", ignore_above: 1024 } } },
  ],
  properties: {
    "@timestamp": { type: "date" },
    "kibana.alert.start": { type: "date" },
    "kibana.alert.original_time": { type: "date" },
    "kibana.alert.last_detected": { type: "date" },
    "kibana.alert.workflow_status_updated_at": { type: "date" },
    "kibana.alert.suppression.docs_count": { type: "long" },
    "kibana.alert.rule.parameters": { type: "object", enabled: false },
  },
};

/** Times are epoch milliseconds. */
export interface Lab {
  readonly url: string;
  createIndex(name: string): Promise<void>;
  /** Stores so many alerts, evenly from one time to another; they can be found when it resolves. */
  fill(index: string, alerts: number, times: { from: number; until: number }): Promise<void>;
  /** Stores one alert of now; answers its key in the product once the engine has it. */
  add(index: string, n: number): Promise<string>;
  /** Has a name lead to an index, or no longer. */
  setAlias(alias: string, index: string, isSet: boolean): Promise<void>;
}

/** Why there can be none here; undefined when there can. */
export function missingForLab(): string | undefined {
  return missingFor(ENGINE);
}

export async function withLab<T>(work: (lab: Lab) => Promise<T>): Promise<T> {
  const engine = await startSearchEngine(ENGINE);
  try {
    return await work(openLab(engine.url));
  } finally {
    await engine.stop();
  }
}

function openLab(url: string): Lab {
  const ask = async (method: string, path: string, body?: string) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(url + path, { method, headers, body: body ?? null });
    const text = await answer.text();
    if (!answer.ok || text.includes('"errors":true')) throw new RangeError(text.slice(0, 1000));
  };
  return {
    url,
    async createIndex(name) {
      // Without a wish of its own an index that nobody searches is not refreshed.
      const settings = { number_of_shards: 1, number_of_replicas: 0, refresh_interval: "1s" };
      await ask("PUT", `/${name}`, JSON.stringify({ settings, mappings: MAPPINGS }));
    },
    async fill(index, alerts, { from, until }) {
      const step = (until - from) / alerts;
      for (let n = 0; n < alerts; n += AT_ONCE) {
        const some = Array.from({ length: Math.min(AT_ONCE, alerts - n) }, (_, at) => n + at);
        const lines = some.map((each) => {
          const time = from + Math.floor((each - (each % BURST)) * step);
          return `{"create":{"_id":"${each}"}}\n${alertOf(each, time).text}\n`;
        });
        await ask("POST", `/${index}/_bulk`, lines.join(""));
      }
      await ask("POST", `/${index}/_refresh`);
    },
    async add(index, n) {
      const { text, key } = alertOf(n, Date.now());
      await ask("PUT", `/${index}/_create/${n}`, text);
      return key;
    },
    async setAlias(alias, index, isSet) {
      const actions = [{ [isSet ? "add" : "remove"]: { alias, index } }];
      await ask("POST", "/_aliases", JSON.stringify({ actions }));
    },
  };
}

const buffer = createAlert();

/** The nth alert as the detection engine stores it, raised by one of several rules. */
function alertOf(n: number, time: number): { readonly text: string; readonly key: string } {
  buffer.become(n);
  const alert = JSON.parse(buffer.bytes.toString()) as Record<string, unknown>;
  const at = new Date(time).toISOString();
  const rule = Math.floor(n / BURST) % RULES;
  const text = JSON.stringify({
    ...alert,
    "@timestamp": at,
    "kibana.alert.start": at,
    "kibana.alert.rule.name": `Rule ${rule}`,
    "kibana.alert.rule.uuid": `4c9c7d53-8c9b-4d0e-9a4d-${String(rule).padStart(12, "0")}`,
    "kibana.alert.severity": SEVERITIES[rule % SEVERITIES.length],
  });
  return { text, key: `kibana.alert.uuid:${String(alert["kibana.alert.uuid"])}` };
}
