/**
 * An Alertmanager: `POST /api/v2/alerts` behind Basic or Bearer authentication. It refuses what the real one
 * refuses, and keeps alerts by their labels as that does: what comes again changes what is there.
 *
 * https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml (`postableAlerts`)
 * https://github.com/prometheus/alertmanager/blob/main/types/types.go (`Alert.Validate`, `Alert.Merge`)
 */
import { hasOnly, isObject, isUrl, parseJson, type Json } from "./json.ts";
import { startFaultyPeer, type FaultyPeer, type PeerTls, type Received } from "./peer.ts";

type Labels = Readonly<Record<string, string>>;

export interface KeptAlert {
  readonly labels: Labels;
  annotations: Labels;
  startsAt: string;
  endsAt: string;
}

export interface FakeAlertmanager extends FaultyPeer {
  /** By the order in which their labels came first. */
  readonly alerts: KeptAlert[];
}

export const ALERTMANAGER_USER = "tocsin";
export const ALERTMANAGER_PASSWORD = "correct horse battery";
export const ALERTMANAGER_TOKEN = "am-token-0123456789abcdef";

/** Starts a fake Alertmanager whose clock shows `now`, in epoch ms. Close it after the test. */
export async function startAlertmanager(
  tls?: PeerTls,
  now = Number.POSITIVE_INFINITY,
): Promise<FakeAlertmanager> {
  const alerts: KeptAlert[] = [];
  const peer = await startFaultyPeer((received, response) => {
    const refused = take(received, alerts, now);
    if (!refused) return void response.writeHead(200).end();
    const [status, words] = refused;
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(words));
  }, tls);
  return { ...peer, alerts };
}

/** For the guide: an Alertmanager, and what its page calls the password. */
export async function startForDocs() {
  const fake = await startAlertmanager();
  const env: Record<string, string> = { ALERTMANAGER_PASSWORD };
  return { url: fake.url, env, close: () => fake.close() };
}

type Refusal = readonly [status: number, words: unknown];

function take(received: Received, alerts: KeptAlert[], now: number): Refusal | undefined {
  if (!isKnown(received.headers.authorization)) return [401, "Unauthorized"];
  if (received.path !== "/api/v2/alerts")
    return [404, { code: 404, message: "path was not found" }];
  if (received.method !== "POST") return [405, { code: 405, message: "method is not allowed" }];
  if (!received.headers["content-type"]?.startsWith("application/json"))
    return [415, { code: 415, message: "unsupported media type" }];
  const posted = parseJson(received.body);
  if (!Array.isArray(posted) || !posted.every(isObject))
    return [400, { code: 400, message: 'parsing alerts body from "" failed' }];
  const error = posted.map(validate).find((words) => words !== undefined);
  if (error !== undefined) return [400, error];
  for (const each of posted) keep(each as unknown as KeptAlert, alerts, now);
  return undefined;
}

function isKnown(authorization: string | undefined): boolean {
  const basic = Buffer.from(`${ALERTMANAGER_USER}:${ALERTMANAGER_PASSWORD}`).toString("base64");
  return [`Basic ${basic}`, `Bearer ${ALERTMANAGER_TOKEN}`].includes(authorization ?? "");
}

const MEMBERS = ["labels", "annotations", "startsAt", "endsAt", "generatorURL"];
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

function validate(alert: Json): string | undefined {
  const { labels, annotations, startsAt, endsAt, generatorURL } = alert;
  if (!hasOnly(alert, MEMBERS)) return "unknown member";
  if (![startsAt, endsAt].every((time) => TIME.test(String(time)))) return "not a date-time";
  if (Date.parse(String(endsAt)) < Date.parse(String(startsAt)))
    return "start time must be before end time";
  if (!isLabels(labels) || Object.keys(labels).length === 0) return "invalid label set";
  if (!isLabels(annotations)) return "invalid annotations";
  return generatorURL === undefined || isUrl(generatorURL) ? undefined : "generatorURL is no URI";
}

/** Empty values are as good as not there, and meant by nobody. */
function isLabels(value: unknown): value is Labels {
  if (!isObject(value)) return false;
  return Object.entries(value).every(
    ([name, text]) =>
      /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) && typeof text === "string" && text !== "",
  );
}

function keep(posted: KeptAlert, alerts: KeptAlert[], now: number): void {
  const known = alerts.find(({ labels }) => identity(labels) === identity(posted.labels));
  if (!known) return void alerts.push({ ...posted });
  known.annotations = posted.annotations;
  // Of two that overlap, one that has not ended yet gets the later end.
  const isOverlap = posted.endsAt > known.startsAt && posted.endsAt < known.endsAt;
  if (!isOverlap || Date.parse(posted.endsAt) <= now) known.endsAt = posted.endsAt;
  if (posted.startsAt < known.startsAt) known.startsAt = posted.startsAt;
}

function identity(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
