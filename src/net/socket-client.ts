/** Outward connections that are not HTTP: the same guard, certificates and limits as for requests. */
import { createSocket } from "node:dgram";
import type { LookupAddress } from "node:dns";
import { once } from "node:events";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { tlsOf, type TlsOptions } from "./dispatcher.ts";
import { createEgressGuard, type EgressGuard, type EgressPolicy } from "./egress.ts";
import { explainFailure } from "./failure.ts";
import type { Peer, Sockets } from "./sockets.ts";

export interface SocketOptions {
  /** Named in errors, as in the configuration: `destination relay`. */
  readonly component: string;
  readonly egress: EgressPolicy;
  /** Milliseconds for a connection to be there. */
  readonly timeout: number;
  readonly tls?: TlsOptions | undefined;
}

/** Makes what opens connections of one destination. Holds nothing open by itself. */
export function openSockets(options: SocketOptions): Sockets {
  const { timeout } = options;
  const guard = createEgressGuard(options.egress, options.component);
  const tlsOptions = tlsOf(options.tls);
  const explain = explainFor(options.component);
  const { lookup } = guard;

  /** Waits for a connection that is being made. */
  const reach = async <S extends Socket>(
    peer: Peer,
    event: "connect" | "secureConnect",
    make: () => S,
    signal: AbortSignal | undefined,
  ): Promise<S> => {
    guard.checkHost(peer.host);
    const deadline = AbortSignal.timeout(timeout);
    const socket = make();
    // Without a listener, an error after this one's end would end the program.
    socket.on("error", () => {});
    try {
      await once(socket, event, {
        signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
      });
      return socket;
    } catch (error) {
      socket.destroy();
      throw explain(error, peer, abortedBy(signal, deadline));
    }
  };

  return {
    timeout,
    tlsOptions,
    explain,
    tcp: (peer, signal) => reach(peer, "connect", () => connectTcp({ ...peer, lookup }), signal),
    tls: (peer, signal) =>
      reach<TLSSocket>(
        peer,
        "secureConnect",
        () => connectTls({ ...tlsOptions, ...peer, ...serverName(peer), lookup }),
        signal,
      ),
    async udp(peer, bytes) {
      guard.checkHost(peer.host);
      try {
        await sendDatagram(await resolveHost(guard, peer.host), peer.port, bytes);
      } catch (error) {
        throw explain(error, peer);
      }
    },
  };
}

function explainFor(component: string): Sockets["explain"] {
  return (error, { host, port }, aborted) => {
    const url = `tcp://${host.includes(":") ? `[${host}]` : host}:${port}`;
    return explainFailure(error, { component, method: "connection to", url, aborted });
  };
}

/** A name is sent to the server so that it picks its certificate; an address must not be (RFC 6066). */
function serverName({ host }: Peer): { readonly servername?: string } {
  return isIP(host) ? {} : { servername: host };
}

/** The first allowed address of a host. A datagram's socket is of one family, so it is known first. */
async function resolveHost(guard: EgressGuard, host: string): Promise<LookupAddress> {
  const family = isIP(host);
  if (family) return { address: host, family };
  return await new Promise((resolve, reject) => {
    guard.lookup(host, { all: true }, (error, found) => {
      const [first] = typeof found === "string" ? [] : found;
      if (first) resolve(first);
      else reject(error ?? new RangeError(`${host} has no address`));
    });
  });
}

async function sendDatagram(to: LookupAddress, port: number, bytes: Uint8Array): Promise<void> {
  const socket = createSocket(to.family === 6 ? "udp6" : "udp4");
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.send(bytes, port, to.address, (error) => (error ? reject(error) : resolve()));
    });
  } finally {
    socket.close();
  }
}

function abortedBy(signal: AbortSignal | undefined, deadline: AbortSignal) {
  if (signal?.aborted) return "cancelled";
  return deadline.aborted ? "timeout" : undefined;
}
