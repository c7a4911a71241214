/** Connections: one pool per origin, through the egress guard, with this peer's TLS and proxy. */
import type { TLSSocket } from "node:tls";
import { Agent, buildConnector, ProxyAgent, type Dispatcher } from "undici";
import { fail } from "../errors.ts";
import type { EgressGuard } from "./egress.ts";

export interface TlsOptions {
  /** PEM of the certificates to trust instead of the system's. */
  readonly ca?: string | Buffer | undefined;
  /** PEM of the client certificate and its key, for peers that ask for one. */
  readonly cert?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
  /** False accepts any certificate. */
  readonly verify?: boolean | undefined;
  /** SHA-256 of the peer's own certificate, in hex; it replaces the check of its issuer and name. */
  readonly fingerprint?: string | undefined;
}

export interface ConnectionOptions {
  readonly component: string;
  /** Milliseconds for a connection to be there. */
  readonly timeout: number;
  readonly connections: number;
  readonly tls?: TlsOptions | undefined;
  readonly proxy?: string | undefined;
}

/**
 * A dispatcher of undici; it never follows redirects and never retries by itself. Throws
 * CONFIG_INVALID for a fingerprint behind a proxy, where undici shows nobody the certificate.
 */
export function createDispatcher(options: ConnectionOptions, guard: EgressGuard): Dispatcher {
  const limits = {
    connections: options.connections,
    headersTimeout: options.timeout,
    bodyTimeout: options.timeout,
  };
  if (options.proxy === undefined)
    return new Agent({ ...limits, connect: createConnector(options, guard) });
  if (options.tls?.fingerprint !== undefined) throw pinnedBehindProxy(options.component);
  return new ProxyAgent({
    ...limits,
    uri: options.proxy,
    // Plain HTTP goes to the proxy as it is: many proxies refuse CONNECT to anything but 443.
    proxyTunnel: false,
    requestTls: { ...tlsOf(options.tls), timeout: options.timeout },
    // The proxy resolves the peer's name, so the guarded resolution is that of the proxy itself.
    proxyTls: { lookup: guard.lookup, timeout: options.timeout },
  });
}

function createConnector(options: ConnectionOptions, guard: EgressGuard): buildConnector.connector {
  const connect = buildConnector({
    ...tlsOf(options.tls),
    lookup: guard.lookup,
    timeout: options.timeout,
    // A resumed session would not show the certificate again.
    ...(options.tls?.fingerprint ? { maxCachedSessions: 0 } : {}),
  });
  const pinned = options.tls?.fingerprint;
  return pinned === undefined ? connect : pinCertificate(connect, pinned);
}

/** The settings as Node's `tls` takes them. */
export function tlsOf(tls: TlsOptions | undefined) {
  return {
    ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls?.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls?.key === undefined ? {} : { key: tls.key }),
    rejectUnauthorized: (tls?.verify ?? true) && tls?.fingerprint === undefined,
  };
}

/** Only the leaf is compared: with the chain unverified, anybody can append a well-known issuer. */
function pinCertificate(
  connect: buildConnector.connector,
  fingerprint: string,
): buildConnector.connector {
  const wanted = plainHex(fingerprint);
  return (options, callback) =>
    connect(options, (...result) => {
      const [error, socket] = result;
      if (error || options.protocol !== "https:") return callback(...result);
      const found = (socket as TLSSocket).getPeerCertificate().fingerprint256 ?? "";
      if (plainHex(found) === wanted) return callback(null, socket);
      socket.destroy();
      callback(mismatch(found), null);
    });
}

function mismatch(found: string): Error {
  return Object.assign(new RangeError(`the certificate's fingerprint is ${found}`), {
    code: "ERR_TLS_FINGERPRINT_MISMATCH",
  });
}

function pinnedBehindProxy(component: string) {
  return fail("CONFIG_INVALID", {
    component,
    message: "a certificate fingerprint cannot be checked through a proxy",
    hint: "name the issuer's certificate in tls.ca instead of a fingerprint",
  });
}

function plainHex(fingerprint: string): string {
  return fingerprint
    .replace(/^sha256:/i, "")
    .replaceAll(":", "")
    .toLowerCase();
}
