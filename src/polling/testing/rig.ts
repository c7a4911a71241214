/** A poller over a fake feed, on a clock whose hands the test turns. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { VirtualClock } from "../../../test/timeline/virtual-clock.ts";
import type { FeedItem } from "../../sources/feed.ts";
import type { StoredCursor } from "../../stream/stream.ts";
import type { TelemetryEvent } from "../../telemetry/events.ts";
import type { BehindNotice } from "../behind.ts";
import { Poller } from "../poller.ts";
import { FakeFeed } from "./fake-feed.ts";

/** Noon of some day. */
export const START = Date.UTC(2026, 0, 15, 12);

export class Rig {
  readonly clock = new VirtualClock(START);
  readonly feed = new FakeFeed();
  readonly events: TelemetryEvent[] = [];
  readonly notices: BehindNotice[] = [];
  /** Names of the items that are stored. */
  readonly taken: string[] = [];
  stored: StoredCursor | null = null;
  /** How often it was asked whether there is room. */
  asked = 0;
  /** Thrown while there is no room. */
  full: unknown = null;
  take: (items: readonly FeedItem[]) => Promise<void> = async () => {};
  cursor: () => Promise<void> = async () => {};
  setCursor: () => Promise<void> = async () => {};
  notify: () => Promise<void> = async () => {};

  poller(interval = 1000, maxLag = 60_000): Poller {
    return new Poller({
      source: "lab",
      feed: this.feed,
      clock: this.clock,
      settings: { interval, max_lag: maxLag },
      telemetry: { emit: (event) => void this.events.push(event) },
      stream: {
        cursor: async () => {
          await this.cursor();
          return this.stored;
        },
        setCursor: async (_, cursor) => {
          await this.setCursor();
          this.feed.log.push(`cursor ${cursor.cursor}`);
          this.stored = cursor;
        },
      },
      checkRoom: () => {
        this.asked += 1;
        if (this.full !== null) throw this.full;
      },
      take: (items) => this.#take(items),
      notify: async (notice) => {
        await this.notify();
        this.notices.push(notice);
      },
    });
  }

  /** Names of the events of a kind. */
  emitted<Name extends TelemetryEvent["event"]>(name: Name) {
    return this.events.filter(
      (event): event is Extract<TelemetryEvent, { event: Name }> => event.event === name,
    );
  }

  /** Lets everything happen that needs no time to pass. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
  }

  /** Lets so many milliseconds pass, with all that falls due meanwhile. */
  async pass(duration: number): Promise<void> {
    const until = this.clock.time + duration;
    await this.settle();
    while (this.clock.ringNext(until)) await this.settle();
    this.clock.pass(until);
  }

  async #take(items: readonly FeedItem[]) {
    await this.take(items);
    this.feed.log.push(`took ${items.length}`);
    const fresh = items.filter(({ name }) => !this.taken.includes(name));
    this.taken.push(...fresh.map(({ name }) => name));
    return { accepted: fresh.length, duplicates: items.length - fresh.length, quarantined: 0 };
  }
}
