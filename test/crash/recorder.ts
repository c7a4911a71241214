/** A peer that writes down every message it gets: one path honours `Idempotency-Key`, one does not. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Arrival {
  readonly destination: string;
  readonly key: string;
  /** The id that the sender gave the alert. */
  readonly id: string;
  /** How many crashes had happened when it came. */
  readonly era: number;
}

export class RecordingPeer {
  readonly arrivals: Arrival[] = [];
  /** Raised by the test at every crash. */
  era = 0;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      void this.#record(request).then(() => response.writeHead(200).end("ok"));
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  /** Arrivals at one destination. */
  at(destination: string): Arrival[] {
    return this.arrivals.filter((arrival) => arrival.destination === destination);
  }

  async #record(request: IncomingMessage): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString("utf8")) as {
      alert: { external: { id: string } };
    };
    this.arrivals.push({
      destination: (request.url ?? "").slice(1),
      key: String(request.headers["idempotency-key"]),
      id: body.alert.external.id,
      era: this.era,
    });
  }
}
