/** Where the product delivers to: takes every message, answers 200, counts. A forked process. */
import { createServer, type AddressInfo } from "node:net";
import { serveBench } from "./child.ts";
import { createFramer } from "./frames.ts";

/** What has arrived so far. */
export interface Arrived {
  readonly messages: number;
  /** Different `Idempotency-Key`s. */
  readonly keys: number;
  /** When the newest came, epoch milliseconds. */
  readonly last: number;
}

const ANSWER = Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");

const keys = new Set<string>();
let messages = 0;
let last = 0;

const server = createServer({ noDelay: true }, (socket) => {
  const take = createFramer((head) => {
    messages += 1;
    last = Date.now();
    keys.add(/\r\nidempotency-key: *([^\r]+)/i.exec(head)?.[1] ?? "");
    socket.write(ANSWER);
  });
  socket.on("data", take);
  socket.on("error", () => socket.destroy());
});

server.listen(0, "127.0.0.1", () =>
  serveBench(
    { port: (server.address() as AddressInfo).port },
    {
      arrived: (): Arrived => ({ messages, keys: keys.size, last }),
    },
  ),
);
