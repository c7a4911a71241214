/** A local HTTP(S) server whose answers a test decides; it keeps what it received. */
import { readFileSync } from "node:fs";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
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
  readonly name: "localhost" | "other-name";
  readonly client?: boolean;
}

/** The PEM text of a file in `tls/`. */
export function readPem(file: string): string {
  return readFileSync(new URL(`./tls/${file}`, import.meta.url), "utf8");
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
  return {
    method: request.method ?? "",
    path: request.url ?? "",
    headers: request.headers,
    body: Buffer.concat(chunks).toString("utf8"),
  };
}
