/**
 * What becomes of events that were just sent, until every delivery of them has ended or waits for
 * something else than its next try.
 */
import { TocsinError } from "../errors.ts";
import type { DeliveryDetail } from "../ledger/deliveries.ts";
import type { EventRecord } from "../ledger/events.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { DeliveryWatch, type DeliveryNews } from "./delivery-watch.ts";
import type { Cli } from "./io.ts";
import { countOf, formatTime, formatValue } from "./text.ts";

const POLL_MS = 100;

/** What an event came to. */
export interface Followed {
  readonly event: EventRecord;
  /** Of its alert, since it was sent. */
  readonly deliveries: readonly DeliveryDetail[];
  /** Its alert was sent before. */
  readonly known: boolean;
}

/** Follows events of one ledger. Make it before they are sent: what went before is not told. */
export class Follower {
  readonly #ledger: Ledger;
  readonly #watch: DeliveryWatch;
  readonly #alerts = new Set<string>();
  #newest = 0;

  private constructor(ledger: Ledger) {
    this.#ledger = ledger;
    this.#watch = new DeliveryWatch(ledger);
  }

  static async open(ledger: Ledger): Promise<Follower> {
    const follower = new Follower(ledger);
    const { items } = await ledger.listDeliveries({ limit: 1 });
    follower.#newest = items[0]?.id ?? 0;
    await follower.#watch.addPending();
    return follower;
  }

  /**
   * Waits at most `wait` milliseconds and tells the news; answers undefined where the ledger does not
   * know the events: the server has other data.
   */
  async follow(
    ids: readonly string[],
    { wait, cli, tell }: { wait: number; cli: Cli; tell: (news: DeliveryNews) => void },
  ): Promise<Followed[] | undefined> {
    for (let waited = 0; ; waited += POLL_MS) {
      const followed = await this.#look(ids);
      if (!followed) return undefined;
      for (const news of await this.#news(followed)) tell(news);
      if (followed.every(isOver) || waited >= wait || cli.stdoutClosed.aborted) return followed;
      await cli.wait(POLL_MS, cli.stdoutClosed);
    }
  }

  async #look(ids: readonly string[]): Promise<Followed[] | undefined> {
    try {
      return await Promise.all(ids.map((id) => this.#lookAt(id)));
    } catch (error) {
      if (error instanceof TocsinError && error.code === "NOT_FOUND") return undefined;
      throw error;
    }
  }

  async #lookAt(id: string): Promise<Followed> {
    const event = await this.#ledger.getEvent(id);
    if (event.alert === null) return { event, deliveries: [], known: false };
    const { items } = await this.#ledger.listDeliveries({ alert: event.alert });
    const fresh = items.filter((delivery) => delivery.id > this.#newest).toReversed();
    const deliveries = await Promise.all(fresh.map((each) => this.#ledger.getDelivery(each.id)));
    return { event, deliveries, known: items.length > fresh.length };
  }

  async #news(followed: readonly Followed[]): Promise<DeliveryNews[]> {
    const alerts = new Set(followed.flatMap(({ event }) => event.alert ?? []));
    const added = [...alerts].filter((alert) => !this.#alerts.has(alert));
    const news: DeliveryNews[] = [];
    for (const alert of added) {
      this.#alerts.add(alert);
      news.push(...(await this.#watch.addAlert(alert)));
    }
    news.push(...(await this.#watch.look()));
    return news.filter(({ delivery }) => {
      return alerts.has(delivery.alert.number) && delivery.id > this.#newest;
    });
  }
}

function isOver({ event, deliveries }: Followed): boolean {
  const isTried = deliveries.some(({ state, hold }) => state === "pending" && hold === null);
  return event.outcome !== "in_flight" && !isTried;
}

/** Whether all that was to be sent has arrived. */
export function hasArrived(followed: readonly Followed[]): boolean {
  return followed.every(({ event, deliveries }) => {
    const isDecided = event.outcome !== "in_flight" && event.outcome !== "quarantined";
    return isDecided && deliveries.every(({ state }) => state === "delivered");
  });
}

/** One line for each destination; several events that came to the same are told of once. */
export function describeEnds(followed: readonly Followed[]): string[] {
  const counts = new Map<string, number>();
  for (const line of followed.flatMap(endsOf)) counts.set(line, (counts.get(line) ?? 0) + 1);
  return [...counts].map(([line, count]) => {
    return count === 1 ? line : `${line} (${countOf(count, "time")})`;
  });
}

function endsOf({ event, deliveries, known }: Followed): string[] {
  if (deliveries.length > 0) return deliveries.map(endOf);
  const { outcome, reason, alert } = event;
  if (outcome === "in_flight") return ["not decided yet"];
  if (alert === null) return [`${outcome}: ${reason}`];
  if (known) return [`known as ${alert}, of which nothing more is sent`];
  return [`kept as ${alert} and sent nowhere; why: tocsin explain ${alert}`];
}

function endOf(delivery: DeliveryDetail): string {
  const { destination, state, reason, cause, last_error, attempts } = delivery;
  const status = attempts.at(-1)?.status ?? null;
  const why = formatValue([reason, cause].filter((part) => part !== null).join(" "));
  switch (state) {
    case "delivered":
      return `delivered to ${destination}${status === null ? "" : `: ${status}`}`;
    case "dead":
      return `not delivered to ${destination}: ${formatValue(last_error ?? reason)}`;
    case "pending":
      return `not delivered to ${destination} yet: ${laterOf(delivery, why)}`;
    case "folded":
    case "suppressed":
      return `not sent to ${destination}: ${why}`;
  }
}

function laterOf({ hold, held_until, due_at, last_error }: DeliveryDetail, why: string): string {
  if (hold !== null) return held_until === null ? why : `${why}, until ${formatTime(held_until)}`;
  const error = last_error === null ? "it was not tried" : formatValue(last_error);
  return due_at === null ? error : `${error}, tried again ${formatTime(due_at)}`;
}
