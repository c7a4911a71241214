/** A destination in the process of the bench. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Receiver {
  readonly url: string;
  close(): void;
}

/** Takes every message; `onMessage` gets the body of each. */
export async function startReceiver(onMessage: (body: Buffer) => void): Promise<Receiver> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      onMessage(Buffer.concat(chunks));
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => void server.close() };
}

/** The key of the alert that a message is about. */
export function alertKeyOf(body: Buffer): string {
  return (JSON.parse(body.toString()) as { alert: { key: string } }).alert.key;
}
