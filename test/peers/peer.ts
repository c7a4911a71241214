/** A local HTTP(S) server whose answers a test decides; it keeps what it received. */
import { readFileSync } from "node:fs";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  ServerResponse,
} from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** The body as it came over the wire. */
  readonly bytes: Buffer;
}

/** Answers a request whose body has been read; it may also break the connection. */
export type Responder = (
  received: Received,
  response: ServerResponse,
  request: IncomingMessage,
) => void | Promise<void>;

export interface Peer {
  /** `http(s)://localhost:port`, no path. */
  readonly url: string;
  readonly port: number;
  readonly received: Received[];
  close(): Promise<void>;
}

/** The name of a certificate in `tls/`; with `client` the peer demands the client certificate. */
export interface PeerTls {
  readonly name: "localhost" | "other-name" | "expired";
  readonly client?: boolean;
}

/** The PEM text of a file in `tls/`. */
export function readPem(file: string): string {
  return readFileSync(new URL(`./tls/${file}`, import.meta.url), "utf8");
}

/** A peer of a certain kind, which can be made to misbehave. */
export interface FaultyPeer extends Peer {
  /**
   * Answers in the peer's place from now on, once `after` more requests were answered as usual;
   * undefined lets the peer answer again.
   */
  misbehave(responder: Responder | undefined, after?: number): void;
  /**
   * Once `after` more requests were answered as usual, one request is taken and done, and its answer is
   * lost with the connection.
   */
  loseAnswer(after?: number): void;
}

/** A peer that answers as `respond` does, unless it is told to misbehave. Close it after the test. */
export async function startFaultyPeer(respond: Responder, tls?: PeerTls): Promise<FaultyPeer> {
  let fault: Responder | undefined;
  let wait = 0;
  const next = (responder: Responder | undefined, after = 0) => {
    fault = responder;
    wait = after;
  };
  const peer = await startPeer((received, response, request) => {
    if (!fault || wait > 0) {
      wait -= 1;
      return respond(received, response, request);
    }
    return fault(received, response, request);
  }, tls);
  return {
    ...peer,
    misbehave: next,
    loseAnswer(after) {
      next(async (received, _response, request) => {
        next(undefined);
        // Written to nobody: it has no socket.
        await respond(received, new ServerResponse(request), request);
        request.socket.resetAndDestroy();
      }, after);
    },
  };
}

/** Starts a peer on a free port of the loopback. Close it after the test. */
export async function startPeer(respond: Responder, tls?: PeerTls): Promise<Peer> {
  const received: Received[] = [];
  const listener: RequestListener = (request, response) => {
    void takeRequest(request).then((taken) => {
      received.push(taken);
      return respond(taken, response, request);
    });
  };
  const server = tls ? createTlsServer(tlsOptions(tls), listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? "https" : "http"}://localhost:${port}`,
    port,
    received,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function tlsOptions(tls: PeerTls): ServerOptions {
  const own = { cert: readPem(`${tls.name}.crt`), key: readPem(`${tls.name}.key`) };
  if (!tls.client) return own;
  return { ...own, ca: readPem("client.crt"), requestCert: true, rejectUnauthorized: true };
}

async function takeRequest(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  return {
    method: request.method ?? "",
    path: request.url ?? "",
    headers: request.headers,
    body: bytes.toString("utf8"),
    bytes,
  };
}
