/** A feed over documents in memory, in the order in which they were added. */
import type { Feed, FeedItem, FeedPage } from "../../sources/feed.ts";

/** An item of a rule, made at a time (epoch milliseconds). */
export function anItem(id: string, at: number | null = 0, rule = "rule"): FeedItem {
  return { name: `es:index/${id}`, at, document: { id, rule } };
}

export class FakeFeed implements Feed {
  readonly items: FeedItem[] = [];
  /** Cursors that polls began with. */
  readonly begun: (string | null)[] = [];
  /** What happened, in order; whoever takes its pages may add to it. */
  readonly log: string[] = [];
  /** Polls that are under way. */
  open = 0;
  size = 2;
  origin = 0;
  /** How far a whole poll reads. */
  readTo = 0;
  /** Thrown in the place of the first page. */
  error: unknown = null;
  /** Awaited before each page; rejects when the poll is aborted. */
  before: (signal: AbortSignal | undefined) => Promise<void> = async () => {};
  /** Awaited when a page settles. */
  settle: (from: number) => Promise<void> = async () => {};

  async *poll(cursor: string | null, signal?: AbortSignal): AsyncGenerator<FeedPage> {
    this.begun.push(cursor);
    this.open += 1;
    try {
      let from = Number(cursor ?? 0);
      for (; from < this.items.length; from += this.size) {
        await this.#ready(signal);
        yield this.#pageAt(from);
      }
      await this.#ready(signal);
      yield { items: [], cursor: String(this.items.length), readTo: this.readTo };
    } finally {
      this.open -= 1;
    }
  }

  async *range({ since, until, timeless, signal }: Parameters<Feed["range"]>[0]) {
    await this.#ready(signal);
    const within = ({ at }: FeedItem) => (at === null ? timeless : at >= since && at < until);
    const found = this.items.filter(within);
    for (let from = 0; from < found.length; from += this.size)
      yield found.slice(from, from + this.size);
  }

  originOf(): number {
    return this.origin;
  }

  async #ready(signal: AbortSignal | undefined): Promise<void> {
    await this.before(signal);
    if (this.error !== null) throw this.error;
  }

  #pageAt(from: number): FeedPage {
    const items = this.items.slice(from, from + this.size);
    return {
      items,
      cursor: String(from + items.length),
      readTo: items.at(-1)?.at ?? 0,
      settle: async () => {
        await this.settle(from);
        this.log.push(`settled ${from}`);
      },
    };
  }
}
