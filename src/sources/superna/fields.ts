/**
 * The names a Superna webhook goes by. There is no public capture of its body: the vendor's guide
 * for Elasticsearch lists `action, Alert_url, client_ip, detected, severity, user, files, shares,
 * state, protocol, device_vendor, device_product`, its API shows `eventSource, objectBuckets,
 * severity, user, userName`, and its script templates are said to use `id, numFiles, nes,
 * snapshots, clientIPs`. So names are compared without case and underscores, every value may be
 * one or a list, and what is not known passes through.
 */
import { textsOf } from "../read.ts";
import type { JsonObject, JsonValue } from "../source.ts";

const NAMES = {
  id: ["id", "eventid"],
  severity: ["severity"],
  state: ["state", "eventstate"],
  protocol: ["protocol"],
  user: ["user"],
  userName: ["username"],
  clientIps: ["clientip", "clientips"],
  detected: ["detected", "detectedat", "detectedtime"],
  fileCount: ["numfiles", "filecount"],
  files: ["files", "file"],
  shares: ["shares", "share"],
  clusters: ["nes", "cluster", "clusters"],
  snapshots: ["snapshots", "snapshot"],
  buckets: ["objectbuckets"],
  eventSource: ["eventsource"],
  url: ["alerturl"],
  action: ["action"],
  product: ["deviceproduct"],
} as const satisfies Record<string, readonly string[]>;

type FieldName = keyof typeof NAMES;

/** What a body says, each as the texts found under any of its names. */
export type SupernaFields = Readonly<Record<FieldName, readonly string[]>>;

/** Reads a body by the known names; a field that is missing has no texts. */
export function readFields(body: JsonObject): SupernaFields {
  const plain = new Map<string, JsonValue[]>();
  for (const [name, value] of Object.entries(body)) {
    const key = name.toLowerCase().replaceAll("_", "");
    const values = plain.get(key);
    if (values === undefined) plain.set(key, [value]);
    else values.push(value);
  }
  const read = (name: FieldName) =>
    NAMES[name].flatMap((alias) => listOf(plain.get(alias) ?? [], name));
  const fields = Object.keys(NAMES).map((name) => [name, read(name as FieldName)]);
  return Object.fromEntries(fields) as SupernaFields;
}

/** A list may come as JSON in a string; addresses also with commas between them. */
function listOf(values: readonly JsonValue[], name: FieldName): string[] {
  return values.flatMap((value) => {
    const list = typeof value === "string" && value.startsWith("[") ? parseList(value) : value;
    const texts = textsOf(list);
    return name === "clientIps" ? texts.flatMap((text) => textsOf(text.split(/[,;\s]+/))) : texts;
  });
}

function parseList(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Whether a body has anything of an event. */
export function isKnown(fields: SupernaFields): boolean {
  return (Object.keys(NAMES) as FieldName[]).some(
    (name) => name !== "id" && name !== "action" && fields[name].length > 0,
  );
}

/**
 * Whether a body is the 24-hour user activity report. The vendor documents that it arrives at the
 * URL of the events and carries no ticket or correlation id; its members are not documented. An
 * event has a severity and a state and nobody's activity report has either, so: no id, severity
 * or state, and it names a user or speaks of a report.
 */
export function isActivityReport(body: JsonObject, fields: SupernaFields): boolean {
  if ([fields.id, fields.severity, fields.state].some((texts) => texts.length > 0)) return false;
  if (fields.user.length > 0 || fields.userName.length > 0) return true;
  return Object.entries(body).some(([name, value]) => {
    const text = typeof value === "string" ? `${name} ${value.slice(0, 200)}` : name;
    return /activity|report/i.test(text);
  });
}
