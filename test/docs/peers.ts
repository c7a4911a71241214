/**
 * The peers of the kinds of destinations whose guides are walked. Each says for itself how it is started
 * for a page; here stands what the page's configuration needs to lead to it.
 */
import { missingRedis } from "../servers/redis.ts";

/** A peer as a page meets it. */
export interface DocsPeer {
  /** Takes the place of `https://<kind>.example.org`. */
  readonly url: string;
  /** Texts of a configuration that lead elsewhere, and what leads here. */
  readonly replace?: Readonly<Record<string, string>>;
  /** Ports of 127.0.0.1 at which a page expects it, and where it listens. */
  readonly ports?: Readonly<Record<string, number>>;
  /** Values of the environment variables that the page names. */
  readonly env: Readonly<Record<string, string>>;
  /** What it shows by now, oldest first. */
  kept?(): readonly unknown[];
  close(): Promise<void>;
}

interface Kind {
  load(): Promise<{ startForDocs(): Promise<DocsPeer> }>;
  /** The setting with the peer's address, where the page leaves it to its default. */
  readonly setting?: string;
  /** Why it cannot be started on this machine. */
  missing?(): string | null;
}

const KINDS: Readonly<Record<string, Kind>> = {
  alertmanager: { load: () => import("../peers/alertmanager.ts") },
  discord: { load: () => import("../peers/discord.ts") },
  "elastic-http": { load: () => import("../peers/elastic-http.ts") },
  elasticsearch: { load: () => import("../peers/elasticsearch.ts") },
  email: { load: () => import("../peers/smtp.ts") },
  "google-chat": { load: () => import("../peers/google-chat.ts") },
  iris: { load: () => import("../peers/iris.ts") },
  jira: { load: () => import("../peers/jira.ts") },
  mattermost: { load: () => import("../peers/mattermost.ts") },
  pagerduty: {
    load: () => import("../peers/pagerduty.ts"),
    setting: "url",
  },
  "redis-stream": {
    load: () => import("../peers/redis.ts"),
    missing: missingRedis,
  },
  servicenow: { load: () => import("../peers/servicenow.ts") },
  slack: { load: () => import("../peers/slack.ts"), setting: "api_url" },
  "splunk-hec": { load: () => import("../peers/splunk-hec.ts") },
  syslog: { load: () => import("../peers/syslog.ts") },
  teams: { load: () => import("../peers/teams.ts") },
  telegram: {
    load: () => import("../peers/telegram.ts"),
    setting: "api_url",
  },
  thehive: { load: () => import("../peers/thehive.ts") },
};

/** The kinds of a text's configurations that have a peer here. */
export function kindsWithPeer(text: string): string[] {
  const kinds = [...text.matchAll(/\bkind: ([\w-]+)/g)].map(([, kind = ""]) => kind);
  return [...new Set(kinds)].filter((kind) => kind in KINDS);
}

/** Why a page with this text cannot be walked on this machine; null where it can. */
export function missingPeer(text: string): string | null {
  const reasons = kindsWithPeer(text).map((kind) => KINDS[kind]?.missing?.() ?? null);
  return reasons.find((reason) => reason !== null) ?? null;
}

/** A peer that runs, and the way to it. Close it after the walk. */
export interface RunningPeer {
  readonly kind: string;
  readonly env: DocsPeer["env"];
  readonly ports: ReadonlyMap<string, number>;
  kept(): readonly unknown[];
  /** A configuration that leads to it. */
  lead(configuration: string): string;
  close(): Promise<void>;
}

/** Starts the peer of a kind. */
export async function startKind(kind: string): Promise<RunningPeer> {
  const known = KINDS[kind];
  if (!known) throw new RangeError(`there is no peer for ${kind}`);
  const { startForDocs } = await known.load();
  const peer = await startForDocs();
  return {
    kind,
    env: peer.env,
    ports: new Map(Object.entries(peer.ports ?? {})),
    kept: () => peer.kept?.() ?? [],
    lead: (text) => withSetting(withAddress(text, kind, peer), kind, known.setting, peer.url),
    close: () => peer.close(),
  };
}

function withAddress(text: string, kind: string, { url, replace = {} }: DocsPeer): string {
  const ways = { [`https://${kind}.example.org`]: url, ...replace };
  return Object.entries(ways).reduce((led, [from, to]) => led.replaceAll(from, to), text);
}

/** Adds the setting behind `kind: X`, in an entry of several lines or of one. */
function withSetting(text: string, kind: string, setting: string | undefined, url: string): string {
  if (setting === undefined) return text;
  return text
    .replaceAll(new RegExp(`^( *)kind: ${kind}$`, "gm"), `$&\n$1${setting}: ${url}`)
    .replaceAll(new RegExp(`\\bkind: ${kind}(?=,| })`, "g"), `$&, ${setting}: "${url}"`);
}
