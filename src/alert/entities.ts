import type { Alert, Artifact } from "./schema.ts";

/**
 * The hosts, users and addresses an alert is about, each once, in the order of its artifacts.
 * Users are accounts as written (`corp\ann` and `ann` are two).
 */
export function deriveEntities(artifacts: readonly Artifact[]): Alert["entities"] {
  const hosts = new Set<string>();
  const users = new Set<string>();
  const ips = new Set<string>();
  for (const { type, value } of artifacts) {
    if (type === "hostname") hosts.add(value);
    else if (type === "account") users.add(value);
    else if (type === "ip") ips.add(value);
  }
  return { hosts: [...hosts], users: [...users], ips: [...ips] };
}
