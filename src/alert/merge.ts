/** An alert and a later event of it: the two ways in which they become one. */
import { MAX_ARTIFACTS } from "./artifacts.ts";
import { STATUSES, type Alert, type Artifact } from "./schema.ts";
import { severityId } from "./severity.ts";

/** Entities, tags and parts an alert may gather; every occurrence keeps its own in its raw event. */
const MAX_GATHERED = 1000;
const TOO_MANY = `artifacts: more than ${MAX_ARTIFACTS} over all occurrences, the rest is in the raw events only`;

/**
 * An alert after a later event of the same subject: content is the newer one; identity, case, parts
 * and first times stay. Severity is the highest seen; artifacts, entities and tags are joined.
 *
 * When the event says at what time its status was set, the status that was set later wins, in any
 * direction and with its verdict; of two at the same time the known one stays. When it does not say,
 * the status only moves on (new, acknowledged, closed). A verdict stays when the other side has none,
 * for people may have given both.
 */
export function mergeAlerts(known: Alert, event: Alert): Alert {
  return {
    ...event,
    id: known.id,
    number: known.number,
    key: known.key,
    received_at: known.received_at,
    ...statusOf(known, event),
    event_time: known.event_time ?? event.event_time,
    fingerprint: known.fingerprint,
    count: known.count,
    case_id: known.case_id,
    follows: known.follows,
    parts: known.parts,
    ...gathered(known, event, event.provenance),
  };
}

/**
 * An alert after the same thing happened again: it counts one more and gathers what the occurrence
 * brings (times, the highest severity, artifacts, entities, tags, parts). What it tells of itself
 * and what people decided about it stay.
 */
export function repeatAlert(known: Alert, event: Alert): Alert {
  return {
    ...known,
    count: known.count + 1,
    parts: union(known.parts, event.parts),
    ...gathered(known, event, known.provenance),
  };
}

type Gathered = Pick<
  Alert,
  | "severity"
  | "severity_original"
  | "artifacts"
  | "entities"
  | "tags"
  | "provenance"
  | "first_seen"
  | "last_seen"
>;

function gathered(known: Alert, event: Alert, provenance: Alert["provenance"]): Gathered {
  const graver = severityId(event.severity) > severityId(known.severity) ? event : known;
  const artifacts = joinArtifacts(known.artifacts, event.artifacts);
  return {
    severity: graver.severity,
    severity_original: graver.severity_original,
    artifacts: artifacts.slice(0, MAX_ARTIFACTS),
    entities: {
      hosts: union(known.entities.hosts, event.entities.hosts),
      users: union(known.entities.users, event.entities.users),
      ips: union(known.entities.ips, event.entities.ips),
    },
    tags: union(known.tags, event.tags),
    provenance: artifacts.length > MAX_ARTIFACTS ? flagged(provenance) : provenance,
    first_seen: known.first_seen < event.first_seen ? known.first_seen : event.first_seen,
    last_seen: known.last_seen > event.last_seen ? known.last_seen : event.last_seen,
  };
}

function statusOf(
  known: Alert,
  event: Alert,
): Pick<Alert, "status" | "status_changed_at" | "verdict"> {
  const setAt = event.status_changed_at;
  const moves =
    setAt === null ? rank(event) > rank(known) : setAt > (known.status_changed_at ?? "");
  const { status, status_changed_at } = moves ? event : known;
  // Without a time nothing says whose verdict is the newer; that of the event is the newer content.
  const [first, second] = moves || setAt === null ? [event, known] : [known, event];
  return { status, status_changed_at, verdict: first.verdict ?? second.verdict };
}

function rank({ status }: Alert): number {
  return STATUSES.indexOf(status);
}

function union(first: readonly string[], second: readonly string[]): string[] {
  return [...new Set([...first, ...second])].slice(0, MAX_GATHERED);
}

function joinArtifacts(first: readonly Artifact[], second: readonly Artifact[]): Artifact[] {
  const joined = new Map<string, Artifact>();
  for (const artifact of [...first, ...second]) {
    const key = `${artifact.type}\0${artifact.role}\0${artifact.value}`;
    if (!joined.has(key)) joined.set(key, artifact);
  }
  return [...joined.values()];
}

function flagged(provenance: Alert["provenance"]): Alert["provenance"] {
  return { ...provenance, flags: [...new Set([...provenance.flags, TOO_MANY])] };
}
