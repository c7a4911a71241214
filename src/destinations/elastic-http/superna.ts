/**
 * The twelve fields that Superna's guide for Elasticsearch names, as they go over the wire; the agent puts
 * `json.` before each. What the normalised alert does not carry as a field of its own is read from where
 * the source put it: state, protocol, action and shares stand in tags, reason and description.
 * https://docs.superna.io (SIEM guide for Elasticsearch, 2.14.1)
 */
import type { Alert } from "../../alert/schema.ts";
import type { Message } from "../destination.ts";
import { linkUrl } from "../facts.ts";
import { headingOf } from "../words.ts";

export type SupernaEvent = {
  readonly action: string;
  readonly Alert_url: string;
  readonly client_ip: readonly string[];
  readonly detected: string;
  readonly severity: string;
  readonly user: string;
  readonly files: readonly string[];
  readonly shares: readonly string[];
  readonly state: string;
  readonly protocol: string;
  readonly device_vendor: string;
  readonly device_product: string;
};

/** Always all twelve; empty where the alert says nothing. Of a digest, its first alert under its heading. */
export function supernaFields(message: Message): SupernaEvent {
  const { alert, digest, link } = message;
  const said = isSuperna(alert) ? alert : undefined;
  return {
    action: digest ? headingOf(message) : (lineOf(said, "Action") ?? alert.title),
    Alert_url: (linkUrl(alert.external.url) ?? linkUrl(link))?.href ?? "",
    client_ip: clientsOf(alert),
    detected: alert.detected_at ?? alert.event_time ?? alert.received_at,
    severity: alert.severity_original ?? alert.severity.toUpperCase(),
    user: userOf(alert),
    files: valuesOf(alert, "file_path"),
    shares: sharesOf(said),
    state: stateOf(alert),
    protocol: partOf(said, "protocol") ?? "",
    device_vendor: alert.source.vendor,
    device_product: alert.source.product,
  };
}

function isSuperna({ source }: Alert): boolean {
  return source.kind === "superna";
}

function valuesOf({ artifacts }: Alert, ...types: readonly string[]): string[] {
  return [
    ...new Set(artifacts.filter(({ type }) => types.includes(type)).map(({ value }) => value)),
  ];
}

/** Addresses of those who did it, or of all where nobody is said to be the source. */
function clientsOf(alert: Alert): readonly string[] {
  const ips = alert.artifacts.filter(({ type }) => type === "ip");
  const sources = ips.filter(({ role }) => role === "source").map(({ value }) => value);
  return sources.length > 0 ? [...new Set(sources)] : alert.entities.ips;
}

function userOf(alert: Alert): string {
  const named = alert.artifacts.find(({ field }) => field === "user")?.value;
  return named ?? alert.entities.users[0] ?? valuesOf(alert, "account", "sid")[0] ?? "";
}

/** The source tags its alerts with the state; others have a status only. */
function stateOf(alert: Alert): string {
  if (!isSuperna(alert)) return alert.status;
  return partOf(alert, "state") ?? alert.tags[0] ?? alert.status;
}

/** `LOCKED_OUT` of the reason `state LOCKED_OUT, protocol SMB2, 12 files`. */
function partOf(alert: Alert | undefined, name: string): string | undefined {
  const parts = alert?.reason?.split(", ") ?? [];
  return parts.find((part) => part.startsWith(`${name} `))?.slice(name.length + 1);
}

/** `a, b` of the line `Shares: a, b` of the description. */
function lineOf(alert: Alert | undefined, label: string): string | undefined {
  const lines = alert?.description?.split("\n") ?? [];
  return lines.find((line) => line.startsWith(`${label}: `))?.slice(label.length + 2);
}

function sharesOf(alert: Alert | undefined): string[] {
  const line = lineOf(alert, "Shares") ?? "";
  return line
    .replace(/ and \d+ more$/, "")
    .split(", ")
    .filter((share) => share !== "");
}
