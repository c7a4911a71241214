/** `tocsin source` */
import { existsSync } from "node:fs";
import type { Command } from "commander";
import type { ConfiguredSource } from "../app/configuration.ts";
import type { StoredCursor } from "../stream/stream.ts";
import { declareGroup, declareList } from "./command.ts";
import { loadConfiguration } from "./configuration.ts";
import { contextOf } from "./context.ts";
import { readCursors } from "./cursors.ts";
import type { Cli } from "./io.ts";
import { formatTable } from "./table.ts";
import { formatDuration, formatTime } from "./text.ts";

const NONE: ReadonlyMap<string, StoredCursor> = new Map();

/** Adds `source list`. */
export function addSource(program: Command, cli: Cli): void {
  const group = declareGroup(program, "source", "List where alerts come from.");
  const summary =
    "List the sources of the configuration, and how far those are read that are read.";
  declareList(group, summary).action((_options: unknown, command: Command) => list(command, cli));
}

function list(command: Command, cli: Cli): void {
  const context = contextOf(command, cli);
  const sources = [...loadConfiguration(context, cli).sources.values()];
  const read = sources.filter(({ feed }) => feed !== null).map(({ name }) => name);
  const isKept = read.length > 0 && existsSync(context.data.store);
  const cursors = isKept ? readCursors(context.data, read) : NONE;
  const items = sources.map((source) => describe(source, cursors.get(source.name), cli.now()));
  if (context.json) return context.printJson({ items });
  const rows = items.map(({ name, kind, vendor, feed }) => [
    name,
    kind,
    vendor,
    formatTime(feed?.read_to),
    typeof feed?.lag_seconds === "number" ? formatDuration(feed.lag_seconds * 1000) : "-",
    formatTime(feed?.at),
  ]);
  const header = ["NAME", "KIND", "VENDOR", "READ TO", "LAG", "WHEN"];
  context.print(...formatTable(header, rows, cli.columns));
}

/** `feed` is null of a source that is sent to; its members are null before the first reading. */
function describe(
  { name, kind, definition, feed }: ConfiguredSource,
  cursor: StoredCursor | undefined,
  now: number,
) {
  const { vendor } = definition;
  const unread = { read_to: null, lag_seconds: null, at: null };
  const reading = feed && (cursor ? describeCursor(cursor, now) : unread);
  return { name, kind, vendor, feed: reading };
}

function describeCursor({ readTo, at }: StoredCursor, now: number) {
  return {
    read_to: new Date(readTo).toISOString(),
    lag_seconds: Math.max(0, now - readTo) / 1000,
    at: new Date(at).toISOString(),
  };
}
