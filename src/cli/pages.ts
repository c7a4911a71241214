/** Lists longer than the pages that the ledger gives. */
import { MAX_LIMIT, type List, type Page } from "../ledger/page.ts";

type ReadPage<Item> = (page: Page) => Promise<List<Item>>;

/** Reads page after page until `limit` items are there or the list ends. */
export async function collectPages<Item>(
  limit: number,
  cursor: string | undefined,
  read: ReadPage<Item>,
): Promise<List<Item>> {
  const items: Item[] = [];
  let next: string | null = cursor ?? null;
  do {
    const page = { limit: Math.min(limit - items.length, MAX_LIMIT), cursor: next ?? undefined };
    const list = await read(page);
    items.push(...list.items);
    next = list.next;
  } while (next !== null && items.length < limit);
  return { items, next };
}

/** All items of a list, read page by page, so that only one page is in memory. */
export async function* itemsOf<Item>(read: ReadPage<Item>): AsyncGenerator<Item> {
  let cursor: string | undefined;
  do {
    const list = await read({ limit: MAX_LIMIT, cursor });
    yield* list.items;
    cursor = list.next ?? undefined;
  } while (cursor !== undefined);
}

/** The line under a list that goes on; none under one that does not. */
export function moreLines(next: string | null): string[] {
  return next === null ? [] : [`more: --cursor ${next}`];
}
