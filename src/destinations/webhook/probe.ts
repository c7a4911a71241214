/** An alert whose every free text would break JSON it is pasted into. */
import type { Alert } from "../../alert/schema.ts";
import type { Digest, Message } from "../destination.ts";

const TIME = "2026-01-01T00:00:00.000Z";
const TEXT = 'quote " backslash \\ break \n end';
const PART = { id: TEXT, name: TEXT };

const ALERT: Alert = {
  id: "01KDVVNM000000000000000000",
  number: "ALR-000001",
  key: TEXT,
  source: { name: TEXT, kind: TEXT, vendor: TEXT, product: TEXT, space: TEXT },
  external: { id: TEXT, url: TEXT },
  title: TEXT,
  description: TEXT,
  reason: TEXT,
  severity: "high",
  severity_original: TEXT,
  risk_score: 50,
  status: "new",
  status_changed_at: TIME,
  verdict: TEXT,
  event_time: TIME,
  detected_at: TIME,
  received_at: TIME,
  rule: {
    id: TEXT,
    uuid: TEXT,
    name: TEXT,
    version: TEXT,
    tags: [TEXT],
    url: TEXT,
    note: TEXT,
    references: [TEXT],
  },
  attack: [{ tactic: PART, technique: PART, subtechnique: PART }],
  artifacts: [{ type: "other", value: TEXT, role: "related", field: TEXT, flag: TEXT }],
  entities: { hosts: [TEXT], users: [TEXT], ips: [TEXT] },
  tags: [TEXT],
  tlp: "amber",
  pap: "amber",
  fingerprint: TEXT,
  count: 1,
  first_seen: TIME,
  last_seen: TIME,
  case_id: TEXT,
  follows: TEXT,
  parts: [TEXT],
  provenance: { repaired: [TEXT], flags: [TEXT] },
};

const TALLY = { name: TEXT, count: 1 };

const DIGEST: Digest = {
  reason: "group_digest",
  cause: TEXT,
  total: 1,
  severity: "high",
  rules: [TALLY],
  hosts: [TALLY],
  alerts: [ALERT],
};

const PROBE: Message = {
  kind: "alert",
  alert: ALERT,
  digest: null,
  case: {
    id: TEXT,
    title: TEXT,
    status: TEXT,
    severity: "high",
    owner: TEXT,
    alert_count: 1,
    link: TEXT,
  },
  key: "probe",
  thread: null,
  memory: null,
  link: TEXT,
  test: true,
};

/** One alert, and a digest: a template may write them in different places. */
export const PROBES: readonly Message[] = [PROBE, { ...PROBE, digest: DIGEST }];
