/**
 * The load generator, a forked process. *Closed* load keeps every connection busy: the next request
 * leaves when the last is answered. *Open* load sends at a fixed rate whatever the answers do, and
 * measures from when a request should have left, so that a stall counts for all it held up.
 */
import { serveBench } from "./child.ts";
import { openConnection, type ClientName, type Connection, type Target } from "./connections.ts";

/** What to send where. Ends after `seconds` or after `count` requests, whichever is given. */
export interface Load extends Target {
  readonly client: ClientName;
  readonly connections: number;
  readonly seconds?: number;
  readonly count?: number;
  /** Requests a second; closed load without it. */
  readonly rate?: number;
}

/** What came of it. Times in milliseconds. */
export interface Loaded {
  readonly acks: number;
  /** Epoch milliseconds of the first request. */
  readonly begun: number;
  /** From the first request to the last answer. */
  readonly took: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** When requests leave. */
interface Plan {
  /** When the next one should leave; null when none is due. */
  next(): number | null;
  isOver(): boolean;
}

/** Alerts this process has sent: every one gets a number of its own. */
let sent = 0;
/** Whether the load under way was told to end. */
let isStopped = false;

/** Runs a load to its end. Rejects at the first answer that is not 202. */
function run(load: Load): Promise<Loaded> {
  isStopped = false;
  return new Promise((resolve, reject) => {
    const latencies: number[] = [];
    const idle: number[] = [];
    const epoch = Date.now();
    const begun = performance.now();
    const plan = load.rate === undefined ? closedPlan(load, begun) : openPlan(load, begun);
    const intended = new Float64Array(load.connections);
    const connections = Array.from(intended, (_, at): Connection => {
      idle.push(at);
      const onAnswer = () => {
        latencies.push(performance.now() - intended[at]!);
        idle.push(at);
        pump();
      };
      return openConnection(load.client, load, { onAnswer, onError: finish });
    });
    function pump(): void {
      while (idle.length > 0) {
        const due = isStopped ? null : plan.next();
        if (due === null) break;
        const at = idle.shift()!;
        intended[at] = due;
        connections[at]!.send((sent += 1));
      }
      if ((isStopped || plan.isOver()) && idle.length === connections.length) finish();
    }
    // Open load is due by the clock and not by answers.
    const timer = setInterval(pump, 1);
    function finish(error?: unknown): void {
      clearInterval(timer);
      for (const connection of connections) connection.close();
      if (error === undefined) resolve(summarise(latencies, epoch, performance.now() - begun));
      else reject(error);
    }
    pump();
  });
}

function closedPlan({ seconds = Infinity, count = Infinity }: Load, begun: number): Plan {
  let planned = 0;
  const end = begun + seconds * 1000;
  const isOver = () => planned >= count || performance.now() >= end;
  return {
    isOver,
    next() {
      if (isOver()) return null;
      planned += 1;
      return performance.now();
    },
  };
}

function openPlan({ seconds = 1, rate = 1 }: Load, begun: number): Plan {
  let planned = 0;
  const count = rate * seconds;
  return {
    isOver: () => planned >= count,
    next() {
      const due = begun + (planned * 1000) / rate;
      if (planned >= count || due > performance.now()) return null;
      planned += 1;
      return due;
    },
  };
}

function summarise(latencies: number[], begun: number, took: number): Loaded {
  const sorted = Float64Array.from(latencies).sort();
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { acks: sorted.length, begun, took, p50: at(0.5), p99: at(0.99), max: at(1) };
}

/** What is under way is still answered. */
function stop(): void {
  isStopped = true;
}

serveBench(null, { run, stop });
