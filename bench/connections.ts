/** How the load generator sends: over an ordinary HTTP client, or over sockets of its own. */
import { connect } from "node:net";
import { Client } from "undici";
import { createAlert } from "./alerts.ts";
import { createFramer } from "./frames.ts";

/**
 * `undici` is what a sender written for Node would use. `raw` costs less, so it leaves more of the
 * machine to what is measured.
 */
export const CLIENTS = ["undici", "raw"] as const;
export type ClientName = (typeof CLIENTS)[number];

export interface Target {
  readonly port: number;
  readonly key: string;
}

/** One connection with one request under way at most. */
export interface Connection {
  /** Sends the nth alert; `onAnswer` comes when it was taken, `onError` for all else. */
  send(n: number): void;
  close(): void;
}

export interface Events {
  onAnswer(): void;
  onError(error: unknown): void;
}

const PATH = "/v1/ingest/elastic";

export function openConnection(client: ClientName, target: Target, events: Events): Connection {
  return client === "raw" ? openRaw(target, events) : openUndici(target, events);
}

function openUndici({ port, key }: Target, { onAnswer, onError }: Events): Connection {
  const client = new Client(`http://127.0.0.1:${port}`, { pipelining: 1 });
  const { bytes, become } = createAlert();
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const exchange = async () => {
    const answer = await client.request({ method: "POST", path: PATH, headers, body: bytes });
    if (answer.statusCode !== 202) throw new RangeError(await answer.body.text());
    await answer.body.dump();
  };
  return {
    send(n) {
      become(n);
      exchange().then(onAnswer, onError);
    },
    close: () => void client.destroy(),
  };
}

function openRaw({ port, key }: Target, { onAnswer, onError }: Events): Connection {
  const { bytes, become } = createAlert((length) =>
    [
      `POST ${PATH} HTTP/1.1`,
      "host: 127.0.0.1",
      `authorization: Bearer ${key}`,
      "content-type: application/json",
      `content-length: ${length}\r\n\r\n`,
    ].join("\r\n"),
  );
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  const take = createFramer((head) => {
    if (head.startsWith("HTTP/1.1 202")) onAnswer();
    else onError(new RangeError(head));
  });
  const onEnd = () => onError(new RangeError("the server closed a connection"));
  socket.on("data", take).on("error", onError).on("end", onEnd);
  return {
    send(n) {
      become(n);
      socket.write(bytes);
    },
    close: () => void socket.off("end", onEnd).destroy(),
  };
}
