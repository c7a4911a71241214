/** Where ECS (https://www.elastic.co/docs/reference/ecs) and Windows logs hold observables. */
import { ArtifactSet } from "../alert/artifacts.ts";
import type { ArtifactRole } from "../alert/schema.ts";
import type { ElasticDocument } from "./document.ts";

type AskedType = Parameters<ArtifactSet["add"]>[0];

/** `[field, type, role]`. `related.*` comes last: it repeats what others name more precisely. */
const FIELDS: readonly (readonly [string, AskedType, ArtifactRole])[] = [
  ["source.ip", "ip", "source"],
  ["source.domain", "address", "source"],
  ["client.ip", "ip", "source"],
  ["client.domain", "address", "source"],
  ["source.as.number", "asn", "source"],
  ["destination.ip", "ip", "destination"],
  ["destination.domain", "address", "destination"],
  ["destination.port", "port", "destination"],
  ["destination.as.number", "asn", "destination"],
  ["server.ip", "ip", "destination"],
  ["server.domain", "address", "destination"],
  ["host.name", "host", "target"],
  ["host.hostname", "host", "target"],
  ["host.ip", "ip", "target"],
  ["host.mac", "mac", "target"],
  ["user.name", "account", "actor"],
  ["user.email", "email", "actor"],
  ["user.target.name", "account", "target"],
  ["source.user.name", "account", "actor"],
  ["destination.user.name", "account", "target"],
  ["process.name", "process", "actor"],
  ["process.executable", "file_path", "actor"],
  ["process.command_line", "command_line", "actor"],
  ["process.hash.md5", "md5", "actor"],
  ["process.hash.sha1", "sha1", "actor"],
  ["process.hash.sha256", "sha256", "actor"],
  ["process.hash.sha512", "sha512", "actor"],
  ["process.parent.name", "process", "parent"],
  ["process.parent.executable", "file_path", "parent"],
  ["process.parent.command_line", "command_line", "parent"],
  ["process.parent.hash.md5", "md5", "parent"],
  ["process.parent.hash.sha1", "sha1", "parent"],
  ["process.parent.hash.sha256", "sha256", "parent"],
  ["file.name", "file_name", "target"],
  ["file.path", "file_path", "target"],
  ["file.hash.md5", "md5", "target"],
  ["file.hash.sha1", "sha1", "target"],
  ["file.hash.sha256", "sha256", "target"],
  ["file.hash.sha512", "sha512", "target"],
  ["dll.path", "file_path", "target"],
  ["dll.hash.sha256", "sha256", "target"],
  ["url.full", "url", "target"],
  ["url.domain", "address", "target"],
  ["dns.question.name", "address", "target"],
  ["dns.resolved_ip", "ip", "destination"],
  ["email.from.address", "email", "source"],
  ["email.sender.address", "email", "source"],
  ["email.to.address", "email", "destination"],
  ["email.cc.address", "email", "destination"],
  ["email.attachments.file.name", "file_name", "target"],
  ["email.attachments.file.hash.md5", "md5", "target"],
  ["email.attachments.file.hash.sha256", "sha256", "target"],
  ["registry.path", "registry_key", "target"],
  ["user_agent.original", "user_agent", "source"],
  ["vulnerability.id", "cve", "target"],
  ["threat.indicator.ip", "ip", "related"],
  ["threat.indicator.url.full", "url", "related"],
  ["threat.indicator.url.domain", "address", "related"],
  ["threat.indicator.file.hash.md5", "md5", "related"],
  ["threat.indicator.file.hash.sha1", "sha1", "related"],
  ["threat.indicator.file.hash.sha256", "sha256", "related"],
];

const RELATED_FIELDS: typeof FIELDS = [
  ["related.ip", "ip", "related"],
  ["related.hosts", "host", "related"],
  ["related.user", "account", "related"],
  ["related.hash", "hash", "related"],
];

/** Sysmon and Security events that no ingest pipeline has turned into ECS. */
const WINDOWS_FIELDS: typeof FIELDS = [
  ["User", "account", "actor"],
  ["SubjectUserName", "account", "actor"],
  ["TargetUserName", "account", "target"],
  ["IpAddress", "ip", "source"],
  ["SourceIp", "ip", "source"],
  ["DestinationIp", "ip", "destination"],
  ["DestinationHostname", "address", "destination"],
  ["Image", "file_path", "actor"],
  ["CommandLine", "command_line", "actor"],
  ["ParentImage", "file_path", "parent"],
  ["ParentCommandLine", "command_line", "parent"],
  ["TargetFilename", "file_path", "target"],
  ["TargetObject", "registry_key", "target"],
  ["QueryName", "address", "target"],
];

/** Collects the artifacts of a document in any of its shapes. */
export function readArtifacts(document: ElasticDocument): ArtifactSet {
  const found = new ArtifactSet();
  addFields(found, document, FIELDS, "");
  addScalarUser(found, document);
  addSids(found, document);
  if (document.has("winlog.channel") || document.has("winlog.event_id"))
    addWindows(found, document);
  addFields(found, document, RELATED_FIELDS, "");
  return found;
}

function addFields(
  found: ArtifactSet,
  document: ElasticDocument,
  fields: typeof FIELDS,
  prefix: string,
) {
  for (const [name, type, role] of fields) {
    const field = prefix === "" ? name : prefix + name;
    const values = document.values(field);
    if (values.length > 0) found.add(type, values, { field, role });
  }
}

/** Some sources write `user: "ann"` instead of `user.name`. */
function addScalarUser(found: ArtifactSet, document: ElasticDocument): void {
  const names = document.values("user").filter((value) => typeof value === "string");
  if (names.length > 0) found.add("account", names, { field: "user", role: "actor" });
}

/** `user.id` is a security identifier on Windows and a mere number elsewhere. */
function addSids(found: ArtifactSet, document: ElasticDocument): void {
  for (const id of document.texts("user.id")) {
    if (/^S-1-\d/i.test(id)) found.add("sid", id, { field: "user.id", role: "actor" });
  }
}

function addWindows(found: ArtifactSet, document: ElasticDocument): void {
  found.add("host", document.values("winlog.computer_name"), {
    field: "winlog.computer_name",
    role: "target",
  });
  addFields(found, document, WINDOWS_FIELDS, "winlog.event_data.");
  const field = "winlog.event_data.Hashes";
  for (const part of document.texts(field).flatMap((text) => text.split(","))) {
    // IMPHASH is a fingerprint of imports, not of a file, and has the length of an MD5.
    if (/^(?:md5|sha1|sha256)=/i.test(part)) found.add("hash", part, { field, role: "actor" });
  }
}
