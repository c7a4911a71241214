/** What Kibana hands to the template of an action, by the kind of rule. Values are made up. */

const RULE = {
  id: "7c1f0a52",
  name: 'Logons that "never" happen',
  spaceId: "soc",
  tags: ["windows", "identity, on premises", "T1110"],
  url: "/app/management/insightsAndAlerting/triggersActions/rule/7c1f0a52",
};
const COMMON = {
  date: "2026-03-01T09:00:00.000Z",
  kibanaBaseUrl: "https://kibana.example.org",
  rule: RULE,
};

const hit = (id: string) => ({
  _index: ".ds-logs-auth-000003",
  _id: id,
  _score: 1,
  _source: {
    "@timestamp": "2026-03-01T08:59:58.000Z",
    "host.name": "web-01",
    source: { ip: "198.51.100.7" },
    user: { name: "lee" },
    message: 'failed for "lee" in C:\\temp',
  },
});

const alert = (uuid: string) => ({
  "@timestamp": "2026-03-01T08:59:59.000Z",
  kibana: {
    alert: {
      uuid,
      severity: "high",
      risk_score: 73,
      reason: 'logon of "lee"\non web-01',
      rule: { name: RULE.name, uuid: RULE.id, tags: RULE.tags },
    },
  },
  host: { name: "web-01" },
});

export const KIBANA_CONTEXTS = {
  query: {
    ...COMMON,
    alert: { id: "query matched", uuid: "a5c1", actionGroup: "query matched" },
    context: {
      message: "Rule matched 2 documents",
      link: "https://kibana.example.org/app/discover#/x",
      hits: [hit("a1"), hit("a2")],
    },
  },
  detection: {
    ...COMMON,
    context: {
      results_link: "https://kibana.example.org/app/security/detections",
      rule: { rule_id: "sig-1", severity: "high", risk_score: 73 },
      alerts: [alert("u1"), alert("u2")],
    },
  },
  summary: {
    ...COMMON,
    alerts: {
      new: { count: 1, data: [alert("u1")] },
      ongoing: { count: 1, data: [alert("u2")] },
      recovered: { count: 3, data: [alert("u3")] },
    },
  },
} as const;
