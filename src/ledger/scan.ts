/**
 * Walks a table by its integer key, a window at a time, and picks what a caller wants.
 *
 * A filter may fit one row in a million, and a call to the engine holds the thread until it
 * returns. So no statement looks at more than a window of keys, the thread is given back every few
 * milliseconds, and a call that has looked at its bound answers what it has, with a cursor to go on.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { readCursor, writeCursor, DEFAULT_LIMIT, MAX_LIMIT, type List, type Page } from "./page.ts";

/** Milliseconds after which the thread is given back. */
const SLICE_MS = 3;

interface Walk {
  /** Name of the list, for its cursors. */
  readonly list: string;
  readonly page: Page;
  /** First and last key there may be; null for an empty table. */
  readonly range: { readonly low: number; readonly high: number } | null;
  /** Keys that one statement looks at. */
  readonly window: number;
}

export interface Scan<Row, Item> extends Walk {
  /** Rows and windows after which the call answers what it has. */
  readonly bound: number;
  /** Rows with keys from `low` to `high`, in ascending order. */
  read(low: number, high: number): readonly Row[];
  keyOf(row: Row): number;
  /** The item of a row; undefined when it is not wanted. */
  pick(row: Row): Item | undefined;
}

/** Collects one page. */
export async function scan<Row, Item>(plan: Scan<Row, Item>): Promise<List<Item>> {
  const limit = Math.min(plan.page.limit ?? DEFAULT_LIMIT, MAX_LIMIT);
  const found: { key: number; item: Item }[] = [];
  let spent = 0;
  let since = performance.now();
  for (const [low, high] of windowsOf(plan)) {
    const rows = plan.read(low, high);
    const ordered = isNewestFirst(plan.page) ? rows.toReversed() : rows;
    spent += 1 + rows.length;
    for (const row of ordered) {
      since = await restAfter(since);
      const item = plan.pick(row);
      if (item === undefined) continue;
      const last = found.at(-1);
      if (last && found.length === limit) return listOf(plan, found, last.key);
      found.push({ key: plan.keyOf(row), item });
    }
    if (spent >= plan.bound) {
      return listOf(plan, found, isNewestFirst(plan.page) ? low : high);
    }
    since = await restAfter(since);
  }
  return listOf(plan, found, null);
}

/** Gives the thread back when it was held for long enough since `since`; answers since when now. */
export async function restAfter(since: number): Promise<number> {
  if (performance.now() - since < SLICE_MS) return since;
  await nextTurn();
  return performance.now();
}

function listOf<Item>(
  plan: Walk,
  found: readonly { item: Item }[],
  next: number | null,
): List<Item> {
  return {
    items: found.map(({ item }) => item),
    next: next === null ? null : writeCursor(plan.list, next),
  };
}

/** Windows of the range, from the end that comes first, behind the page's cursor. */
function* windowsOf(plan: Walk): Generator<[low: number, high: number]> {
  const cursor = readCursor(plan.list, plan.page.cursor);
  if (!plan.range) return;
  const { range, window } = plan;
  if (isNewestFirst(plan.page)) {
    let high = cursor === null ? range.high : Math.min(cursor - 1, range.high);
    for (; high >= range.low; high -= window) yield [Math.max(range.low, high - window + 1), high];
    return;
  }
  let low = cursor === null ? range.low : Math.max(cursor + 1, range.low);
  for (; low <= range.high; low += window) yield [low, Math.min(range.high, low + window - 1)];
}

function isNewestFirst({ order }: Page): boolean {
  return order !== "oldest";
}
