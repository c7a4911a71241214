/**
 * The Common Event Format: seven fields between pipes, then pairs `key=value`. Names of keys and how long
 * their values may be are those of ArcSight's dictionary (Common Event Format, Implementation Standard,
 * "Key Names for Event Producers"). Everything is on one line; what has no room is left out from the end.
 */
import { isIP } from "node:net";
import type { Artifact, ArtifactRole, ArtifactType } from "../../alert/schema.ts";
import type { Severity } from "../../alert/severity.ts";
import { USER_AGENT } from "../../net/user-agent.ts";
import type { Message } from "../destination.ts";
import { severityOf } from "../facts.ts";
import { clipList, formatCount, manyLines, oneLine } from "../text.ts";
import { alertLine, reasonInWords, statusMark } from "../words.ts";
import { topicOf } from "./line.ts";
import type { Words } from "./render.ts";

/** 0–3 is low, 4–6 medium, 7–8 high, 9–10 very high. */
const SEVERITIES: Readonly<Record<Severity, number>> = {
  unknown: 0,
  informational: 1,
  low: 3,
  medium: 5,
  high: 8,
  critical: 10,
};
const VERSION = USER_AGENT.split("/")[1] ?? "";
const MAX_ID = 1023;
const MAX_NAME = 512;
const MAX_ALERTS = 10;
/** The beginning of one of these would be another one. */
const WHOLE = new Set("externalId cs6 cs4 rt start end cnt src dst c6a2 c6a3 fileHash".split(" "));

/** CEF of a message in at most `most` bytes; some 1000 are needed for the fields in front. */
export function cefOf(message: Message, most: number, words: Words): string {
  const head = headOf(message, words, Math.floor(most / 4));
  const kept: string[] = [];
  let left = most - Buffer.byteLength(head);
  for (const [key, max, value] of extensionOf(message, words)) {
    if (value === null || value === "") continue;
    const inFront = `${kept.length === 0 ? "" : " "}${key}=`;
    const room = left - inFront.length;
    const text = cut(manyLines(value), max, room, escapeValue);
    if (text === "" || (WHOLE.has(key) && text !== wholeOf(value))) continue;
    kept.push(`${inFront}${text}`);
    left -= Buffer.byteLength(`${inFront}${text}`);
  }
  return `${head}${kept.join("")}`;
}

/** Both long fields have so many bytes at most. */
function headOf(message: Message, { title }: Words, room: number): string {
  const { alert, digest } = message;
  const id = digest ? "digest" : (alert.rule.id ?? alert.rule.uuid ?? alert.rule.name ?? "alert");
  const name = title ?? nameOf(message);
  const fields = [
    cut(oneLine(id), MAX_ID, room, escapeField),
    cut(oneLine(name), MAX_NAME, room, escapeField),
    String(SEVERITIES[severityOf(message)]),
  ];
  return `CEF:0|Tocsin|Tocsin|${VERSION}|${fields.join("|")}|`;
}

function nameOf({ alert, digest, kind, test }: Message): string {
  const mark = `${test ? "[TEST] " : ""}${kind === "reminder" ? "Reminder: " : ""}`;
  if (digest) return `${mark}${formatCount(digest.total)} alerts · ${reasonInWords(digest)}`;
  return `${mark}${statusMark(alert)}${alert.title}`;
}

type Pair = readonly [key: string, max: number, value: string | null];

/** What tells alerts apart stands in front, where it is never without room; the long texts at the end. */
function extensionOf(message: Message, { text }: Words): Pair[] {
  const { alert, digest, key } = message;
  return [
    ["externalId", 40, alert.number],
    ...custom(6, "key", key, 200),
    ["cat", 1023, topicOf(message)],
    ["rt", 40, String(Date.parse(alert.received_at))],
    ["start", 40, timeOf(alert.event_time ?? alert.detected_at ?? alert.first_seen)],
    ["end", 40, timeOf(alert.last_seen)],
    ["cnt", 40, String(digest?.total ?? alert.count)],
    ...custom(1, "source", alert.source.name, 200),
    ...custom(5, "status", alert.status, 40),
    ...custom(3, "case", message.case?.id ?? null, 200),
    ...custom(4, "link", message.link, 2000),
    ...(digest ? [] : seenOf(message)),
    ["msg", 1023, text ?? (digest ? linesOf(message) : alert.reason)],
    ...custom(2, "attack", digest ? null : attackOf(message), 4000),
    ["reason", 1023, digest ? null : alert.description],
  ];
}

/** A custom string and what it is; nothing without a value. */
function custom(slot: number, label: string, value: string | null, max: number): Pair[] {
  if (value === null || value === "") return [];
  return [
    [`cs${slot}Label`, 1023, label],
    [`cs${slot}`, max, value],
  ];
}

function seenOf({ alert: { artifacts, entities } }: Message): Pair[] {
  const find = (types: readonly ArtifactType[], roles?: readonly ArtifactRole[]) =>
    artifacts.find(({ type, role }) => types.includes(type) && (roles?.includes(role) ?? true));
  const valueOf = (artifact: Artifact | undefined) => artifact?.value ?? null;
  return [
    ...address("src", 2, "Source", find(["ip"], ["source", "actor"])),
    ...address("dst", 3, "Destination", find(["ip"], ["destination", "target"])),
    ["dhost", 1023, entities.hosts[0] ?? null],
    ["suser", 1023, valueOf(find(["account"], ["source", "actor"]))],
    [
      "duser",
      1023,
      valueOf(find(["account"], ["destination", "target"])) ?? entities.users[0] ?? null,
    ],
    ["fname", 1023, valueOf(find(["file_name"]))],
    ["filePath", 1023, valueOf(find(["file_path"]))],
    ["fileHash", 255, valueOf(find(["sha256", "sha512", "sha1", "md5"]))],
    ["request", 1023, valueOf(find(["url"]))],
    ["requestClientApplication", 1023, valueOf(find(["user_agent"]))],
  ];
}

/** `src` and `dst` are IPv4 in version 0 of the format; there are fields of their own for IPv6. */
function address(key: string, slot: number, side: string, found: Artifact | undefined): Pair[] {
  const family = isIP(found?.value ?? "");
  if (!found || family === 0) return [];
  if (family === 4) return [[key, 15, found.value]];
  return [
    [`c6a${slot}Label`, 1023, `${side} IPv6 Address`],
    [`c6a${slot}`, 45, found.value],
  ];
}

function attackOf({ alert }: Message): string {
  const ids = alert.attack.map(({ tactic, technique, subtechnique }) => {
    return (subtechnique ?? technique ?? tactic)?.id ?? "";
  });
  return [...new Set(ids)].filter((id) => id !== "").join(", ");
}

function linesOf({ digest }: Message): string | null {
  return digest && clipList(digest.alerts, MAX_ALERTS, alertLine, digest.total).join("\n");
}

function timeOf(time: string): string {
  return String(Date.parse(time));
}

const ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\t": " ", "\\": "\\\\" };

function escapeField(character: string): string {
  return character === "|" ? "\\|" : (ESCAPES[character] ?? character);
}

function escapeValue(character: string): string {
  return character === "=" ? "\\=" : (ESCAPES[character] ?? character);
}

function wholeOf(value: string): string {
  return cut(manyLines(value), Infinity, Infinity, escapeValue);
}

/** The first characters, escaped: at most `max` before and `room` bytes after it, and no half escape. */
function cut(
  text: string,
  max: number,
  room: number,
  escape: (character: string) => string,
): string {
  const kept: string[] = [];
  let left = room;
  for (const character of text.slice(0, max)) {
    const escaped = escape(character);
    left -= Buffer.byteLength(escaped);
    if (left < 0) break;
    kept.push(escaped);
  }
  return kept.join("");
}
