/**
 * Where senders put what, by the names most of them use. A guess fills a field that the
 * configuration leaves open; the first path with a usable value wins.
 */
import { ArtifactSet } from "../../alert/artifacts.ts";
import type { ArtifactRole } from "../../alert/schema.ts";
import type { Severity } from "../../alert/severity.ts";
import type { ElasticDocument } from "../../elastic/document.ts";
import { readArtifacts } from "../../elastic/observables.ts";
import type { AlertField } from "../alert-fields.ts";

/** Priorities count down; `ok` and `resolved` end an alert. A configured map goes before. */
export const COMMON_SEVERITIES: Readonly<Record<string, Severity>> = {
  p1: "critical",
  p2: "high",
  p3: "medium",
  p4: "low",
  p5: "informational",
  ok: "informational",
  normal: "informational",
};

export const RULE_NAMES = [
  "rule.name",
  "rule_name",
  "ruleName",
  "alert_name",
  "alertName",
  "alertname",
  "labels.alertname",
  "commonLabels.alertname",
  "alerts.labels.alertname",
  "event_definition_title",
  "monitor_name",
  "Message.AlarmName",
  "AlarmName",
];

/** In order of how well they tell an alert apart; `name` is often an id and is checked for it. */
export const TITLES = [
  "title",
  "alert_title",
  "properties.title",
  "alert.title",
  "event.title",
  "subject",
  "summary",
  ...RULE_NAMES,
  "alert.name",
  "rule.description",
  "name",
  "message",
  "msg",
  "headers.Subject",
  "text",
  "description",
];

export const GUESSES: Readonly<Partial<Record<AlertField, readonly string[]>>> = {
  "rule.name": RULE_NAMES,
  "rule.id": ["rule.id", "rule_id", "ruleId", "event_definition_id", "monitor_id"],
  description: [
    "description",
    "properties.description",
    "commonAnnotations.description",
    "alerts.annotations.description",
    "Message.AlarmDescription",
    "details",
    "detail",
    "message",
    "msg",
    "body.plain_text",
    "body",
  ],
  reason: ["reason", "kibana.alert.reason", "culprit"],
  severity: [
    "severity",
    "event.severity_name",
    "properties.severity",
    "alert.severity",
    "labels.severity",
    "commonLabels.severity",
    "alerts.labels.severity",
    "criticality",
    "urgency",
    "priority",
    "Message.Priority",
    "level",
    "log.level",
    "threat_level",
    "event.severity",
    "event.priority",
    "rule.level",
  ],
  risk_score: ["risk_score", "riskScore", "event.risk_score"],
  status: ["status", "properties.status", "state"],
  event_time: [
    "@timestamp",
    "timestamp",
    "time",
    "event_time",
    "eventTime",
    "occurred_at",
    "event.created",
    "event.timestamp",
    "startsAt",
    "alerts.startsAt",
    "properties.firstActivityTimeUtc",
    "properties.createdTimeUtc",
    "created_at",
    "createdAt",
    "datetime",
    "date",
  ],
  detected_at: ["detected_at", "detectedAt", "detection_time", "properties.createdTimeUtc"],
  "external.id": [
    "id",
    "uuid",
    "alert_id",
    "alertId",
    "alert_uid",
    "event_id",
    "eventId",
    "eventID",
    "event.id",
    "incident_id",
    "uid",
    "sourceRef",
    "fingerprint",
  ],
  // No plain `url` or `link`: in a phishing alert that is the trap, not the way back.
  "external.url": [
    "alert_url",
    "alertUrl",
    "event_url",
    "incident_url",
    "properties.incidentUrl",
    "link_to_upstream_details",
    "generatorURL",
    "alerts.generatorURL",
    "externalURL",
  ],
  attack: [
    "rule.mitre.id",
    "mitre.id",
    "mitre_attack",
    "mitre_attack_id",
    "mitre_technique_id",
    "threat.technique.id",
    "threat.technique.subtechnique.id",
    "technique",
    "tags",
  ],
};

/** Paths of tags. A text holds several, with commas between them. */
export const TAGS = ["tags", "labels", "properties.labels.labelName", "rule.groups"];

type AskedType = Parameters<ArtifactSet["add"]>[0];

const ARTIFACTS: readonly (readonly [string, AskedType, ArtifactRole])[] = [
  ["src_ip", "ip", "source"],
  ["srcip", "ip", "source"],
  ["source_ip", "ip", "source"],
  ["sourceIPAddress", "address", "source"],
  ["data.srcip", "ip", "source"],
  ["client_ip", "ip", "source"],
  ["dst_ip", "ip", "destination"],
  ["dest_ip", "ip", "destination"],
  ["destination_ip", "ip", "destination"],
  ["data.dstip", "ip", "destination"],
  ["ip", "ip", "related"],
  ["ip_address", "ip", "related"],
  ["agent.ip", "ip", "target"],
  ["agent.name", "host", "target"],
  ["hostname", "host", "related"],
  ["host", "host", "related"],
  ["computer", "host", "related"],
  ["username", "account", "related"],
  ["userIdentity.userName", "account", "actor"],
  ["data.srcuser", "account", "actor"],
  ["data.dstuser", "account", "target"],
  ["domain", "address", "related"],
  ["url", "url", "related"],
  ["email", "email", "related"],
  ["headers.From", "email", "source"],
  ["headers.To", "email", "destination"],
  ["md5", "md5", "related"],
  ["sha1", "sha1", "related"],
  ["sha256", "sha256", "related"],
  ["file_hash", "hash", "related"],
  ["hash", "hash", "related"],
  ["file_name", "file_name", "related"],
  ["filename", "file_name", "related"],
  ["file_path", "file_path", "related"],
  ["attachments.filename", "file_name", "related"],
  ["process_name", "process", "related"],
  ["command_line", "command_line", "related"],
  ["user_agent", "user_agent", "related"],
  ["userAgent", "user_agent", "related"],
  ["cve", "cve", "related"],
];

/** Observables under ECS names and under common flat ones; what is an object there is none. */
export function guessArtifacts(document: ElasticDocument): ArtifactSet {
  const artifacts = readArtifacts(document);
  for (const [field, type, role] of ARTIFACTS) {
    artifacts.add(type, document.texts(field), { field, role });
  }
  return artifacts;
}
