/**
 * Bodies that vendors really send (or document), against what each says about itself. The table is
 * written by reading the bodies and the vendors' documentation, not by recording results.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { alertContentSchema, type AlertContent, type Attack } from "../alert/schema.ts";
import { alertmanagerSource } from "./alertmanager/index.ts";
import { elastalertSource } from "./elastalert/index.ts";
import { genericSource } from "./generic/index.ts";
import { grafanaSource } from "./grafana/index.ts";
import { sentinelSource } from "./sentinel/index.ts";
import type { JsonValue, SourceDefinition } from "./source.ts";
import { splunkSource } from "./splunk/index.ts";
import { supernaSource } from "./superna/index.ts";
import { wazuhSource } from "./wazuh/index.ts";

const folder = fileURLToPath(new URL("../../../shared/payloads/", import.meta.url));
const present = existsSync(folder);

interface Row {
  readonly file: string;
  readonly stream: string;
  readonly key: string | RegExp | null;
  readonly subject?: string;
  readonly alert: Partial<AlertContent>;
  /** `type value role` */
  readonly artifacts: readonly string[];
  /** `TA0001` or `T1110` or `T1110.001` */
  readonly attack?: readonly string[];
  readonly flags?: readonly (string | RegExp)[];
}

const splunkRows: readonly Row[] = [
  {
    file: "splunk-webhook-anomalous-transfer.json",
    stream: "Anomalous Outbound Data Transfer Detected",
    key: /^splunk:scheduler__admin__search__RMD5a3b7c9d1e2f4__at_1709305200_42\/[0-9a-f]{64}$/,
    alert: {
      title: "Anomalous Outbound Data Transfer Detected",
      reason: "Data Exfiltration - Anomalous Volume",
      severity: "high",
      severity_original: "high",
      risk_score: 82,
      event_time: "2024-03-01T15:00:00.000Z",
      detected_at: "2024-03-01T15:00:00.000Z",
      tags: ["network", "exfiltration", "anomaly"],
    },
    artifacts: [
      "account svc_backup related",
      "domain suspicious-cloud-sync.com related",
      "hostname fileserver03 source",
      "hostname pa-5260-edge01 related",
      "ip 10.0.0.1 related",
      "ip 10.0.8.55 source",
      "ip 45.33.32.156 destination",
      "port 443 destination",
      "url https://suspicious-cloud-sync.com/api/v2/upload related",
    ],
    attack: ["T1048.001", "TA0010"],
  },
  {
    file: "splunk-webhook-doc-mongod.json",
    stream: "Splunk search scheduler_admin_search_W2_at_14232356_132",
    key: /^splunk:scheduler_admin_search_W2_at_14232356_132\/[0-9a-f]{64}$/,
    alert: {
      title: "Splunk search scheduler_admin_search_W2_at_14232356_132",
      severity: "unknown",
      severity_original: null,
      event_time: null,
      detected_at: null,
    },
    artifacts: [],
  },
  {
    file: "splunk-webhook-eda-winevent.json",
    stream: "Workstation Power-On Detection",
    key: /^splunk:scheduler_admin_search_test_123\/[0-9a-f]{64}$/,
    alert: {
      title: "Workstation Power-On Detection",
      reason: "The Event Log service was started.",
      severity: "unknown",
      event_time: "2026-03-13T13:00:00.000Z",
      detected_at: null,
    },
    artifacts: ["hostname workstation01 related"],
  },
  {
    file: "splunk-webhook-es-notable-calseta.json",
    stream: "Brute Force Login Attempt",
    key: "splunk:1705312200.12345",
    alert: {
      title: "Brute Force Login Attempt",
      description: "More than 10 failed logins from a single IP in 5 minutes",
      reason: "Brute Force Attack Detected",
      severity: "high",
      severity_original: "high",
      status: "new",
      event_time: "2024-01-15T09:50:00.000Z",
      detected_at: "2024-01-15T09:50:00.000Z",
      external: {
        id: "1705312200.12345",
        url: "https://splunk.corp.com/app/SplunkEnterpriseSecuritySuite/incidents",
      },
    },
    artifacts: [
      "account admin related",
      "domain corp.example.com related",
      "ip 10.0.0.99 source",
      "ip 192.168.1.10 destination",
      // 63 digits: one is missing, so it is no SHA-256.
      "other b94f6f125c79e3a5ffaa826f584c10d52ada669e6762051b826b55776d05a8a related",
    ],
    attack: ["T1110.001"],
    flags: [/^sha256: /],
  },
  {
    file: "splunk-webhook-real-checkout.json",
    stream: "checkout-service error rate > 5%",
    key: /^splunk:scheduler_cnVzaGliaG9zYWxlODRAZ21haWwuY29t__search__RMD5889505bb58ab6026_at_1781322300_379\/[0-9a-f]{64}$/,
    alert: {
      title: "checkout-service error rate > 5%",
      severity: "unknown",
      event_time: null,
      detected_at: "2026-06-13T03:45:00.000Z",
    },
    artifacts: [],
  },
  {
    file: "splunk-webhook-real-pagerduty-details.json",
    stream: "Pagerduty page test",
    key: /^splunk:scheduler__admin__search__RMD5afe10cbbfdadda93_at_1581119940_87\/[0-9a-f]{64}$/,
    alert: {
      title: "Pagerduty page test",
      severity: "unknown",
      event_time: null,
      detected_at: "2020-02-07T23:59:00.000Z",
    },
    artifacts: [],
  },
];

const supernaRows: readonly Row[] = [
  {
    file: "superna-zero-trust-webhook.SYNTHETIC.json",
    stream: "Ransomware Defender ISILON_CLUSTER",
    key: "superna:desk:61_1:LOCKED_OUT:CRITICAL",
    subject: "superna:desk:61_1",
    alert: {
      title: "Ransomware Defender event: jdoe@corp.example.test on prod-isilon-01",
      reason: "state LOCKED_OUT, protocol SMB2, 137 files",
      severity: "critical",
      severity_original: "CRITICAL",
      status: "new",
      event_time: "2026-02-11T09:31:07.000Z",
      detected_at: "2026-02-11T09:31:07.000Z",
      external: { id: "61_1", url: null },
      tags: ["LOCKED_OUT"],
    },
    artifacts: [
      "account jdoe@corp.example.test actor",
      "file_path \\\\prod\\finance\\q4.xlsx.locked target",
      "hostname prod-isilon-01 target",
      "ip 10.20.30.41 source",
      "sid S-1-5-21-1111111111-2222222222-3333333333-1104 actor",
    ],
  },
  {
    file: "superna-elastic-event-as-indexed.SYNTHETIC.json",
    stream: "Ransomware Defender",
    key: null,
    alert: {
      severity: "critical",
      severity_original: "CRITICAL",
      event_time: "2026-02-11T09:31:07.000Z",
      external: { id: null, url: "https://eyeglass.example.test/" },
      tags: ["LOCKED_OUT"],
    },
    artifacts: [
      "file_path /ifs/data/finance/q4.xlsx.locked target",
      "ip 10.20.30.41 source",
      "sid S-1-5-21-1111111111-2222222222-3333333333-1104 actor",
    ],
  },
  {
    // The vendor's API example: every value is the word "string".
    file: "superna-rswevent-api-shape.json",
    stream: "Ransomware Defender ISILON_CLUSTER",
    key: null,
    alert: { severity: "unknown", severity_original: "string", event_time: null },
    artifacts: ["account string actor"],
    flags: [/^severity: /],
  },
];

const sentinelRows: readonly Row[] = [
  {
    file: "sentinel-incident-bruteforce-tor.json",
    stream: "Brute force sign-in attempts from TOR network detected",
    key: "sentinel:desk:f47ac10b-58cc-4372-a567-0e02b2c3d479",
    alert: {
      title: "Brute force sign-in attempts from TOR network detected",
      severity: "high",
      severity_original: "High",
      status: "new",
      status_changed_at: null,
      verdict: null,
      event_time: "2026-03-01T14:23:11.000Z",
      detected_at: "2026-03-01T14:39:02.000Z",
      external: {
        id: "f47ac10b-58cc-4372-a567-0e02b2c3d479",
        url: "https://portal.azure.com/#blade/Microsoft_Azure_Security_Insights/IncidentBlade/incidentId/f47ac10b-58cc-4372-a567-0e02b2c3d479",
      },
      tags: ["TOR", "BruteForce", "IdentityThreat"],
    },
    artifacts: [
      "account j.martinez@contoso.com related",
      "hostname aad-signin-svc.contoso.com related",
      "ip 185.220.101.34 related",
    ],
    // Two tactics: which one the technique serves is not said.
    attack: ["T1110.001", "TA0001", "TA0006"],
  },
  {
    file: "sentinel-incident-calseta-1.json",
    stream: "Suspicious PowerShell Execution on WORKSTATION-01",
    key: "sentinel:desk:incident-uuid-001",
    alert: {
      severity: "high",
      status: "new",
      event_time: "2024-01-15T10:29:50.000Z",
      detected_at: "2024-01-15T10:35:00.000Z",
      source: {
        name: "desk",
        kind: "sentinel",
        vendor: "Microsoft",
        product: "Microsoft Sentinel",
        space: "ws-prod",
      },
      tags: ["powershell", "endpoint"],
    },
    artifacts: [
      "account jdoe@corp.com related",
      "hostname workstation-01.corp.com related",
      "ip 10.0.0.55 related",
      "ip 185.220.101.32 related",
      "md5 d41d8cd98f00b204e9800998ecf8427e related",
      "sha256 a1b2c3d4e5f6789012345678901234567890abcdef1234567890abcdef123456 related",
    ],
    attack: ["TA0002", "TA0005"],
  },
  {
    file: "sentinel-incident-impossible-travel.json",
    stream: "Impossible travel activity detected for user r.chen@contoso.com",
    key: "sentinel:desk:b23c45d6-7e89-4f0a-b1c2-d34567890123",
    alert: {
      severity: "high",
      event_time: "2026-03-01T09:15:22.000Z",
      detected_at: "2026-03-01T09:48:01.000Z",
    },
    artifacts: [
      "account r.chen@contoso.com related",
      "hostname rchen-laptop.contoso.com related",
      "ip 203.0.113.25 related",
      "ip 91.234.56.78 related",
      "url https://portal.azure.com related",
    ],
    attack: ["T1078.004"],
  },
];

const wazuhRows: readonly Row[] = [
  {
    file: "wazuh-alert-minimal.json",
    stream: "Multiple failed SSH login attempts",
    key: "wazuh:desk:-/1234567890.1",
    alert: {
      title: "Multiple failed SSH login attempts",
      severity: "medium",
      severity_original: "10",
      event_time: "2024-03-15T14:23:45.123Z",
    },
    artifacts: [
      "account admin target",
      "hostname web-server-01 target",
      "ip 185.220.101.45 source",
    ],
  },
  {
    file: "wazuh-alert-pam-bruteforce.json",
    stream: "Wazuh rule 5551",
    key: "wazuh:desk:soc-server/1769362526.164976",
    alert: {
      title: "PAM: Multiple failed logins in a small period of time.",
      severity: "medium",
      event_time: "2026-01-25T17:35:26.126Z",
      detected_at: "2026-01-25T17:35:26.126Z",
      attack: [
        {
          tactic: { id: "TA0006", name: "Credential Access" },
          technique: { id: "T1110", name: "Brute Force" },
          subtechnique: null,
        },
      ],
      tags: ["pam", "syslog", "authentication_failures"],
    },
    artifacts: ["hostname soc-ssh-target target", "ip 192.168.56.20 target"],
    attack: ["T1110"],
  },
  {
    file: "wazuh-keep-custom-integration.json",
    stream: "Wazuh rule 2902",
    key: null,
    alert: {
      title: "New dpkg (Debian Package) installed.",
      severity: "informational",
      severity_original: "info",
      event_time: "2025-02-03T20:41:42.853Z",
    },
    artifacts: ["hostname test target"],
  },
];

const DOWN_8081: Omit<Row, "file" | "key"> = {
  stream: "InstanceDown",
  alert: {
    title: "Instance localhost:8081 down",
    description: "localhost:8081 of job node has been down for more than 1 minute.",
    severity: "critical",
    severity_original: "critical",
    status: "new",
    event_time: "2023-06-12T08:24:38.326Z",
    reason: null,
    tags: ["job=node", "group=production", "instance=localhost:8081"],
  },
  artifacts: ["hostname localhost target"],
};
const DOWN_8082: typeof DOWN_8081 = {
  ...DOWN_8081,
  alert: {
    title: "Instance localhost:8082 down",
    severity: "critical",
    tags: ["job=node", "group=canary", "instance=localhost:8082"],
  },
};

const alertmanagerRows: readonly Row[] = [
  {
    file: "alertmanager-webhook-v4-legacy.json",
    stream: "TestAlert",
    key: /^alertmanager:desk:[0-9a-f]{64}\/2018-12-25T15:47:47\.377363608Z$/,
    alert: {
      title: "TestAlert",
      description: "This alert was sent by user for demonstration purposes",
      severity: "critical",
      status: "new",
      event_time: "2018-12-25T15:47:47.377Z",
      external: { id: null, url: null },
      tags: ["region=eu-1"],
    },
    artifacts: [],
  },
  {
    file: "alertmanager-webhook-v4-two-firing.json",
    ...DOWN_8081,
    key: "alertmanager:desk:f404ecabc8dd5cd7/2023-06-12T08:24:38.326Z",
  },
  {
    file: "alertmanager-webhook-v4-two-firing.json",
    ...DOWN_8082,
    key: "alertmanager:desk:f8f08d4e32c61a9d/2023-06-12T08:24:38.326Z",
  },
];

const grafanaRows: readonly Row[] = [
  {
    file: "grafana-alerting-webhook.json",
    ...DOWN_8081,
    key: "grafana:desk:f404ecabc8dd5cd7/2023-06-12T08:24:38.326Z",
  },
  {
    file: "grafana-alerting-webhook.json",
    ...DOWN_8082,
    key: "grafana:desk:f8f08d4e32c61a9d/2023-06-12T08:24:38.326Z",
  },
  {
    file: "grafana-alerting-webhook.json",
    ...DOWN_8081,
    key: "grafana:desk:39f38c0611ee7abd/2023-06-12T08:24:38.326Z",
    alert: { title: "Instance localhost:8083 down", severity: "critical" },
  },
  {
    file: "grafana-legacy-webhook.json",
    stream: "TestAlert",
    key: /^grafana:desk:[0-9a-f]{64}\/2018-12-25T15:47:47\.377363608Z$/,
    alert: {
      title: "TestAlert",
      severity: "unknown",
      severity_original: null,
      event_time: "2018-12-25T15:47:47.377Z",
    },
    artifacts: [],
  },
];

const elastalertRows: readonly Row[] = [
  {
    file: "elastalert-post.json",
    stream: "desk",
    key: null,
    alert: {
      title: "This alert was sent by user for demonstration purposes",
      severity: "unknown",
      event_time: null,
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
    },
    artifacts: [],
  },
];

/** Bodies of other vendors, read with no configuration at all. */
const genericRows: readonly (readonly [string, Partial<AlertContent>[]])[] = [
  [
    "alertmanager-webhook-v4-legacy.json",
    [
      {
        title: "TestAlert",
        severity: "critical",
        status: "new",
        event_time: "2018-12-25T15:47:47.377Z",
      },
    ],
  ],
  ["alertmanager-webhook-v4-two-firing.json", [{ title: "InstanceDown", severity: "critical" }]],
  [
    "asp-raw-alert-aws-iam-privilege-escalation-attach-user-policy.json",
    [
      {
        title: "CloudTrail event: AttachUserPolicy from admin-cli",
        severity: "medium",
        risk_score: 80,
        event_time: "2026-04-16T03:01:39.950Z",
      },
    ],
  ],
  [
    "asp-raw-alert-mail-user-report-phishing.json",
    [{ title: "Invoice 2025-11-05 from Freelancer Inc.", severity: "unknown" }],
  ],
  ["cloudwatch-webhook-keep.json", [{ title: "HighCPUUsage", severity: "medium" }]],
  [
    "datadog-webhook-keep.json",
    [
      {
        title: "High CPU Usage",
        severity: "medium",
        severity_original: "P3",
        tags: ["environment:production", "team:backend"],
      },
    ],
  ],
  [
    "elastalert-post.json",
    [{ title: "This alert was sent by user for demonstration purposes", severity: "unknown" }],
  ],
  ["grafana-alerting-webhook.json", [{ title: "InstanceDown", severity: "critical" }]],
  ["grafana-legacy-webhook.json", [{ title: "TestAlert", severity: "unknown" }]],
  [
    "graylog-webhook-keep.json",
    [{ title: "Event - 1", event_time: "2024-10-24T10:22:04.556Z", severity_original: "3" }],
  ],
  [
    "kapacitor-webhook.json",
    [
      {
        title: "This alert was sent by user for demonstration purposes",
        external: { id: "TestAlert", url: null },
      },
    ],
  ],
  [
    "libre-nms-webhook-keep.json",
    [
      {
        title: "Device 10.10.1.147 recovered from Devices up/down",
        severity: "informational",
        event_time: "2025-03-04T11:01:41.000Z",
      },
    ],
  ],
  [
    "sentinel-incident-bruteforce-tor.json",
    [
      {
        title: "Brute force sign-in attempts from TOR network detected",
        severity: "high",
        status: "new",
        tags: ["TOR", "BruteForce", "IdentityThreat"],
      },
    ],
  ],
  [
    "sentinel-incident-calseta-1.json",
    [
      {
        title: "Suspicious PowerShell Execution on WORKSTATION-01",
        severity: "high",
        event_time: "2024-01-15T10:29:50.000Z",
        detected_at: "2024-01-15T10:35:00.000Z",
      },
    ],
  ],
  [
    "sentinel-incident-impossible-travel.json",
    [
      {
        title: "Impossible travel activity detected for user r.chen@contoso.com",
        severity: "high",
        event_time: "2026-03-01T09:15:22.000Z",
      },
    ],
  ],
  [
    "sentry-webhook-keep.json",
    [
      {
        title: "Failed to fetch user profile",
        severity: "high",
        event_time: "2024-03-09T13:34:45.873Z",
      },
    ],
  ],
  [
    "thehive-alert-v0-elastalert2.json",
    [{ title: "test-thehive", severity_original: "2", event_time: "2021-05-09T14:43:30.000Z" }],
  ],
  [
    "thehive-alert-v0-scala-test.json",
    [{ title: "alert title (create alert test)", tags: ["tag1", "tag2"] }],
  ],
  [
    "thehive-alert-v1-functions-example.json",
    [{ title: "Brute force attack detected", external: { id: "3432", url: null } }],
  ],
  ["thehive-alert-v1-openapi-minimal.json", [{ title: "alert title" }]],
  ["thehive-alert-v1-thehive4py-advanced.json", [{ title: "an advanced alert" }]],
  [
    "thehive-error-duplicate.json",
    [{ title: "Alert test:alert_creation_test:#1 already exist in organisation cert" }],
  ],
  ["thehive-internal-alert-records.json", [{ title: "alert#1" }, { title: "alert#2" }]],
  [
    "wazuh-alert-minimal.json",
    [
      {
        title: "Multiple failed SSH login attempts",
        // A Wazuh level; only a severity map can say what it means.
        severity: "unknown",
        severity_original: "10",
        event_time: "2024-03-15T14:23:45.123Z",
      },
    ],
  ],
  [
    "wazuh-alert-pam-bruteforce.json",
    [
      {
        title: "PAM: Multiple failed logins in a small period of time.",
        event_time: "2026-01-25T17:35:26.126Z",
        tags: ["pam", "syslog", "authentication_failures"],
      },
    ],
  ],
  [
    "wazuh-keep-custom-integration.json",
    [
      {
        title: "New dpkg (Debian Package) installed.",
        severity: "informational",
        event_time: "2025-02-03T20:41:42.853Z",
      },
    ],
  ],
  [
    "zabbix-webhook.json",
    [{ title: "TestAlert: The whole system is down", severity: "unknown", status: "new" }],
  ],
];

if (!present) {
  it.skipIf(!process.env["CI"])(
    `SKIPPED: the folder of real payloads is missing (${folder})`,
    () => {
      expect(present, `${folder} must be there in CI`).toBe(true);
    },
  );
}

describe.runIf(present)("real Splunk bodies", () => {
  it.each(splunkRows)("$file", (row) => checkRow(splunkSource, row));
});

describe.runIf(present)("real Superna bodies", () => {
  it.each(supernaRows)("$file", (row) => checkRow(supernaSource, row));
});

/** Sources of which one body may hold several alerts: the rows of a file are all of them, in order. */
describe.runIf(present)("real bodies", () => {
  const of = <Config>(source: SourceDefinition<Config>, rows: readonly Row[]) => {
    const files = [...new Set(rows.map(({ file }) => file))];
    it.each(files)("%s", (file) => checkRows(source, file, rows));
  };
  of(sentinelSource, sentinelRows);
  of(wazuhSource, wazuhRows);
  of(alertmanagerSource, alertmanagerRows);
  of(grafanaSource, grafanaRows);
  of(elastalertSource, elastalertRows);
});

describe.runIf(present)("other vendors' bodies without a configuration", () => {
  it.each(genericRows)("%s", (file, expected) => {
    const results = run(genericSource, file);
    expect(results).toHaveLength(expected.length);
    results.forEach(({ alert }, index) => {
      expect(alert).toMatchObject(expected[index] ?? {});
      expect(() => alertContentSchema.parse(alert)).not.toThrow();
    });
  });
});

function checkRow<Config>(source: SourceDefinition<Config>, row: Row): void {
  checkRows(source, row.file, [row]);
}

function checkRows<Config>(
  source: SourceDefinition<Config>,
  file: string,
  rows: readonly Row[],
): void {
  const results = run(source, file);
  const expected = rows.filter((row) => row.file === file);
  expect(results).toHaveLength(expected.length);
  results.forEach((result, index) => checkResult(result, expected[index]!));
}

function checkResult(result: ReturnType<typeof run>[number], row: Row): void {
  const { event, alert, subject } = result;
  expect(event.stream).toBe(row.stream);
  if (row.key instanceof RegExp) expect(event.key).toMatch(row.key);
  else expect(event.key).toBe(row.key);
  expect(subject).toBe(row.subject);
  expect(alert).toMatchObject(row.alert);
  const artifacts = alert.artifacts.map(({ type, value, role }) => `${type} ${value} ${role}`);
  expect(artifacts.toSorted()).toEqual(row.artifacts);
  expect(alert.attack.map(idOf).toSorted()).toEqual(row.attack ?? []);
  const flags = (row.flags ?? []).map((flag): unknown => expect.stringMatching(flag));
  expect(alert.provenance.flags).toEqual(flags);
  expect(() => alertContentSchema.parse(alert)).not.toThrow();
}

function idOf({ tactic, technique, subtechnique }: Attack): string {
  return (subtechnique ?? technique ?? tactic)?.id ?? "";
}

function run<Config>(source: SourceDefinition<Config>, file: string) {
  const body = JSON.parse(readFileSync(`${folder}${file}`, "utf8")) as JsonValue;
  const config = source.config.parse({});
  return (Array.isArray(body) ? body : [body]).flatMap((document) => {
    const { events, rejected } = source.decode(document, { config, name: "desk" });
    expect(rejected).toEqual([]);
    return events.map((event) => {
      const sourceEvent = { ...event, received_at: 0, repaired: [] };
      const context = { config, name: "desk", kind: source.kind };
      return { event, ...source.normalise(sourceEvent, context) };
    });
  });
}
