import type { Alert, Artifact } from "./schema.ts";
import { severityId } from "./severity.ts";

/**
 * An alert after a later event of the same subject: identity and first times stay, content is the
 * newer one, severity is the highest seen, artifacts and tags are joined.
 */
export function mergeAlerts(known: Alert, event: Alert): Alert {
  const keepsSeverity = severityId(known.severity) > severityId(event.severity);
  return {
    ...event,
    id: known.id,
    number: known.number,
    key: known.key,
    received_at: known.received_at,
    severity: keepsSeverity ? known.severity : event.severity,
    severity_original: keepsSeverity ? known.severity_original : event.severity_original,
    event_time: known.event_time ?? event.event_time,
    artifacts: joinArtifacts(known.artifacts, event.artifacts),
    entities: {
      hosts: union(known.entities.hosts, event.entities.hosts),
      users: union(known.entities.users, event.entities.users),
      ips: union(known.entities.ips, event.entities.ips),
    },
    tags: union(known.tags, event.tags),
    fingerprint: known.fingerprint,
    count: known.count,
    first_seen: known.first_seen < event.first_seen ? known.first_seen : event.first_seen,
    last_seen: known.last_seen > event.last_seen ? known.last_seen : event.last_seen,
    case_id: known.case_id,
  };
}

function union(first: readonly string[], second: readonly string[]): string[] {
  return [...new Set([...first, ...second])];
}

function joinArtifacts(first: readonly Artifact[], second: readonly Artifact[]): Artifact[] {
  const joined = new Map<string, Artifact>();
  for (const artifact of [...second, ...first]) {
    joined.set(`${artifact.type}\0${artifact.role}\0${artifact.value}`, artifact);
  }
  return [...joined.values()];
}
