/** Which fields of a row hold observables, named by Splunk's Common Information Model (CIM). */
import { ArtifactSet } from "../../alert/artifacts.ts";
import type { ArtifactRole } from "../../alert/schema.ts";
import { textOf, textsOf } from "../read.ts";
import type { JsonObject } from "../source.ts";

type AskedType = Parameters<ArtifactSet["add"]>[0];
type Place = readonly [type: AskedType, role: ArtifactRole];

/**
 * docs.splunk.com, CIM manual: Authentication, Network Traffic, Endpoint, Web, DNS, Email, Malware.
 * CIM's `process` is the whole command line. `user` acts in some data models and is acted on in
 * others, so it gets no more than `related`.
 */
const FIELDS: Readonly<Record<string, Place>> = {
  src: ["host", "source"],
  src_ip: ["ip", "source"],
  src_host: ["host", "source"],
  src_dns: ["host", "source"],
  src_nt_host: ["host", "source"],
  src_mac: ["mac", "source"],
  src_port: ["port", "source"],
  src_translated_ip: ["ip", "source"],
  src_user: ["account", "actor"],
  dest: ["host", "destination"],
  dest_ip: ["ip", "destination"],
  dest_host: ["host", "destination"],
  dest_dns: ["host", "destination"],
  dest_nt_host: ["host", "destination"],
  dest_mac: ["mac", "destination"],
  dest_port: ["port", "destination"],
  dest_translated_ip: ["ip", "destination"],
  dest_user: ["account", "target"],
  dvc: ["host", "related"],
  dvc_ip: ["ip", "related"],
  dvc_host: ["host", "related"],
  dvc_mac: ["mac", "related"],
  host: ["host", "related"],
  hostname: ["host", "related"],
  ip: ["ip", "related"],
  user: ["account", "related"],
  user_id: ["account", "related"],
  user_sid: ["sid", "related"],
  src_user_sid: ["sid", "actor"],
  process: ["command_line", "related"],
  process_name: ["process", "related"],
  process_exec: ["process", "related"],
  process_path: ["file_path", "related"],
  process_hash: ["hash", "related"],
  parent_process: ["command_line", "parent"],
  parent_process_name: ["process", "parent"],
  parent_process_exec: ["process", "parent"],
  parent_process_path: ["file_path", "parent"],
  file_name: ["file_name", "related"],
  file_path: ["file_path", "related"],
  file_hash: ["hash", "related"],
  hash: ["hash", "related"],
  md5: ["md5", "related"],
  sha1: ["sha1", "related"],
  sha256: ["sha256", "related"],
  sha512: ["sha512", "related"],
  registry_path: ["registry_key", "related"],
  url: ["url", "related"],
  http_referrer: ["url", "related"],
  http_user_agent: ["user_agent", "related"],
  url_domain: ["address", "related"],
  domain: ["address", "related"],
  query: ["address", "related"],
  sender: ["email", "source"],
  src_user_email: ["email", "source"],
  recipient: ["email", "destination"],
  cve: ["cve", "related"],
};

/** What a risk object is, by `risk_object_type` (Enterprise Security, risk-based alerting). */
const RISK_OBJECTS: Readonly<Record<string, AskedType>> = {
  system: "host",
  user: "account",
  hash: "hash",
  network_artifacts: "address",
};

/** CIM fills an empty field with `unknown`; it is no host and nobody's name. */
const FILLER = "unknown";

/** Collects the observables of a row. A notable repeats those of its first event as `orig_…`. */
export function collectArtifacts(row: JsonObject): ArtifactSet {
  const artifacts = new ArtifactSet();
  for (const [field, [type, role]] of Object.entries(FIELDS)) {
    addField(artifacts, row, field, type, role);
    addField(artifacts, row, `orig_${field}`, type, role);
  }
  const riskType = textOf(row["risk_object_type"])?.toLowerCase() ?? "";
  const type = Object.hasOwn(RISK_OBJECTS, riskType) ? RISK_OBJECTS[riskType] : undefined;
  if (type !== undefined) addField(artifacts, row, "risk_object", type, "related");
  return artifacts;
}

function addField(
  artifacts: ArtifactSet,
  row: JsonObject,
  field: string,
  type: AskedType,
  role: ArtifactRole,
): void {
  const texts = textsOf(row[field]).filter((text) => text.toLowerCase() !== FILLER);
  // Sysmon's hashes come as one text: `MD5=…,SHA256=…`.
  const values = type === "hash" ? texts.flatMap((text) => text.split(",")) : texts;
  artifacts.add(type, values, { field, role });
}
