/** A proxy that counts the requests that go through it. */
import { connect, createServer, type AddressInfo } from "node:net";
import { createFramer } from "./frames.ts";

export interface Counter {
  /** In the place of the server's. */
  readonly url: string;
  /** Requests so far. */
  count(): number;
  close(): void;
}

/** Stands before the server at `url`. */
export async function startCounter(url: string): Promise<Counter> {
  const { hostname: host, port } = new URL(url);
  let requests = 0;
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host, port: Number(port), noDelay: true });
    client.on(
      "data",
      createFramer(() => void (requests += 1)),
    );
    client.pipe(upstream).pipe(client);
    client.on("error", () => upstream.destroy());
    upstream.on("error", () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    count: () => requests,
    close: () => void server.close(),
  };
}
