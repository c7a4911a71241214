/** What a cluster's licence and the credentials allow. Both exist in Elasticsearch only. */
import { isJsonObject, type JsonObject, type JsonValue } from "../../receipt/json.ts";
import type { Cluster, ClusterAnswer } from "./call.ts";
import { explainRefusal, hasErrorType } from "./refusal.ts";

/** Privileges by their names in Elasticsearch. */
export interface WantedPrivileges {
  readonly cluster: readonly string[];
  readonly indices: readonly {
    readonly names: readonly string[];
    readonly privileges: readonly string[];
  }[];
}

export interface GrantedPrivileges {
  readonly user: string;
  readonly cluster: ReadonlyMap<string, boolean>;
  /** By index as it was asked for, then by privilege. */
  readonly indices: ReadonlyMap<string, ReadonlyMap<string, boolean>>;
}

/** `basic`, `trial`, `gold` …; null where there are none or it is not told. */
export async function readLicense(cluster: Cluster, signal?: AbortSignal): Promise<string | null> {
  const answer = await cluster.call({ method: "GET", path: "/_license", signal });
  const license = answer.body?.["license"];
  if (isJsonObject(license) && typeof license["type"] === "string") return license["type"];
  if (answer.status === 403 || isNotOffered(answer)) return null;
  const asked = { doing: "asking for its licence", privilege: "monitor on the cluster" };
  throw explainRefusal(cluster, answer, asked);
}

/**
 * Which of the privileges the credentials have; every user may ask it of itself. Null where the
 * cluster has no security, or another than Elasticsearch's.
 * https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-security-has-privileges
 */
export async function readPrivileges(
  cluster: Cluster,
  { cluster: wanted, indices }: WantedPrivileges,
  signal?: AbortSignal,
): Promise<GrantedPrivileges | null> {
  const index = indices.map(({ names, privileges }) => ({
    names: [...names],
    privileges: [...privileges],
  }));
  const path = "/_security/user/_has_privileges";
  const body = { cluster: [...wanted], index };
  const answer = await cluster.call({ method: "POST", path, body, signal });
  const granted = answer.status === 200 && answer.body ? grantedBy(answer.body) : undefined;
  if (granted) return granted;
  if (isNotOffered(answer)) return null;
  const asked = { doing: "asking for privileges", privilege: "to use its API" };
  throw explainRefusal(cluster, answer, asked);
}

/**
 * A path that no module serves: it is said to be unknown, or, by versions 7 and by OpenSearch, taken
 * for the name of an index, which may not begin like this. A refused privilege has a type of its own.
 */
export function isNotOffered(answer: ClusterAnswer): boolean {
  const { status, body } = answer;
  if (status === 404 || status === 405 || status === 501) return true;
  if (status !== 400) return false;
  return (
    typeof body?.["error"] === "string" || hasErrorType(answer, "invalid_index_name_exception")
  );
}

function grantedBy({ username, cluster, index }: JsonObject): GrantedPrivileges | undefined {
  if (typeof username !== "string" || !isJsonObject(cluster) || !isJsonObject(index))
    return undefined;
  const indices = Object.entries(index).map(([name, flags]) => [name, flagsOf(flags)] as const);
  return { user: username, cluster: flagsOf(cluster), indices: new Map(indices) };
}

function flagsOf(flags: JsonValue): ReadonlyMap<string, boolean> {
  const entries = isJsonObject(flags) ? Object.entries(flags) : [];
  return new Map(entries.map(([name, value]) => [name, value === true]));
}
