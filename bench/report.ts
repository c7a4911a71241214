/** What was measured beside what is to be reached: as figures, as a table, as a file. */
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";

/** Growth over the second half of a run that still counts as flat. */
const GROWTH_MB = 10;
const MB = 1e6;

/** One measured value. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What is to be reached, in words, and whether it was; null where nothing is. */
  readonly target: string | null;
  readonly reached: boolean | null;
  /** The single values where `value` is their median. */
  readonly rounds?: readonly number[];
  /** One a second, where `value` is the largest of them. */
  readonly samples?: readonly number[];
}

export interface Report {
  readonly date: string;
  readonly node: string;
  readonly machine: string;
  /** What the load generator sent with. */
  readonly client: string;
  /** Milliseconds that writing 4 kB and syncing it takes on the disk used. */
  readonly sync: number;
  readonly figures: readonly Figure[];
}

export function createReport(figures: readonly Figure[], client: string, sync: number): Report {
  const gib = (totalmem() / 1024 ** 3).toFixed(0);
  const model = cpus()[0]?.model ?? "unknown";
  return {
    date: new Date().toISOString(),
    node: process.version,
    machine: `${availableParallelism()} × ${model}, ${gib} GiB`,
    client,
    sync,
    figures,
  };
}

/** A value that is only told. */
export function plain(name: string, value: number, unit: string): Figure {
  return { name, value, unit, target: null, reached: null };
}

/** A value with what is to be reached. */
export function against(
  name: string,
  value: number,
  unit: string,
  target: string,
  reached: boolean,
): Figure {
  return { name, value, unit, target, reached };
}

/** How much samples of memory, in bytes, grew over the second half of them. */
export function flat(name: string, rss: readonly number[]): Figure {
  const growth = growthOf(rss.slice(rss.length >> 1)) / MB;
  return against(name, growth, "MB", "flat", growth <= GROWTH_MB);
}

/** Growth from the first to the last sample along the line that fits them best. */
function growthOf(samples: readonly number[]): number {
  const middle = (samples.length - 1) / 2;
  const mean = samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
  let [covariance, variance] = [0, 0];
  for (const [at, sample] of samples.entries()) {
    covariance += (at - middle) * (sample - mean);
    variance += (at - middle) ** 2;
  }
  return variance === 0 ? 0 : (covariance / variance) * (samples.length - 1);
}

/** The report as lines to read. */
export function formatReport(report: Report): string {
  const rows = report.figures.map((figure) => [
    figure.name,
    `${formatNumber(figure.value)} ${figure.unit}`,
    figure.target ?? "",
    figure.reached === null ? "" : figure.reached ? "ok" : "missed",
    figure.rounds && figure.rounds.length > 1 ? figure.rounds.map(formatNumber).join("  ") : "",
  ]);
  const table = [["figure", "measured", "to reach", "", "rounds"], ...rows];
  const widths = [0, 1, 2, 3].map((at) => Math.max(...table.map((row) => row[at]!.length)));
  const lines = table.map((row) =>
    row.map((cell, at) => (at === 1 ? cell.padStart(widths[at]!) : cell.padEnd(widths[at] ?? 0))),
  );
  const { node, machine, client, sync } = report;
  const about = `Node ${node}, ${machine}, ${sync.toFixed(2)} ms per write and sync, ${client} client`;
  return [about, "", ...lines.map((cells) => cells.join("  ").trimEnd()), ""].join("\n");
}

/** Writes the report to `results/` beside this file; answers the path. */
export function saveReport(report: Report): string {
  const folder = fileURLToPath(new URL("./results/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  const path = `${folder}${report.date.replaceAll(":", "-")}.json`;
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
  return path;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = NaN, high = NaN] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 0 ? (low + high) / 2 : high;
}

function formatNumber(value: number): string {
  const digits = Math.abs(value) < 100 ? 1 : 0;
  return value.toLocaleString("en", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}
