import type { AlertContent } from "./schema.ts";

/** A content in which nothing is known yet, for a source's `normalise` to fill in. */
export function emptyContent(source: AlertContent["source"]): AlertContent {
  return {
    source,
    external: { id: null, url: null },
    title: "",
    description: null,
    reason: null,
    severity: "unknown",
    severity_original: null,
    risk_score: null,
    status: "new",
    status_changed_at: null,
    verdict: null,
    event_time: null,
    detected_at: null,
    rule: {
      id: null,
      uuid: null,
      name: null,
      version: null,
      tags: [],
      url: null,
      note: null,
      references: [],
    },
    attack: [],
    artifacts: [],
    tags: [],
    tlp: null,
    pap: null,
    provenance: { repaired: [], flags: [] },
  };
}
