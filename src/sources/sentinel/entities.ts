/**
 * Entities: what an incident or alert is about. They come in two forms, as ARM objects (`{kind:
 * "Account", properties: {accountName, upnSuffix}}`; REST API of Microsoft Sentinel, Entities) and as
 * the entities of an alert (`{Type: "account", Name, UPNSuffix}`; learn.microsoft.com, "Microsoft
 * Sentinel entity types reference"). Names are compared without case. No entity says which part it
 * played.
 */
import { ArtifactSet } from "../../alert/artifacts.ts";
import { isObject, textOf } from "../read.ts";
import type { JsonObject, JsonValue } from "../source.ts";
import { listOf } from "./forms.ts";

/** An entity's members by their names in lower case. */
type Members = ReadonlyMap<string, JsonValue>;
type AskedType = Parameters<ArtifactSet["add"]>[0];
type Add = (type: AskedType, value: string | null) => void;

/** Collects the artifacts of entities; of one of an unknown kind its name, as `other`. */
export function collectEntities(entities: readonly JsonObject[]): ArtifactSet {
  const artifacts = new ArtifactSet();
  for (const entity of entities) readEntity(artifacts, entity);
  return artifacts;
}

function readEntity(artifacts: ArtifactSet, entity: JsonObject): void {
  const outer = membersOf(entity);
  const kind = (textAt(outer, "kind", "type") ?? "").toLowerCase().replace(/[^a-z]/g, "");
  const { properties } = entity;
  const members = isObject(properties) ? membersOf(properties) : outer;
  const field = `entities.${kind === "" ? "unknown" : kind}`;
  const add: Add = (type, value) => {
    if (value !== null) artifacts.add(type, value, { field, role: "related" });
  };
  const read = Object.hasOwn(READERS, kind) ? READERS[kind] : undefined;
  if (read === undefined) add("other", textAt(members, "friendlyname", "name", "displayname"));
  else read(members, add);
}

const READERS: Readonly<Record<string, (members: Members, add: Add) => void>> = {
  account: readAccount,
  host: readHost,
  ip: (members, add) => add("ip", textAt(members, "address")),
  url: (members, add) => add("url", textAt(members, "url")),
  filehash: (members, add) => add("hash", textAt(members, "hashvalue", "value")),
  file: readFile,
  process: readProcess,
  dns: (members, add) => add("address", textAt(members, "domainname")),
  dnsresolution: (members, add) => add("address", textAt(members, "domainname")),
  mailbox: (members, add) => add("email", textAt(members, "mailboxprimaryaddress", "upn")),
  mailmessage: readMail,
  registrykey: (members, add) => add("registry_key", joinPath(members, "hive", "key")),
  azureresource: (members, add) => add("other", textAt(members, "resourceid")),
};

function readAccount(members: Members, add: Add): void {
  const name = textAt(members, "accountname", "name", "displayname");
  const suffix = textAt(members, "upnsuffix");
  const domain = textAt(members, "ntdomain");
  if (name === null || name.includes("@")) add("account", name);
  else if (suffix !== null) add("account", `${name}@${suffix}`);
  else add("account", domain === null ? name : `${domain}\\${name}`);
  add("sid", textAt(members, "sid"));
}

function readHost(members: Members, add: Add): void {
  const name = textAt(members, "hostname", "netbiosname");
  const domain = textAt(members, "dnsdomain");
  add("host", name === null || domain === null || name.includes(".") ? name : `${name}.${domain}`);
}

function readFile(members: Members, add: Add): void {
  const path = joinPath(members, "directory", "name", "filename");
  add(textAt(members, "directory") === null ? "file_name" : "file_path", path);
  for (const hash of listOf(members.get("filehashes"))) {
    add("hash", textAt(membersOf(hash), "value", "hashvalue"));
  }
}

function readProcess(members: Members, add: Add): void {
  add("command_line", textAt(members, "commandline"));
  const image = members.get("imagefile");
  if (isObject(image)) readFile(membersOf(image), add);
}

function readMail(members: Members, add: Add): void {
  for (const name of ["sender", "p1sender", "p2sender", "recipient"]) {
    add("email", textAt(members, name));
  }
  add("ip", textAt(members, "senderip"));
}

/** A folder and a name in it, joined as the folder writes its own parts. */
function joinPath(members: Members, folder: string, ...names: readonly string[]): string | null {
  const name = textAt(members, ...names);
  const parent = textAt(members, folder);
  if (parent === null || name === null) return name ?? parent;
  const separator = parent.startsWith("/") ? "/" : "\\";
  return `${parent.replace(/[\\/]+$/, "")}${separator}${name}`;
}

function membersOf(object: JsonObject): Members {
  return new Map(Object.entries(object).map(([name, value]) => [name.toLowerCase(), value]));
}

function textAt(members: Members, ...names: readonly string[]): string | null {
  for (const name of names) {
    const text = textOf(members.get(name));
    if (text !== null) return text;
  }
  return null;
}
