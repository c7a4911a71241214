/** Alerts one by one at a fixed rate, and how long each takes from its answer to a destination. */
import { setTimeout as wait } from "node:timers/promises";
import { uuidOf } from "./alerts.ts";
import { openConnection, type ClientName, type Connection, type Target } from "./connections.ts";
import { alertKeyOf, startReceiver, type Receiver } from "./receiver.ts";

const CONNECTIONS = 16;
/** How long the last alert may take to arrive, in milliseconds. */
const ARRIVAL_MS = 60_000;

/** A destination that notes when it is told of the alerts of this process, and counts all messages. */
export interface Watch extends Receiver {
  /** When the alert of this key arrived, by `performance.now()`. */
  readonly arrived: ReadonlyMap<string, number>;
  count(): number;
}

export async function startWatch(): Promise<Watch> {
  const arrived = new Map<string, number>();
  let messages = 0;
  const receiver = await startReceiver((body) => {
    messages += 1;
    // The many that others send need not be read.
    if (body.includes(OURS)) arrived.set(alertKeyOf(body), performance.now());
  });
  return { ...receiver, arrived, count: () => messages };
}

const keyOf = (n: number) => `kibana.alert.uuid:${uuidOf(n)}`;
const OURS = keyOf(0).slice(0, "kibana.alert.uuid:".length + "12345678".length);

/** Alerts that this process has sent: every one gets a number of its own. */
export interface Sequence {
  last: number;
}

/**
 * Sends at a fixed rate whatever becomes of it, for so many seconds or until `isOver`. Milliseconds from
 * the answer to an alert until it arrived, smallest first.
 */
export async function measureSteady(
  target: Target,
  receiver: Watch,
  { client, rate, sequence }: { client: ClientName; rate: number; sequence: Sequence },
  isOver: (elapsed: number) => boolean,
): Promise<readonly number[]> {
  const acked = new Map<string, number>();
  const idle: (() => void)[] = [];
  let onError: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => (onError = reject));
  const connections = Array.from({ length: CONNECTIONS }, (): Connection => {
    let key = "";
    const send = () => {
      sequence.last += 1;
      key = keyOf(sequence.last);
      connection.send(sequence.last);
    };
    const onAnswer = () => {
      acked.set(key, performance.now());
      idle.push(send);
    };
    const connection = openConnection(client, target, { onAnswer, onError });
    idle.push(send);
    return connection;
  });
  try {
    await Promise.race([failed, sendAll(idle, rate, isOver)]);
    await Promise.race([failed, waitForAll(idle, acked, receiver)]);
  } finally {
    for (const connection of connections) connection.close();
  }
  const times = [...acked].map(([key, at]) => (receiver.arrived.get(key) ?? Infinity) - at);
  return times.toSorted((a, b) => a - b);
}

async function sendAll(
  idle: (() => void)[],
  rate: number,
  isOver: (elapsed: number) => boolean,
): Promise<void> {
  const begun = performance.now();
  for (let sent = 0; !isOver(performance.now() - begun); sent += 1) {
    await wait(Math.max(0, begun + (sent * 1000) / rate - performance.now()));
    while (idle.length === 0) await wait(1);
    idle.shift()?.();
  }
}

async function waitForAll(
  idle: readonly unknown[],
  acked: ReadonlyMap<string, number>,
  { arrived }: Watch,
): Promise<void> {
  const end = performance.now() + ARRIVAL_MS;
  const isLeft = () =>
    idle.length < CONNECTIONS || [...acked.keys()].some((key) => !arrived.has(key));
  while (isLeft()) {
    if (performance.now() > end) throw new RangeError(`not all arrived in ${ARRIVAL_MS} ms`);
    await wait(20);
  }
}
