/** Many queries asked of one record. */
import type { Query } from "./ast.ts";
import { ClueIndex } from "./clue-index.ts";
import { compileKql, type KqlPredicate } from "./compile.ts";
import type { KqlRecord } from "./record.ts";

interface Item<T> {
  readonly matches: KqlPredicate;
  readonly value: T;
}

/** Queries with what each stands for. A record is asked those that its values point to, not all. */
export class QuerySet<T> {
  readonly #items: readonly Item<T>[];
  readonly #index: ClueIndex;

  constructor(items: readonly { readonly query: Query; readonly value: T }[]) {
    this.#items = items.map(({ query, value }) => ({ matches: compileKql(query), value }));
    this.#index = new ClueIndex(items.map(({ query }) => query));
  }

  /** Values of the queries that a record fits, in the order given. `now` is what date math counts from. */
  matching(record: KqlRecord, now: number): T[] {
    const fitting: T[] = [];
    for (const place of this.#index.candidates(record)) {
      const item = this.#items[place];
      if (item?.matches(record, now)) fitting.push(item.value);
    }
    return fitting;
  }

  /** The first of them; undefined when none fits. */
  first(record: KqlRecord, now: number): T | undefined {
    for (const place of this.#index.candidates(record)) {
      const item = this.#items[place];
      if (item?.matches(record, now)) return item.value;
    }
    return undefined;
  }

  /** All values, in the order given. */
  get values(): T[] {
    return this.#items.map(({ value }) => value);
  }
}
