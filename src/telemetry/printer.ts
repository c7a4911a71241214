/** Lines for people, on standard output. Synchronous, so that they come in order and none is lost. */
import { pino } from "pino";

export interface Printer {
  print(line: string): void;
  close(): void;
}

/** Opens standard output. Works from any thread. */
export function openPrinter(): Printer {
  const stream = pino.destination({ fd: 1, sync: true });
  return { print: (line) => void stream.write(`${line}\n`), close: () => stream.flushSync() };
}
