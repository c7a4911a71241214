/** Which fields of a Wazuh alert hold observables, by decoder and module. */
import { ArtifactSet } from "../../alert/artifacts.ts";
import type { ArtifactRole } from "../../alert/schema.ts";
import type { ElasticDocument } from "../../elastic/document.ts";

type AskedType = Parameters<ArtifactSet["add"]>[0];

/**
 * documentation.wazuh.com: decoders' static fields (`data.srcip`, …), Windows event channel
 * (`data.win.eventdata`), file integrity monitoring (`syscheck`), vulnerability detection, VirusTotal
 * and AWS modules. The agent `000` is the manager itself.
 */
const FIELDS: readonly (readonly [string, AskedType, ArtifactRole])[] = [
  ["agent.name", "host", "target"],
  ["agent.ip", "ip", "target"],
  ["predecoder.hostname", "host", "related"],
  ["data.srcip", "address", "source"],
  ["data.src_ip", "address", "source"],
  ["data.srcport", "port", "source"],
  ["data.dstip", "address", "destination"],
  ["data.dest_ip", "address", "destination"],
  ["data.dstport", "port", "destination"],
  ["data.srcuser", "account", "actor"],
  ["data.dstuser", "account", "target"],
  ["data.url", "url", "target"],
  ["data.command", "command_line", "actor"],
  ["data.audit.exe", "file_path", "actor"],
  ["data.audit.command", "process", "actor"],
  ["data.win.system.computer", "host", "target"],
  ["data.win.eventdata.user", "account", "actor"],
  ["data.win.eventdata.subjectUserName", "account", "actor"],
  ["data.win.eventdata.targetUserName", "account", "target"],
  ["data.win.eventdata.ipAddress", "ip", "source"],
  ["data.win.eventdata.sourceIp", "ip", "source"],
  ["data.win.eventdata.destinationIp", "ip", "destination"],
  ["data.win.eventdata.destinationHostname", "address", "destination"],
  ["data.win.eventdata.image", "file_path", "actor"],
  ["data.win.eventdata.commandLine", "command_line", "actor"],
  ["data.win.eventdata.parentImage", "file_path", "parent"],
  ["data.win.eventdata.parentCommandLine", "command_line", "parent"],
  ["data.win.eventdata.targetFilename", "file_path", "target"],
  ["data.win.eventdata.targetObject", "registry_key", "target"],
  ["data.win.eventdata.queryName", "address", "target"],
  ["syscheck.path", "file_path", "target"],
  ["syscheck.md5_after", "md5", "target"],
  ["syscheck.sha1_after", "sha1", "target"],
  ["syscheck.sha256_after", "sha256", "target"],
  ["data.vulnerability.cve", "cve", "related"],
  ["data.virustotal.source.file", "file_path", "target"],
  ["data.virustotal.source.md5", "md5", "target"],
  ["data.virustotal.source.sha1", "sha1", "target"],
  ["data.aws.sourceIPAddress", "address", "source"],
  ["data.aws.userIdentity.userName", "account", "actor"],
];

const HASHES = "data.win.eventdata.hashes";

/** Collects the observables of an alert. */
export function collectArtifacts(document: ElasticDocument): ArtifactSet {
  const artifacts = new ArtifactSet();
  for (const [field, type, role] of FIELDS) {
    const values = document.texts(field).filter((text) => isValue(type, text));
    artifacts.add(type, values, { field, role });
  }
  for (const part of document.texts(HASHES).flatMap((text) => text.split(","))) {
    // IMPHASH is a fingerprint of imports, not of a file, and has the length of an MD5.
    if (!/^(?:md5|sha1|sha256)=/i.test(part)) continue;
    artifacts.add("hash", part, { field: HASHES, role: "actor" });
  }
  return artifacts;
}

/** Agents that register from anywhere have `any` for an address; of a request only the path may be known. */
function isValue(type: AskedType, text: string): boolean {
  if (type === "ip") return text !== "any";
  return type !== "url" || !text.startsWith("/");
}
