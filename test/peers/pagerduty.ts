/**
 * A PagerDuty that takes events as the Events API v2 does: its fields, enumerations and answers are
 * those of https://github.com/PagerDuty/api-schema (`reference/events-v2/openapiv3.json`); the lengths
 * of `summary` and `dedup_key` and the size of an event those of
 * https://developer.pagerduty.com/docs/events-api-v2/overview/. It keeps alerts by their `dedup_key`:
 * a trigger opens one or joins the one that is open, and what is meant for none is ignored.
 */
import { startFaultyPeer, type FaultyPeer, type PeerTls, type Received } from "./peer.ts";

type Json = Record<string, unknown>;

export interface PagerDutyAlert {
  readonly key: string;
  status: "triggered" | "acknowledged" | "resolved";
  /** The events that it is made of, the first opened it. */
  readonly events: Json[];
}

export interface FakePagerDuty extends FaultyPeer {
  readonly enqueueUrl: string;
  /** Oldest first; one that was resolved stays. */
  readonly alerts: PagerDutyAlert[];
}

export const PAGERDUTY_KEY = "e93facc04764012d7bfb002500d5d1a6";
const PATH = "/v2/enqueue";
const MAX_BYTES = 512_000;

/** Starts a fake PagerDuty. Close it after the test. */
export async function startPagerDuty(tls?: PeerTls): Promise<FakePagerDuty> {
  const alerts: PagerDutyAlert[] = [];
  const peer = await startFaultyPeer((received, response) => {
    const [status, said] = takeEvent(received, alerts);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(said));
  }, tls);
  return { ...peer, alerts, enqueueUrl: `${peer.url}${PATH}` };
}

/** For the guide: a PagerDuty, and what its page calls the integration key. */
export async function startForDocs() {
  const fake = await startPagerDuty();
  const env: Record<string, string> = { PAGERDUTY_KEY };
  return { url: fake.enqueueUrl, env, kept: () => fake.alerts, close: () => fake.close() };
}

function takeEvent(received: Received, alerts: PagerDutyAlert[]): [number, Json] {
  if (received.method !== "POST" || received.path !== PATH)
    return [404, { status: "not found", message: "Not found" }];
  if (Buffer.byteLength(received.body) > MAX_BYTES)
    return [413, { status: "invalid event", message: "Event object is too large", errors: [] }];
  const event = parse(received.body);
  if (!event || !received.headers["content-type"]?.startsWith("application/json"))
    return invalid("Unrecognized object", "Event object format is unrecognized", [
      "JSON parse error",
    ]);
  const errors = checkEvent(event);
  if (errors.length > 0) return invalid("invalid event", "Event object is invalid", errors);
  keep(event, alerts);
  const key = event["dedup_key"];
  return [202, { status: "success", message: "Event processed", dedup_key: key }];
}

function invalid(status: string, message: string, errors: string[]): [number, Json] {
  return [400, { status, message, errors }];
}

function keep(event: Json, alerts: PagerDutyAlert[]): void {
  const key = String(event["dedup_key"]);
  const open = alerts.find((alert) => alert.key === key && alert.status !== "resolved");
  if (event["event_action"] === "trigger") {
    if (open) open.events.push(event);
    else alerts.push({ key, status: "triggered", events: [event] });
    return;
  }
  if (open) open.status = event["event_action"] === "resolve" ? "resolved" : "acknowledged";
}

const MEMBERS = [
  "routing_key",
  "event_action",
  "dedup_key",
  "payload",
  "client",
  "client_url",
  "links",
  "images",
];
const PAYLOAD = [
  "summary",
  "source",
  "severity",
  "timestamp",
  "component",
  "group",
  "class",
  "custom_details",
];

function checkEvent(event: Json): string[] {
  const { routing_key: routing, event_action: action, dedup_key: key, payload } = event;
  const errors: string[] = [];
  const want = (ok: boolean, error: string) => void (ok || errors.push(error));
  want(
    isText(routing, 1000) && routing.length === 32,
    "Length of 'routing_key' is incorrect (should be 32 characters)",
  );
  want(routing === PAGERDUTY_KEY, "'routing_key' is invalid");
  want(isOneOf(action, ["trigger", "acknowledge", "resolve"]), "'event_action' is invalid");
  want(isText(key, 255), "'dedup_key' is missing or too long");
  want(hasOnly(event, MEMBERS), "an unknown member");
  want(isLinks(event["links"]), "'links' is invalid");
  want(event["client_url"] === undefined || isUrl(event["client_url"]), "'client_url' is invalid");
  if (action !== "trigger") return errors;
  return [...errors, ...checkPayload(payload)];
}

function checkPayload(payload: unknown): string[] {
  if (!isObject(payload)) return ["'payload' is missing or blank"];
  const errors: string[] = [];
  const want = (ok: boolean, error: string) => void (ok || errors.push(error));
  want(isText(payload["summary"], 1024), "'payload.summary' is missing or too long");
  want(isText(payload["source"], 1024), "'payload.source' is missing or blank");
  const severities = ["critical", "error", "warning", "info"];
  want(isOneOf(payload["severity"], severities), "'payload.severity' is invalid");
  want(!Number.isNaN(Date.parse(String(payload["timestamp"]))), "'payload.timestamp' is invalid");
  want(isObject(payload["custom_details"]), "'payload.custom_details' is not an object");
  want(hasOnly(payload, PAYLOAD), "'payload' has an unknown member");
  return errors;
}

function isLinks(links: unknown): boolean {
  if (links === undefined) return true;
  return Array.isArray(links) && links.every((link) => isObject(link) && isUrl(link["href"]));
}

function isText(value: unknown, max: number): value is string {
  return typeof value === "string" && value !== "" && value.length <= max;
}

function isUrl(value: unknown): boolean {
  return typeof value === "string" && /^https?:\/\//.test(value) && URL.canParse(value);
}

function isOneOf(value: unknown, allowed: readonly string[]): boolean {
  return typeof value === "string" && allowed.includes(value);
}

function hasOnly(object: Json, known: readonly string[]): boolean {
  return Object.keys(object).every((name) => known.includes(name));
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parse(body: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
