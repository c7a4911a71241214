/** What a cluster is told about the documents: how they are mapped, and when a stream begins a new index. */
import type { Target } from "./target.ts";

/** Raised with each change, so that an older one is recognised. */
export const VERSION = 1;
export const OWNER = "tocsin";
/** One for all streams: whoever wants another writes it into this one, or names theirs in the template. */
export const POLICY_NAME = "tocsin-alerts";
/** Above the templates that come with the cluster (100) and with integrations (200). */
const PRIORITY = 250;
/** Characters; longer values stay in the document and are not indexed. */
const LONGEST_KEYWORD = 1024;
/** As many characters as Lucene takes at four bytes each. */
const LONGEST_VALUE = 8191;

const date = { type: "date" };
const ip = { type: "ip" };
const text = { type: "text" };
const long = { type: "long" };
const keyword = { type: "keyword", ignore_above: LONGEST_KEYWORD };
const value = { type: "keyword", ignore_above: LONGEST_VALUE };
const of = <T>(properties: T) => ({ properties });

/** Types as in ECS, without those that OpenSearch does not have. All other texts become keywords. */
const MAPPINGS = {
  date_detection: false,
  dynamic_templates: [{ texts: { match_mapping_type: "string", mapping: keyword } }],
  properties: {
    "@timestamp": date,
    message: text,
    event: of({
      severity: long,
      risk_score: { type: "float" },
      created: date,
      ingested: date,
      reason: value,
    }),
    source: of({ ip }),
    destination: of({ ip }),
    related: of({ ip }),
    url: of({ full: value }),
    process: of({ command_line: { ...value, fields: { text } } }),
    tocsin: of({
      description: text,
      note: text,
      count: long,
      artifact_count: long,
      first_seen: date,
      last_seen: date,
      status_changed_at: date,
      artifacts: of({ value }),
      digest: of({ total: long }),
      case: of({ alert_count: long }),
    }),
  },
};

/** The name under which the index template of a target is kept. */
export function templateName({ name }: Target): string {
  return `${OWNER}-${name}`;
}

/** The index template of a target; `policy` where the cluster has lifecycle policies. */
export function indexTemplate({ name, isStream }: Target, policy: boolean) {
  const rollsOver = isStream && policy;
  return {
    index_patterns: [name],
    priority: PRIORITY,
    ...(isStream && { data_stream: {} }),
    template: {
      ...(rollsOver && { settings: { "index.lifecycle.name": POLICY_NAME } }),
      mappings: MAPPINGS,
    },
    _meta: { managed_by: OWNER, version: VERSION },
  };
}

/** Begins a new index once a month or at 50 GB. Deletes nothing: how long alerts are kept is not ours to say. */
export const LIFECYCLE_POLICY = {
  policy: { phases: { hot: { actions: { rollover: { max_age: "30d", max_size: "50gb" } } } } },
};
