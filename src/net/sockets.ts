/** Contract of outward connections that are not HTTP; `socket-client.ts` implements it. */
import type { Socket } from "node:net";
import type { ConnectionOptions, TLSSocket } from "node:tls";

/** Where to. */
export interface Peer {
  readonly host: string;
  readonly port: number;
}

export interface Sockets {
  /**
   * A connection, through the egress guard and within the timeout. Throws REQUEST_FAILED with
   * `data.reason` (a RetryReason) or EGRESS_REFUSED.
   */
  tcp(peer: Peer, signal?: AbortSignal): Promise<Socket>;
  /** The same with TLS from the beginning. */
  tls(peer: Peer, signal?: AbortSignal): Promise<TLSSocket>;
  /** For a protocol that changes to TLS later (STARTTLS): certificates and whether to verify. */
  readonly tlsOptions: ConnectionOptions;
  /** Sends one datagram. Resolves when the system has taken it. Throws as `tcp` does. */
  udp(peer: Peer, bytes: Uint8Array): Promise<void>;
  /**
   * The failure of a connection that was there, with its reason: REQUEST_FAILED. `aborted` where it is
   * known that a limit or a caller ended it.
   */
  explain(error: unknown, peer: Peer, aborted?: "timeout" | "cancelled"): Error;
  /** Milliseconds for one exchange, as configured. */
  readonly timeout: number;
}
