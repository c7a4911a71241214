import { createHash } from "node:crypto";
import type { AlertContent, Artifact } from "./schema.ts";

/**
 * What counts as the same thing happening again: the same rule of the same source, on the same
 * hosts, by the same users, from the same source addresses. 32 hexadecimal characters of a SHA-256;
 * the order in which a document lists its values does not matter.
 */
export function fingerprintOf(content: AlertContent): string {
  const { rule, artifacts } = content;
  const parts = [
    content.source.name,
    rule.id ?? rule.uuid ?? rule.name ?? content.title,
    select(artifacts, (artifact) => artifact.type === "hostname"),
    select(artifacts, (artifact) => artifact.type === "account"),
    select(artifacts, (artifact) => artifact.type === "ip" && artifact.role === "source"),
  ];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}

function select(artifacts: readonly Artifact[], wanted: (artifact: Artifact) => boolean): string[] {
  const values = new Set<string>();
  for (const artifact of artifacts) if (wanted(artifact)) values.add(artifact.value);
  return [...values].toSorted();
}
