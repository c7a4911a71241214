/** Artifacts as observables of TheHive: only types that every TheHive has, each value once. */
import type { Artifact, ArtifactType } from "../../alert/schema.ts";
import { clip, oneLine } from "../text.ts";
import { type DataType, LIMITS, type Observable } from "./model.ts";

/**
 * TheHive has no type for accounts, processes, ports and the like: they are `other` with a tag that
 * names them. Types: `ObservableType.scala` of TheHive-Project/TheHive; they are the same in TheHive 5.
 */
const TYPES: Readonly<Partial<Record<ArtifactType, DataType>>> = {
  ip: "ip",
  domain: "domain",
  hostname: "hostname",
  url: "url",
  email: "mail",
  md5: "hash",
  sha1: "hash",
  sha256: "hash",
  sha512: "hash",
  file_name: "filename",
  registry_key: "registry",
  user_agent: "user-agent",
  asn: "autonomous-system",
};
const MAX_MESSAGE = 200;

/** The observables of artifacts, and how many artifacts are too long to be one. */
export function observablesOf(artifacts: readonly Artifact[]): {
  readonly observables: readonly Observable[];
  readonly tooLong: number;
} {
  const found: Observable[] = [];
  const tooLong = new Set<string>();
  for (const artifact of artifacts) {
    const { value } = artifact;
    if (value.trim() === "") continue;
    // Cut it would be another value.
    if (value.length > LIMITS.data) tooLong.add(value);
    else found.push(observableOf(artifact));
  }
  return { observables: unique(found), tooLong: tooLong.size };
}

/** Each value of a type once, as TheHive wants it; the same value in another part adds its tags. */
export function unique(observables: readonly Observable[]): Observable[] {
  const found = new Map<string, Observable>();
  for (const observable of observables) {
    const key = `${observable.dataType}\n${observable.data}`;
    const same = found.get(key);
    const tags = new Set([...(same?.tags ?? []), ...observable.tags]);
    found.set(key, { ...(same ?? observable), tags: [...tags] });
  }
  return [...found.values()];
}

function observableOf({ type, value, role, field }: Artifact): Observable {
  const dataType = typeOf(type, value);
  // What the type does not say; an artifact that is `other` here, too, has nothing to add.
  const kind = dataType === "hash" || (dataType === "other" && type !== "other") ? [type] : [];
  const part = role === "related" ? [] : [`role:${role}`];
  const message = clip(oneLine(field), MAX_MESSAGE);
  return { dataType, data: value, message, tags: [...kind, ...part] };
}

function typeOf(type: ArtifactType, value: string): DataType {
  if (type === "hostname" && value.includes(".")) return "fqdn";
  return TYPES[type] ?? "other";
}
