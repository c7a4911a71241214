/**
 * An alert as a document in the Elastic Common Schema (https://www.elastic.co/docs/reference/ecs). What
 * ECS has no field for stands under `tocsin`. No field is under `kibana`: those are for alerts of the
 * detection engine, as is `event.kind: signal`.
 */
import type { Alert, Artifact, ArtifactRole, ArtifactType, Attack } from "../alert/schema.ts";
import type { Severity } from "../alert/severity.ts";
import type { Json } from "./bound.ts";
import type { Message } from "./destination.ts";
import { aboutMany, digestFields } from "./ecs-digest.ts";
import { compact, distinct, few, isAddress } from "./ecs-values.ts";
import { linkUrl } from "./facts.ts";
import { headingOf } from "./words.ts";

const ECS_VERSION = "8.17.0";

/** The grades that Elastic Security reads as low, medium, high and critical. */
const SEVERITIES: Readonly<Record<Severity, number>> = {
  unknown: 0,
  informational: 1,
  low: 21,
  medium: 47,
  high: 73,
  critical: 99,
};

const ACTIONS = {
  alert: "created",
  update: "updated",
  reminder: "reminded",
  status: "updated",
} as const;

export type EcsDocument = { readonly [name: string]: Json };

/** A message as an ECS document; members without a value are left out. Pure. */
export function ecsDocument(message: Message): EcsDocument {
  const { alert, digest } = message;
  return compact({
    "@timestamp": alert.event_time ?? alert.detected_at ?? alert.received_at,
    ecs: { version: ECS_VERSION },
    message: digest ? headingOf(message) : alert.title,
    tags: [...new Set([...alert.tags, ...alert.rule.tags])],
    event: eventOf(message),
    ...(digest ? aboutMany(digest) : aboutOne(alert)),
    observer: { vendor: alert.source.vendor, product: alert.source.product },
    tocsin: tocsinOf(message),
  }) as EcsDocument;
}

/** `event.id` names the alert in all messages about it; that of a digest, which is about many, itself. */
function eventOf({ kind, alert, digest, key, link }: Message): Json {
  const vendor = linkUrl(alert.external.url)?.href;
  return {
    kind: "alert",
    category: ["intrusion_detection"],
    type: ["info"],
    module: "tocsin",
    dataset: "tocsin.alerts",
    provider: alert.source.kind,
    action: digest ? "digest" : ACTIONS[kind],
    id: digest ? key : alert.id,
    severity: SEVERITIES[digest?.severity ?? alert.severity],
    risk_score: digest ? null : alert.risk_score,
    reason: digest ? null : alert.reason,
    created: alert.detected_at ?? alert.received_at,
    ingested: alert.received_at,
    url: linkUrl(link)?.href ?? vendor,
    reference: vendor,
  };
}

/** What a document about one alert has, and one about many has not. */
function aboutOne(alert: Alert): Record<string, Json> {
  const find = (type: ArtifactType, ...roles: ArtifactRole[]) => valuesOf(alert, type, roles);
  return {
    rule: ruleOf(alert),
    threat: threatOf(alert.attack),
    host: { name: few(alert.entities.hosts) },
    user: { name: few(alert.entities.users) },
    source: { ip: few(find("ip", "source").filter(isAddress)) },
    destination: { ip: few(find("ip", "destination").filter(isAddress)) },
    url: { full: few(find("url")) },
    file: { path: few(find("file_path")), name: few(find("file_name")) },
    process: { name: few(find("process")), command_line: few(find("command_line")) },
    user_agent: { original: few(find("user_agent")) },
    related: relatedOf(alert),
  };
}

function ruleOf({ rule }: Alert): Json {
  return {
    id: rule.id,
    uuid: rule.uuid,
    name: rule.name,
    version: rule.version,
    reference: few([rule.url, ...rule.references].filter((each) => each !== null)),
  };
}

function threatOf(attack: readonly Attack[]): Json {
  const list = (parts: readonly Attack["tactic"][]) => {
    const given = parts.filter((part) => part !== null);
    return {
      id: distinct(given.map(({ id }) => id)),
      name: distinct(given.flatMap(({ name }) => name ?? [])),
    };
  };
  if (attack.length === 0) return undefined;
  return {
    framework: "MITRE ATT&CK",
    tactic: list(attack.map(({ tactic }) => tactic)),
    technique: {
      ...list(attack.map(({ technique }) => technique)),
      subtechnique: list(attack.map(({ subtechnique }) => subtechnique)),
    },
  };
}

function relatedOf(alert: Alert): Json {
  const { hosts, users, ips } = alert.entities;
  const of = (...types: ArtifactType[]) => types.flatMap((type) => valuesOf(alert, type));
  return {
    ip: distinct([...ips, ...of("ip")]).filter(isAddress),
    user: distinct([...users, ...of("account", "sid")]),
    hosts: distinct([...hosts, ...of("hostname", "domain")]),
    hash: distinct(of("md5", "sha1", "sha256", "sha512")),
  };
}

/** What ECS has no field for. Of a digest, only what is true of all of it. */
function tocsinOf(message: Message): Json {
  const { kind, alert, digest, key, test } = message;
  const { name, kind: sourceKind, space } = alert.source;
  const shared = {
    message: { key, kind, test: test || undefined },
    source: { name, kind: sourceKind, space },
    case: message.case && { ...message.case },
  };
  if (digest) return { ...shared, severity: digest.severity, digest: digestFields(digest) };
  const { number, status, status_changed_at, verdict, count, first_seen, last_seen } = alert;
  return {
    ...shared,
    alert: { id: alert.id, number, key: alert.key, external_id: alert.external.id },
    description: alert.description,
    severity: alert.severity,
    severity_original: alert.severity_original,
    status,
    status_changed_at,
    verdict,
    count,
    first_seen,
    last_seen,
    note: alert.rule.note,
    tlp: alert.tlp,
    pap: alert.pap,
    follows: alert.follows,
    // The list itself may end early, where a document is too large.
    artifact_count: alert.artifacts.length,
    artifacts: alert.artifacts.map(({ type, value, role, field }) => ({
      type,
      value,
      role,
      field,
    })),
    repaired: alert.provenance.repaired,
    flags: alert.provenance.flags,
  };
}

function valuesOf({ artifacts }: Alert, type: ArtifactType, roles: readonly ArtifactRole[] = []) {
  const fits = (each: Artifact) =>
    each.type === type && (roles.length === 0 || roles.includes(each.role));
  return distinct(artifacts.filter(fits).map(({ value }) => value));
}
