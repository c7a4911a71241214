/**
 * `npm run bench -- [--quick] [--only NAME]… [--client NAME] [--json] [--profile DIR]`: measures the
 * built product beside a bare Node HTTP server on the same machine in the same run. Product, sink
 * and load generator are processes of their own on loopback; the data is in a temporary folder
 * (TMPDIR says on which disk) and removed afterwards. What sources are read from is a real Elasticsearch
 * on this machine; without Maven and a JDK those measurements are left out. A missed figure is a finding,
 * not a failure: the exit code is 0 unless the bench itself could not work.
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { CLIENTS } from "./connections.ts";
import { measure, NAMES } from "./figures.ts";
import { createReport, formatReport, median, saveReport } from "./report.ts";

const FULL_DECIDING = { decided: 30_000, backtest: 100_000 };
const QUICK_DECIDING = { decided: 3000, backtest: 5000 };
const FULL_FEEDS = {
  waiting: 200_000,
  aside: 50,
  idle: [
    { interval: 1, seconds: 30 },
    { interval: 60, seconds: 120 },
  ],
  arriving: 60,
  arrivals: 50,
};
const QUICK_FEEDS = {
  waiting: 20_000,
  aside: 50,
  idle: [
    { interval: 1, seconds: 5 },
    { interval: 10, seconds: 10 },
  ],
  arriving: 10,
  arrivals: 50,
};
const FULL_DOWN = { backlog: 100_000, steady: 30, steadyRate: 200 };
const QUICK_DOWN = { backlog: 5000, steady: 5, steadyRate: 200 };
const FULL = { rounds: 3, warmup: 3, closed: 8, open: 20, rate: 2000, alerts: 200_000 };
const QUICK = { rounds: 1, warmup: 1, closed: 2, open: 3, rate: 2000, alerts: 10_000 };

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [...NAMES] },
    client: { type: "string", default: CLIENTS[0] },
    json: { type: "boolean", default: false },
    profile: { type: "string" },
  },
});

const names = values.only.map((name) => readName("only", name, NAMES));
const client = readName("client", values.client, CLIENTS);
const profiles = values.profile === undefined ? null : resolve(values.profile);
const deciding = values.quick ? QUICK_DECIDING : FULL_DECIDING;
const down = values.quick ? QUICK_DOWN : FULL_DOWN;
const feeds = values.quick ? QUICK_FEEDS : FULL_FEEDS;
const size = { ...(values.quick ? QUICK : FULL), ...deciding, ...feeds, ...down, client, profiles };
const note = (text: string) => process.stderr.write(`${text}\n`);

// The children get the signal as well; with them gone, the measurement fails and tidies up.
process.once("SIGINT", () => note("interrupted"));

const sync = measureSync();
const report = createReport(await measure(names, size, note), client, sync);
const path = saveReport(report);
process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : formatReport(report));
note(`written to ${path}`);

function readName<N extends string>(option: string, text: string, known: readonly N[]): N {
  const name = known.find((one) => one === text);
  if (name) return name;
  process.stderr.write(`--${option} takes ${known.join(" or ")}, not ${text}\n`);
  process.exit(64);
}

/** Milliseconds to write 4 kB and have it on disk: every ack waits for that, so figures hang on it. */
function measureSync(): number {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-bench-"));
  const file = openSync(join(folder, "sync"), "w");
  try {
    const times = Array.from({ length: 100 }, () => {
      const begun = performance.now();
      writeSync(file, Buffer.alloc(4096));
      fdatasyncSync(file);
      return performance.now() - begun;
    });
    return median(times);
  } finally {
    closeSync(file);
    rmSync(folder, { recursive: true });
  }
}
