import { isIP } from "node:net";
import { ArtifactSet } from "../../alert/artifacts.ts";
import { emptyContent } from "../../alert/content.ts";
import type { AlertContent } from "../../alert/schema.ts";
import { readSeverity } from "../../alert/severity.ts";
import { toTitle } from "../../alert/text.ts";
import { readTime } from "../../alert/time.ts";
import { keyPart, linkOf, quote, unique } from "../read.ts";
import type { NormaliseContext, Normalised, SourceEvent } from "../source.ts";
import { REPORT_STREAM } from "./decode.ts";
import { isActivityReport, readFields, type SupernaFields } from "./fields.ts";

/** Artifacts of one alert; a ransomware event may list tens of thousands of files. */
const MAX_ARTIFACTS = 1000;

const PRODUCT = "Ransomware Defender";

/** States after which nothing is left to do. Any other, known or not, leaves the alert open. */
const CLOSED_STATES = new Set(["FALSE_POSITIVE", "RECOVERED", "RESOLVED", "CLOSED", "ARCHIVED"]);

/**
 * Reads an event of Ransomware Defender: severities CRITICAL, MAJOR (high), WARNING (medium) and
 * MINOR (low); states (LOCKED_OUT, DELAYED_LOCKOUT, …) pass through as tag and reason. Events with
 * an id are updates of one subject.
 */
export function normaliseSuperna(
  event: SourceEvent,
  context: NormaliseContext<unknown>,
): Normalised {
  const fields = readFields(event.document);
  const flags: string[] = [];
  const artifacts = collectArtifacts(fields, flags);
  const content: AlertContent = {
    ...emptyContent({ ...sourceOf(context), product: fields.product[0] ?? PRODUCT }),
    external: { id: fields.id[0] ?? null, url: linkOf(fields.url) },
    ...readText(fields),
    ...readGrade(fields, flags),
    ...readState(fields),
    ...readTimes(fields, flags),
    artifacts: artifacts.list(),
    tags: unique(fields.state),
    provenance: { repaired: [...event.repaired], flags: [...flags, ...artifacts.flags()] },
  };
  if (isActivityReport(event.document, fields)) return { alert: asReport(content, fields) };
  const name = event.stream;
  const alert = { ...content, rule: { ...content.rule, name } };
  const id = fields.id[0];
  return id === undefined
    ? { alert }
    : { alert, subject: `superna:${keyPart(context.name)}:${keyPart(id)}` };
}

function sourceOf({ name, kind }: NormaliseContext<unknown>): AlertContent["source"] {
  return { name, kind, vendor: "Superna", product: PRODUCT, space: null };
}

/**
 * The report says what a user did in 24 hours; it is no detection. What it is about beyond the
 * known members is in the raw event only.
 */
function asReport(content: AlertContent, fields: SupernaFields): AlertContent {
  const who = whoIn(fields);
  const title = who === null ? REPORT_STREAM : `${REPORT_STREAM}: ${who}`;
  return {
    ...content,
    title: toTitle(title),
    reason: null,
    severity: "informational",
    rule: { ...content.rule, name: REPORT_STREAM },
    tags: ["user-activity-report"],
    provenance: {
      ...content.provenance,
      flags: [...content.provenance.flags, "kind: no id, severity or state, taken for a report"],
    },
  };
}

function whoIn(fields: SupernaFields): string | null {
  return fields.userName[0] ?? fields.user[0] ?? fields.clientIps[0] ?? null;
}

function readText(fields: SupernaFields): Pick<AlertContent, "title" | "description" | "reason"> {
  const where = fields.clusters[0] ?? fields.shares[0];
  const title = [`${PRODUCT} event`, whoIn(fields)].filter(isText).join(": ");
  return {
    title: toTitle(where === undefined ? title : `${title} on ${where}`),
    description: describe(fields),
    reason: reasonOf(fields),
  };
}

function reasonOf(fields: SupernaFields): string | null {
  const count = fileCountOf(fields);
  const parts = [
    fields.state.length > 0 ? `state ${fields.state.join(", ")}` : null,
    fields.protocol.length > 0 ? `protocol ${fields.protocol.join(", ")}` : null,
    count === null ? null : `${count} ${count === 1 ? "file" : "files"}`,
  ].filter(isText);
  return parts.length === 0 ? null : parts.join(", ");
}

function describe(fields: SupernaFields): string | null {
  const lists = {
    Action: fields.action,
    Shares: fields.shares,
    Buckets: fields.buckets,
    Snapshots: fields.snapshots,
  };
  const lines = Object.entries(lists)
    .filter(([, texts]) => texts.length > 0)
    .map(([name, texts]) => `${name}: ${texts.slice(0, 20).join(", ")}${more(texts, 20)}`);
  return lines.length === 0 ? null : lines.join("\n");
}

function more(texts: readonly string[], shown: number): string {
  return texts.length > shown ? ` and ${texts.length - shown} more` : "";
}

/** `numFiles` is a number or its text; without it, the files listed. */
function fileCountOf(fields: SupernaFields): number | null {
  const count = Number(fields.fileCount[0] ?? Number.NaN);
  if (Number.isSafeInteger(count) && count >= 0) return count;
  return fields.files.length === 0 ? null : fields.files.length;
}

function readGrade(
  { severity: [original] }: SupernaFields,
  flags: string[],
): Pick<AlertContent, "severity" | "severity_original"> {
  if (original === undefined) return { severity: "unknown", severity_original: null };
  const severity = readSeverity(original);
  if (severity === "unknown") flags.push(`severity: ${quote(original)} is not known`);
  return { severity, severity_original: original };
}

function readState({ state }: SupernaFields): Pick<AlertContent, "status" | "verdict"> {
  const word = state[0]?.toUpperCase().replaceAll(" ", "_") ?? "";
  return {
    status: CLOSED_STATES.has(word) ? "closed" : "new",
    verdict: word === "FALSE_POSITIVE" ? "false_positive" : null,
  };
}

/** There is one time, that of the detection; it is the event's as far as anyone knows. */
function readTimes(
  { detected: [text] }: SupernaFields,
  flags: string[],
): Pick<AlertContent, "event_time" | "detected_at"> {
  const time = readTime(text);
  if (text !== undefined && time === null) flags.push(`detected: ${quote(text)} is not a time`);
  return { event_time: time, detected_at: time };
}

function collectArtifacts(fields: SupernaFields, flags: string[]): ArtifactSet {
  const artifacts = new ArtifactSet();
  artifacts.add("host", fields.clientIps, { field: "clientIPs", role: "source" });
  for (const text of fields.user) addUser(artifacts, text, "user");
  for (const text of fields.userName) addUser(artifacts, text, "userName");
  artifacts.add("host", fields.clusters, { field: "nes", role: "target" });
  addFiles(artifacts, fields, flags);
  return artifacts;
}

/** `user` is a SID, an account, or the client's address where NFS knows no users. */
function addUser(artifacts: ArtifactSet, text: string, field: string): void {
  const type = /^S-1-\d/i.test(text) ? "sid" : isIP(text) > 0 ? "ip" : "account";
  artifacts.add(type, text, { field, role: "actor" });
}

function addFiles(artifacts: ArtifactSet, { files }: SupernaFields, flags: string[]): void {
  const room = Math.max(0, MAX_ARTIFACTS - artifacts.list().length);
  artifacts.add("file_path", files.slice(0, room), { field: "files", role: "target" });
  if (files.length > room)
    flags.push(`files: ${files.length} in the event, the first ${room} kept`);
}

function isText(text: string | null): text is string {
  return text !== null;
}
