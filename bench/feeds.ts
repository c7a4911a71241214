/** What the measurements of sources that are read have in common. */
import { WEBHOOK, type Setting } from "./product.ts";

export interface FeedSize extends Setting {
  readonly warmup: number;
  /** Alerts that wait in an index. */
  readonly waiting: number;
  /** Requests a second that come meanwhile. */
  readonly aside: number;
  /** Intervals of sources that have nothing to read, and how long they are looked at; in seconds. */
  readonly idle: readonly { readonly interval: number; readonly seconds: number }[];
  /** How long alerts come one by one, in seconds, and how many a second. */
  readonly arriving: number;
  readonly arrivals: number;
}

/** The part of the configuration that has sources of detection alerts beside the one that is sent to. */
export function readFrom(url: string, feeds: Readonly<Record<string, object>>): object {
  const sources = Object.entries(feeds).map(([name, feed]) => [
    name,
    { kind: "elastic-alerts", cluster: "lab", ...feed },
  ]);
  return {
    clusters: { lab: { url } },
    sources: { elastic: WEBHOOK, ...Object.fromEntries(sources) },
  };
}
