/**
 * Splunk's HTTP Event Collector at `/services/collector/event`. Codes and status:
 * https://help.splunk.com/en/splunk-enterprise/get-data-in/collect-http-event-data/troubleshoot-http-event-collector;
 * format: https://help.splunk.com/splunk-enterprise/get-data-in/collect-http-event-data/format-events-for-http-event-collector.
 * It reads events one after the other and keeps those before the first wrong one.
 */
import type { ServerResponse } from "node:http";
import { startFaultyPeer, type FaultyPeer, type PeerTls, type Received } from "./peer.ts";

type Json = Record<string, unknown>;

export const HEC_TOKEN = "11111111-2222-4333-8444-555555555555";
export const HEC_INDEX = "soc";

export interface FakeSplunk extends FaultyPeer {
  /** The events that are in, oldest first. */
  readonly events: Json[];
  busy: boolean;
}

export interface SplunkOptions {
  /** With indexer acknowledgment: asks for a channel and answers with an `ackId`. */
  readonly acknowledges?: boolean;
  readonly tls?: PeerTls | undefined;
}

/** Starts a fake collector. Close it after the test. */
export async function startSplunk(options: SplunkOptions = {}): Promise<FakeSplunk> {
  const events: Json[] = [];
  const state = { busy: false };
  const peer = await startFaultyPeer((received, response) => {
    const refused = checkRequest(received, options) ?? (state.busy ? BUSY : undefined);
    if (refused) return answer(response, refused);
    answer(response, take(received.body, events, options));
  }, options.tls);
  return {
    ...peer,
    events,
    get busy() {
      return state.busy;
    },
    set busy(busy) {
      state.busy = busy;
    },
  };
}

/** For the guide. */
export async function startForDocs() {
  const splunk = await startSplunk();
  return { url: splunk.url, env: { SPLUNK_HEC_TOKEN: HEC_TOKEN }, close: () => splunk.close() };
}

type Answer = readonly [status: number, code: number, text: string, more?: Json];

const BUSY: Answer = [503, 9, "Server is busy"];

function answer(response: ServerResponse, [status, code, text, more]: Answer): void {
  response.writeHead(status, { "content-type": "application/json; charset=UTF-8" });
  response.end(JSON.stringify({ text, code, ...more }));
}

function checkRequest(received: Received, { acknowledges }: SplunkOptions): Answer | undefined {
  const { headers, method, path } = received;
  if (path !== "/services/collector/event") return [404, 404, "The requested URL was not found."];
  if (method !== "POST") return [405, 405, "Method Not Allowed"];
  const { authorization } = headers;
  if (authorization === undefined) return [401, 2, "Token is required"];
  if (!authorization.startsWith("Splunk ")) return [401, 3, "Invalid authorization"];
  if (authorization !== `Splunk ${HEC_TOKEN}`) return [403, 4, "Invalid token"];
  const channel = headers["x-splunk-request-channel"];
  if (acknowledges && channel === undefined) return [400, 10, "Data channel is missing"];
  if (channel === undefined || /^[0-9a-f-]{36}$/i.test(String(channel))) return undefined;
  return [400, 11, "Invalid data channel"];
}

function take(body: string, events: Json[], { acknowledges }: SplunkOptions): Answer {
  if (body.trim() === "") return [400, 5, "No data"];
  for (const [number, text] of body.split("\n").entries()) {
    const event = parse(text);
    const refused = event ? checkEvent(event) : ([400, 6, "Invalid data format"] as const);
    if (refused || !event) return invalid(refused ?? [400, 6, ""], number);
    events.push(event);
  }
  return [200, 0, "Success", acknowledges ? { ackId: events.length } : {}];
}

/** Of a wrong index, Splunk says one more than of everything else. */
function invalid([status, code, text]: Answer, number: number): Answer {
  return [status, code, text, { "invalid-event-number": code === 7 ? number + 1 : number }];
}

const MEMBERS = ["time", "host", "source", "sourcetype", "index", "fields", "event"];
/** `maxEventSize` of inputs.conf. */
const LARGEST = 5 * 1024 ** 2;

function checkEvent(event: Json): Answer | undefined {
  const unknown = Object.keys(event).some((key) => !MEMBERS.includes(key));
  const { time, index, fields = {}, event: content } = event;
  if (unknown || JSON.stringify(event).length > LARGEST) return [400, 6, "Invalid data format"];
  if (content === undefined || content === null) return [400, 12, "Event field is required"];
  if (content === "") return [400, 13, "Event field cannot be blank"];
  if (typeof time !== "number" || time > 1e11) return [400, 6, "Invalid data format"];
  if (index !== undefined && index !== HEC_INDEX) return [400, 7, "Incorrect index"];
  const isFlat = Object.values(fields as Json).every((value) => typeof value === "string");
  return isFlat ? undefined : [400, 15, "Error in handling indexed fields"];
}

function parse(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}
