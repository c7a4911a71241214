import { expect, test } from "vitest";
import type { List, Page } from "./page.ts";
import { scan } from "./scan.ts";

const ROWS = Array.from({ length: 100 }, (_, index) => index + 1);

/** Numbers from 1 to 100 that `divisor` divides, ten looked at in one go. */
const multiples = (divisor: number, page: Page, bound = 1000): Promise<List<number>> =>
  scan({
    list: "numbers",
    page,
    range: { low: 1, high: 100 },
    window: 10,
    bound,
    read: (low, high) => ROWS.slice(low - 1, high),
    keyOf: (row) => row,
    pick: (row) => (row % divisor === 0 ? row : undefined),
  });

test.each(["newest", "oldest"] as const)(
  "pages of the %s first meet without overlap",
  async (order) => {
    const first = await multiples(7, { limit: 8, order });
    const second = await multiples(7, { limit: 8, order, cursor: first.next ?? "" });
    const all = [...first.items, ...second.items];
    const expected = [7, 14, 21, 28, 35, 42, 49, 56, 63, 70, 77, 84, 91, 98];
    expect(all).toEqual(order === "oldest" ? expected : expected.toReversed());
    expect(second.next).toBeNull();
  },
);

test.each(["newest", "oldest"] as const)(
  "a call that has looked at its bound answers what it has, and the next goes on: %s first",
  async (order) => {
    const found: number[] = [];
    let calls = 0;
    let cursor: string | null | undefined;
    do {
      const page = await multiples(30, { order, cursor: cursor ?? undefined }, 22);
      found.push(...page.items);
      cursor = page.next;
      calls += 1;
    } while (cursor);
    expect(found).toEqual(order === "oldest" ? [30, 60, 90] : [90, 60, 30]);
    expect(calls).toBeGreaterThan(4);
  },
);

test("an empty table has an empty page", async () => {
  const plan = { list: "n", page: {}, range: null, window: 1, bound: 1 };
  const list = await scan({ ...plan, read: () => [], keyOf: () => 0, pick: () => 0 });
  expect(list).toEqual({ items: [], next: null });
});
