/** What the bodies in `../shared/payloads` must become, written by reading them. */
import type { Severity } from "../../alert/severity.ts";

export interface GoldenEvent {
  readonly stream: string;
  readonly key: string | null;
  readonly title: string;
  readonly severity: Severity;
  readonly risk_score: number | null;
  readonly event_time: string | null;
  readonly detected_at: string | null;
  /** `[id, uuid]` of the rule. */
  readonly rule: readonly [string | null, string | null];
  /** `tactic/technique/subtechnique`, all of them. */
  readonly attack?: readonly string[];
  /** `role type value`, the ones that matter. */
  readonly artifacts: readonly string[];
  readonly repaired?: readonly string[];
  readonly flags?: readonly string[];
}

export interface Golden {
  readonly events?: readonly GoldenEvent[];
  readonly empty?: string;
  readonly unreadable?: string;
}

const QUERY = {
  stream: "query-rule",
  title: "query-rule",
  severity: "low",
  risk_score: 21,
} as const;
const MATCH = { ...QUERY, stream: "threat-match-rule", title: "threat-match-rule" } as const;
const QUERY_RULE = [
  "83fef54f-2751-419a-844e-ce3e9605000c",
  "fd531ee0-a72e-11ec-bc9e-ed906a2c068e",
] as const;
const MATCH_RULE = [
  "53000028-120c-4e55-a8c0-db092e05aef4",
  "031d5c00-a72f-11ec-a8a3-7b1c8077fc3e",
] as const;
const LINUX_1 = ["target hostname security-linux-1", "target ip 11.200.0.194"] as const;
const LINUX_2 = ["target hostname security-linux-2", "target ip 11.200.0.195"] as const;
const LINUX_3 = ["target hostname security-linux-3", "target ip 11.200.0.196"] as const;

const MATCH_1: GoldenEvent = {
  ...MATCH,
  key: "kibana.alert.uuid:30a75fe46d3dbdfab55982036f77a8d60e2d1112e96f277c3b8c22f9bb57817a",
  event_time: "2022-03-19T02:47:57.376Z",
  detected_at: "2022-03-19T02:48:12.634Z",
  rule: MATCH_RULE,
  artifacts: LINUX_1,
};
const MATCH_2: GoldenEvent = {
  ...MATCH,
  key: "kibana.alert.uuid:500b032158474ac14dc532b49cccbf1be50f2e31cecc5504ed8d01722943aa3e",
  event_time: "2022-03-19T02:47:57.047Z",
  detected_at: "2022-03-19T02:48:12.637Z",
  rule: MATCH_RULE,
  artifacts: LINUX_3,
};
const QUERY_3: GoldenEvent = {
  ...QUERY,
  key: "kibana.alert.uuid:146eff6de5bfb6c98e9ffec98e05589c4efe29ce55245f0b2136ba0a699233e7",
  event_time: "2022-03-19T02:47:57.047Z",
  detected_at: "2022-03-19T02:48:03.561Z",
  rule: QUERY_RULE,
  artifacts: LINUX_3,
};
const QUERY_4: GoldenEvent = {
  ...QUERY,
  key: "kibana.alert.uuid:d7c0195e787bbafe32ae0389b26e1ac73d599f004ba3347bf1f2d76bdcc688a8",
  event_time: "2022-03-19T02:47:57.376Z",
  detected_at: "2022-03-19T02:48:03.563Z",
  rule: QUERY_RULE,
  artifacts: LINUX_1,
};
const QUERY_5: GoldenEvent = {
  ...QUERY,
  key: "kibana.alert.uuid:7e3f263e2ed4da3d88381cbe5460680b84e25973a584f17b76adfe2bb2aa703a",
  event_time: "2022-03-19T02:47:56.723Z",
  detected_at: "2022-03-19T02:48:03.558Z",
  rule: QUERY_RULE,
  artifacts: LINUX_2,
};

/** Sysmon fields no ingest pipeline has turned into ECS: everything is in `winlog.event_data`. */
const SYSMON: GoldenEvent = {
  stream: "Sysmon - Binary Execution from Windows Tasks",
  key: "kibana.alert.uuid:e583ae0bf38d3c8ae952485bda86f3607f9a8571ff3c09673365bbab23f02dde",
  title: "Sysmon - Binary Execution from Windows Tasks",
  severity: "high",
  risk_score: 73,
  event_time: "2026-03-23T15:05:39.309Z",
  detected_at: "2026-03-23T15:09:47.402Z",
  rule: ["fb8585fa-7191-4f86-99d1-169743c114fc", "8f430f4d-58cb-42df-a73b-3e740dc28bb8"],
  artifacts: [
    "target hostname dc01.lab2019.local",
    "actor account LAB2019\\Administrator",
    "actor file_path C:\\Windows\\SysWOW64\\ipconfig.exe",
    'actor command_line "C:\\Windows\\system32\\ipconfig.exe"',
    "parent file_path C:\\Windows\\Tasks\\CLMBypassa.exe",
    "actor md5 b8cb2dfca7379908b0605331a759af4c",
    "actor sha256 b0832dec07a4cb6228b7b392d6abafb79e9bf7327605ae3e86e1e617de7495a5",
  ],
};

/** The name an administrator gave the stack rule, with quotes and backslashes in it. */
const STACK_RULE = 'Sysmon - "Binary" Execution from C:\\Windows\\Tasks';
const SENT_AT = "2026-03-23T15:10:01.000Z";

const hits = (detected_at: string | null, repaired: readonly string[] = []): Golden => ({
  events: [
    {
      stream: STACK_RULE,
      key: `es:.ds-logs-demo-000001/abc1#${STACK_RULE}`,
      title: STACK_RULE,
      severity: "unknown",
      risk_score: null,
      event_time: "2026-03-23T15:05:39.309Z",
      detected_at,
      rule: [null, null],
      artifacts: ["target hostname web-01", "actor account alice"],
      repaired,
    },
    {
      stream: STACK_RULE,
      key: `es:.ds-logs-demo-000001/abc2#${STACK_RULE}`,
      title: STACK_RULE,
      severity: "unknown",
      risk_score: null,
      event_time: "2026-03-23T15:05:41.001Z",
      detected_at,
      rule: [null, null],
      // `{user:{keyword:"bob"}}` is what Kibana makes of `user` and `user.keyword`.
      artifacts: ["target hostname web-02", "actor account bob"],
      repaired,
    },
  ],
});

/** The same two alerts arrive in all detection-rule templates. */
const alerts = (changes: Partial<GoldenEvent>): Golden => ({
  events: [
    { ...SYSMON, ...changes },
    { ...MATCH_1, ...changes },
  ],
});

const SIGNAL_QUERY = [
  "1fcc46ae-7e1e-4002-a4e1-e456029cb7ec",
  "5b7cd9a0-aac9-11ec-bb53-fd375b7a173a",
] as const;
const SIGNAL_MATCH = [
  "bef9b0da-8c2f-4b82-930f-37ffa1b57fc1",
  "62f9a8c0-aac9-11ec-aa31-c9ea2cb79db7",
] as const;
const SIGNAL_INDEX = "es:.siem-signals-default-000001-7.16.0";

const emptySignal = (key: string): Golden => ({
  events: [
    {
      stream: "unknown",
      key,
      title: "Untitled alert",
      severity: "unknown",
      risk_score: null,
      event_time: null,
      detected_at: "2020-10-10T00:00:00.000Z",
      rule: [null, null],
      artifacts: [],
      flags: ["title: not found"],
    },
  ],
});

export const GOLDENS: Readonly<Record<string, Golden>> = {
  "kibana-alert-8.1-query-3.json": { events: [QUERY_3] },
  "kibana-alert-8.1-query-4.json": { events: [QUERY_4] },
  "kibana-alert-8.1-query-5.json": { events: [QUERY_5] },
  "kibana-alert-8.1-threat-match-1.json": { events: [MATCH_1] },
  "kibana-alert-8.1-threat-match-2.json": { events: [MATCH_2] },
  "kibana-alert-8.1-search-response.json": {
    events: [MATCH_1, MATCH_2, QUERY_3, QUERY_4, QUERY_5],
  },
  "kibana-alert-8.19-fields-api.json": { events: [SYSMON] },
  "kibana-alert-8.19-query-sysmon.json": { events: [SYSMON] },
  "kibana-alert-8.2-eql-geneve.json": {
    events: [
      {
        stream: "Linux Restricted Shell Breakout via awk Commands",
        key: "kibana.alert.uuid:ddedd6a6c4ea61648972971f5602f024e16dd3f3d1f190ba1d1746e46e5129cc",
        title: "Linux Restricted Shell Breakout via awk Commands",
        severity: "medium",
        risk_score: 47,
        event_time: "2022-12-23T10:36:43.160Z",
        detected_at: "2022-12-23T10:39:44.298Z",
        rule: ["10754992-28c7-4472-be5b-f3770fd04f2d", "c55330b0-82ad-11ed-93ff-3323f74f31a3"],
        artifacts: ["actor process bash", "parent process nawk"],
      },
    ],
  },
  "kibana-alert-8.3-endpoint-behavior.json": {
    events: [
      {
        stream: "Malicious Behavior Prevention Alert: Regsvr32 Scriptlet Execution",
        key: "kibana.alert.uuid:bbef4313d1ced5ff3c8558ebdd11a4dd7ea5df5df5bb391335f60845d361eba5",
        title: "Malicious Behavior Prevention Alert: Regsvr32 Scriptlet Execution",
        // The rule is medium/47; the alert overrides it.
        severity: "high",
        risk_score: 73,
        event_time: "2022-08-12T14:40:22.070Z",
        detected_at: "2022-08-12T14:45:36.171Z",
        rule: ["9a1a2dae-0b5f-4c3d-8305-a268d404c306", "499a4611-1a4b-11ed-bb53-ad8c26f4d942"],
        attack: ["TA0005/T1218/T1218.010"],
        artifacts: [
          "target hostname my-pc",
          "target ip 10.128.0.78",
          "actor account random-user",
          "actor sid S-1-5-21-3922267609-3102133550-311164941-1000",
          "actor process regsvr32.exe",
          "actor sha256 9f68f5fc21270a06bb934b5f3fa5aee2068a56a1260d4e7e4b48f2dca501b8c9",
          "parent process python.exe",
        ],
      },
    ],
  },
  "kibana-alert-9.0-eql-sequence-shell.json": {
    events: [
      {
        stream: "Multiple Logon Failure from the same Source Address",
        key: "es:.internal.alerts-security.alerts-default-000001/10da92e0b4351ac7b6a3460814f87d13204b7dad67818290dadffdbfff7482b1",
        title: "Multiple Logon Failure from the same Source Address",
        severity: "medium",
        risk_score: 47,
        event_time: "2025-06-02T07:08:52.956Z",
        detected_at: "2025-06-02T07:08:52.979Z",
        rule: ["48b6edfc-079d-4907-b43c-baffa243270d", "0945c418-c530-45ea-b998-02350c260c5b"],
        attack: ["TA0006/T1110/T1110.001", "TA0006/T1110/T1110.003"],
        artifacts: [
          "source ip 192.168.4.101",
          "source hostname workstation",
          "target hostname desktop-niu0ucp",
          "target ip fe80::1afa:fd11:68c3:3ffa",
          "target mac 08:00:27:e1:2a:68",
          "actor account denny",
          "actor sid S-1-0-0",
        ],
      },
    ],
  },
  "kibana-alert-flat-calseta-malware.json": {
    events: [
      {
        stream: "Known Malware Hash Detected on Endpoint",
        key: null,
        title: "Known Malware Hash Detected on Endpoint",
        severity: "critical",
        risk_score: 95,
        event_time: null,
        detected_at: "2026-03-01T16:42:18.000Z",
        rule: [null, "d8e5f6a7-b9c0-4d1e-a2f3-456789abcdef"],
        attack: ["TA0002/T1204/T1204.002"],
        artifacts: [
          "source ip 198.51.100.42",
          "target hostname workstation12.corp.acmeinc.com",
          "target mac 00:1a:2b:3c:4d:5e",
          "actor email admin@acmeinc.com",
          "target sha256 a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0c1d2e3f4a5b6c7d8e9f0a1b2",
          "parent process outlook.exe",
        ],
      },
    ],
  },
  "kibana-alert-flat-calseta-powershell.json": {
    events: [
      {
        stream: "Suspicious PowerShell Execution",
        key: "kibana.alert.uuid:alert-uuid-elastic-001",
        title: "Suspicious PowerShell Execution",
        severity: "high",
        risk_score: 73,
        event_time: null,
        detected_at: "2024-01-15T10:30:00.000Z",
        rule: [null, "rule-uuid-elastic-abc"],
        attack: ["T1059/T1059.001"],
        artifacts: [
          "source ip 10.0.0.55",
          "destination ip 185.220.101.32",
          "destination domain evil.example.com",
          "target domain c2-server.evil.com",
          "target url https://evil.example.com/payload/stage2.ps1",
          "actor account jdoe",
        ],
      },
    ],
  },
  "kibana-alert-flat-calseta-powershell2.json": {
    events: [
      {
        stream: "Suspicious PowerShell Execution with Encoded Command",
        key: null,
        title: "Suspicious PowerShell Execution with Encoded Command",
        severity: "high",
        risk_score: 87,
        event_time: null,
        detected_at: "2026-03-01T22:14:37.000Z",
        rule: [null, "a9b0c1d2-e3f4-5678-9abc-def012345678"],
        // Two tactics and two techniques side by side: nothing says which goes with which.
        attack: ["TA0002", "TA0005", "T1059/T1059.001", "T1027"],
        artifacts: [
          "destination ip 198.51.100.99",
          "target domain c2-relay.darkops.net",
          "actor account SYSTEM",
          "parent process cmd.exe",
        ],
      },
    ],
  },
  "kibana-index-esquery-hits-string.json": hits(SENT_AT),
  "kibana-webhook-esquery-hits-string.json": hits(SENT_AT),
  "kibana-webhook-esquery-hits-triple-unquoted.json": hits(null),
  "kibana-webhook-esquery-hits-double-unquoted.invalid.txt": hits(null, ["escaped_quotes"]),
  "kibana-webhook-esquery-hits-triple-quoted.invalid.txt": hits(null, ["quoted_json"]),
  "kibana-webhook-no-hits.json": { empty: "no_hits" },
  "kibana-webhook-context-missing.json": { empty: "no_hits" },
  "kibana-webhook-rule-name-triple.invalid.txt": {
    events: [
      {
        stream: STACK_RULE,
        key: null,
        title: STACK_RULE,
        severity: "unknown",
        risk_score: null,
        event_time: null,
        detected_at: null,
        rule: [null, null],
        artifacts: [],
        repaired: ["unescaped_quote", "invalid_escape"],
      },
    ],
  },
  "kibana-webhook-triple-quoted-strings.invalid.txt": {
    events: [
      {
        stream: "x",
        key: null,
        title: "x",
        severity: "unknown",
        risk_score: null,
        event_time: null,
        detected_at: null,
        rule: [null, null],
        artifacts: [],
        repaired: ["triple_quotes"],
      },
    ],
  },
  "kibana-webhook-template-error.txt": { unreadable: "template_error" },
  "kibana-webhook-security-alerts-asJSON.json": alerts({ stream: STACK_RULE }),
  "kibana-webhook-security-alerts-string.json": alerts({ stream: STACK_RULE, attack: ["T1218"] }),
  "kibana-webhook-security-alerts-concatenated.txt": alerts({}),
  "kibana-webhook-security-alerts-trailing-comma.invalid.txt": alerts({
    repaired: ["extra_comma"],
  }),
  "kibana-webhook-summary-new-data.json": alerts({}),
  "siem-signals-7.16-query-3.json": {
    events: [
      {
        ...QUERY,
        key: `${SIGNAL_INDEX}/337f39b1fb862a4c6910605b16e6b5b59623219e99dcb7d442cd334229ad3a7e`,
        event_time: "2022-03-23T16:50:31.654Z",
        detected_at: "2022-03-23T16:50:40.606Z",
        rule: SIGNAL_QUERY,
        artifacts: LINUX_3,
      },
    ],
  },
  "siem-signals-7.16-query-4.json": {
    events: [
      {
        ...QUERY,
        key: `${SIGNAL_INDEX}/44f8d6e34631ced611f6588e7f0cdf52ac5647eff09cfbd36a38ad2a7d4bf32f`,
        event_time: "2022-03-23T16:50:32.045Z",
        detected_at: "2022-03-23T16:50:40.624Z",
        rule: SIGNAL_QUERY,
        artifacts: LINUX_1,
      },
    ],
  },
  "siem-signals-7.16-threat-match-1.json": {
    events: [
      {
        ...MATCH,
        key: `${SIGNAL_INDEX}/0bb0c0d5488d757907f6be6e4c27ff698666948e2cf01d53e8fa43958b36c6a8`,
        event_time: "2022-03-23T16:50:32.045Z",
        detected_at: "2022-03-23T16:50:51.493Z",
        rule: SIGNAL_MATCH,
        artifacts: LINUX_1,
      },
    ],
  },
  "siem-signals-7.16-threat-match-2.json": {
    events: [
      {
        ...MATCH,
        key: `${SIGNAL_INDEX}/0dd11069ba6c63ec60ac902d6fb0a8a52c4f5ab20f03babe7b861c6d34431bad`,
        event_time: "2022-03-23T16:50:31.654Z",
        detected_at: "2022-03-23T16:50:51.495Z",
        rule: SIGNAL_MATCH,
        artifacts: LINUX_3,
      },
    ],
  },
  "siem-signals-7.x-outdated-empty-signal.json": emptySignal("es:.siem-signals-default-outdated/1"),
  "siem-signals-reindexed-v8.json": emptySignal("es:.reindexed-v8-siem-signals-default-000001/1"),
};

/** Bodies of others, posted to the `elastic` source: how many events they are. */
export const OTHER_BODIES: Readonly<Record<string, number>> = {
  "asp-raw-alert-aws-iam-privilege-escalation-attach-user-policy.json": 1,
  "asp-raw-alert-edr-vssadmin-delete-shadows.invalid.json.txt": 1,
  "asp-raw-alert-mail-user-report-phishing.json": 1,
  "alertmanager-webhook-v4-legacy.json": 1,
  "alertmanager-webhook-v4-two-firing.json": 1,
  "cloudwatch-webhook-keep.json": 1,
  "datadog-webhook-keep.json": 1,
  "elastalert-post.json": 1,
  "grafana-alerting-webhook.json": 1,
  "grafana-legacy-webhook.json": 1,
  "graylog-webhook-keep.json": 1,
  "kapacitor-webhook.json": 1,
  "libre-nms-webhook-keep.json": 1,
  "sentinel-incident-bruteforce-tor.json": 1,
  "sentinel-incident-calseta-1.json": 1,
  "sentinel-incident-impossible-travel.json": 1,
  "sentry-webhook-keep.json": 1,
  "thehive-alert-v0-elastalert2.json": 1,
  "thehive-alert-v1-openapi-minimal.json": 1,
  "thehive-internal-alert-records.json": 2,
  "wazuh-alert-minimal.json": 1,
  "wazuh-alert-pam-bruteforce.json": 1,
  "wazuh-keep-custom-integration.json": 1,
  "zabbix-webhook.json": 1,
};
