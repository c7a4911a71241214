/**
 * The way to a collector, and what is known of what was sent on it.
 *
 * A collector never answers. Over TCP and TLS one connection is kept for all messages. It is *open* from
 * when it is there until either side ends it, and a message is written to one that is open; where there
 * is none, one is made, once for all that wait for it. A message counts as sent when the system has taken
 * all of it and the connection is still open `SETTLING` later: one that the collector had given up shows
 * itself by then, because the machine of the collector answers the first bytes with a reset. So a message
 * is lost only with a collector, or a network, that breaks down between taking the bytes and storing them.
 *
 * Over UDP a message counts as sent when the system has taken it. Nobody learns whether it arrived.
 */
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Peer, Sockets } from "../../net/sockets.ts";
import type { SyslogConfig } from "./syslog.ts";

/** In ms: some round trips in a network, and no limit to the rate, for messages overlap. */
const SETTLING = 50;
/** Idle connections are probed after so many ms, so that firewalls do not forget them. */
const KEEP_ALIVE = 30_000;
const PORTS = { tls: 6514, tcp: 514, udp: 514 } as const;

export interface Link {
  /** Throws REQUEST_FAILED or EGRESS_REFUSED. */
  send(bytes: Buffer, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Opens nothing before the first message. */
export function createLink(config: SyslogConfig, sockets: Sockets): Link {
  const { transport, framing } = config;
  const peer = { host: config.host, port: config.port ?? PORTS[transport] };
  if (transport === "udp") {
    return {
      async send(bytes, signal) {
        if (signal.aborted) throw sockets.explain(signal.reason, peer, "cancelled");
        await sockets.udp(peer, bytes);
      },
      close: async () => {},
    };
  }
  const connection = keepConnection(() => sockets[transport](peer), sockets, peer);
  return {
    send: (bytes, signal) => connection.write(frame(bytes, framing), signal),
    close: async () => connection.close(),
  };
}

/** Length and blank in front, or a line break behind (RFC 6587 §3.4); there is none inside a message. */
function frame(bytes: Buffer, framing: SyslogConfig["framing"]): Buffer {
  if (framing === "lines") return Buffer.concat([bytes, Buffer.from("\n")]);
  return Buffer.concat([Buffer.from(`${bytes.length} `), bytes]);
}

function keepConnection(connect: () => Promise<Socket>, sockets: Sockets, peer: Peer) {
  let current: Promise<Socket> | undefined;
  const forget = (one: Promise<Socket>) => {
    if (current === one) current = undefined;
  };
  const open = () => {
    const opening = connect().then((socket) => {
      watch(socket, () => forget(opening));
      return socket;
    });
    opening.catch(() => forget(opening));
    return (current = opening);
  };
  return {
    async write(bytes: Buffer, signal: AbortSignal): Promise<void> {
      const deadline = AbortSignal.timeout(sockets.timeout);
      const one = current ?? open();
      const socket = await one;
      try {
        await writeAll(socket, bytes, AbortSignal.any([signal, deadline]));
        await delay(SETTLING);
        if (!isOpen(socket)) throw closedByPeer();
      } catch (error) {
        if (!isOpen(socket)) forget(one);
        const stopped = signal.aborted ? "cancelled" : deadline.aborted ? "timeout" : undefined;
        const cause = isOpen(socket) ? error : (socket.errored ?? closedByPeer());
        throw sockets.explain(cause, peer, stopped);
      }
    },
    async close(): Promise<void> {
      const socket = await current?.catch(() => undefined);
      socket?.destroySoon();
    },
  };
}

/** A collector says nothing, but its end of the connection is heard only where it is read. */
function watch(socket: Socket, onGone: () => void): void {
  socket.setKeepAlive(true, KEEP_ALIVE);
  socket.setNoDelay(true);
  socket.once("end", onGone).once("close", onGone).resume();
}

/**
 * Resolves when the system has taken all. Giving up before that ends the connection, in which half a
 * message stands.
 */
async function writeAll(socket: Socket, bytes: Buffer, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const giveUp = () => socket.destroy();
    signal.addEventListener("abort", giveUp, { once: true });
    socket.write(bytes, (error) => {
      signal.removeEventListener("abort", giveUp);
      if (error) reject(error);
      else resolve();
    });
  });
}

function isOpen(socket: Socket): boolean {
  return !socket.destroyed && !socket.readableEnded;
}

function closedByPeer(): Error {
  return Object.assign(new RangeError("the collector closed it"), { code: "ECONNRESET" });
}
