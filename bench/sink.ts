/**
 * Where the product delivers to: takes every message, answers 200, counts. Told to be down, it refuses
 * connections. A forked process.
 */
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { positionOfId } from "../src/alert/id.ts";
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

/** Letters of an alert's id, with which a key begins. */
const ID_LENGTH = 26;
const ANSWER = Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");

const keys = new Set<string>();
/** The places in the log of what arrived, since they were asked for. */
let positions: number[] = [];
const sockets = new Set<Socket>();
let messages = 0;
let last = 0;

const server = createServer({ noDelay: true }, (socket) => {
  const take = createFramer((head) => {
    messages += 1;
    last = Date.now();
    const key = /\r\nidempotency-key: *([^\r]+)/i.exec(head)?.[1] ?? "";
    keys.add(key);
    positions.push(positionOfId(key.slice(0, ID_LENGTH)) ?? Number.NaN);
    socket.write(ANSWER);
  });
  sockets.add(socket);
  socket.on("close", () => void sockets.delete(socket));
  socket.on("data", take);
  socket.on("error", () => socket.destroy());
});

server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  serveBench(
    { port },
    {
      arrived: (): Arrived => ({ messages, keys: keys.size, last }),
      positions() {
        const arrived = positions;
        positions = [];
        return arrived;
      },
      async down(isDown: boolean) {
        if (!isDown) return void (await once(server.listen(port, "127.0.0.1"), "listening"));
        server.close();
        for (const socket of sockets) socket.destroy();
      },
    },
  );
});
