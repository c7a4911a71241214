/**
 * Where `send` posts to. The configuration is read as it is written: who sends a test event need not
 * have its secrets.
 */
import { asMap, type PlainMap } from "../app/entry-checks.ts";
import { readListen } from "../config/listen.ts";

const DEFAULT_URL = "http://127.0.0.1:7373";

/** The source of a kind: the one of that name, else the first of the kind, else the kind's name. */
export function sourceOfKind(kind: string, settings: PlainMap): string {
  const sources = asMap(settings["sources"]);
  const names = Object.keys(sources).filter((name) => asMap(sources[name])["kind"] === kind);
  return names.includes(kind) ? kind : (names[0] ?? kind);
}

/** Address of the source's own listener, else of the main one; without a path. */
export function addressFor(source: string, settings: PlainMap): string {
  const own = asMap(asMap(settings["sources"])[source])["listen"];
  return urlOf(own) ?? urlOf(settings["listen"]) ?? DEFAULT_URL;
}

/** Undefined where there is no address, or nobody knows its port before it listens. */
function urlOf(listen: unknown): string | undefined {
  const address = typeof listen === "string" ? readListen(listen) : undefined;
  if (!address || address.port === 0) return undefined;
  const { host, port } = address;
  // All interfaces are no address to connect to; this machine's own is one of them.
  if (host === "0.0.0.0") return `http://127.0.0.1:${port}`;
  if (host === "::") return `http://[::1]:${port}`;
  return host.includes(":") ? `http://[${host}]:${port}` : `http://${host}:${port}`;
}
