/** Runs the measurements of sources that are read and holds each against what is to be reached. */
import { measureArrival, SETTLE_S } from "./arrival.ts";
import { fillWaiting, measureCatchUp, type CaughtUp } from "./catch-up.ts";
import type { FeedSize } from "./feeds.ts";
import { fillIdle, IDLE_SOURCES, measureIdle } from "./idle.ts";
import { missingForLab, withLab, type Lab } from "./lab.ts";
import { against, flat, plain, type Figure } from "./report.ts";

export const FEED_NAMES = ["catchup", "idle", "indexed-to-delivered"] as const;
export type FeedName = (typeof FEED_NAMES)[number];

const STORED_PER_SECOND = 5000;
/** Beyond what an alert waits on purpose. */
const ARRIVAL_S = SETTLE_S + 2;
const MB = 1e6;

type Note = (text: string) => void;

/** Figures of the measurements named; none, with a note, where no engine can run. */
export async function measureFeeds(
  names: readonly FeedName[],
  size: FeedSize,
  note: Note,
): Promise<Figure[]> {
  if (names.length === 0) return [];
  const missing = missingForLab();
  if (missing !== undefined) {
    note(`left out: ${names.join(", ")} — ${missing} is missing`);
    return [];
  }
  note("starting a search engine");
  return await withLab(async (lab) => [
    ...(names.includes("catchup") ? await catchUp(lab, size, note) : []),
    ...(names.includes("idle") ? await idle(lab, size, note) : []),
    ...(names.includes("indexed-to-delivered") ? await arrival(lab, size, note) : []),
  ]);
}

async function catchUp(lab: Lab, size: FeedSize, note: Note): Promise<Figure[]> {
  note(`filling an index with ${size.waiting} alerts`);
  await fillWaiting(lab, size);
  note("catching up, pipeline paused");
  const paused = await measureCatchUp(lab, size, true);
  note("catching up while delivering");
  const delivering = await measureCatchUp(lab, size, false);
  const target = `≥ ${STORED_PER_SECOND} alerts/s`;
  const { storedPerSecond } = paused;
  return [
    against(
      "stored catching up, pipeline paused",
      storedPerSecond,
      "alerts/s",
      target,
      storedPerSecond >= STORED_PER_SECOND,
    ),
    plain("computing per alert stored", paused.cpu * 1000, "µs"),
    ...describeCaughtUp("catching up, paused", paused, size),
    plain("stored catching up while delivering", delivering.storedPerSecond, "alerts/s"),
    ...describeCaughtUp("catching up while delivering", delivering, size),
    plain(`p99 ack at ${size.aside}/s, nothing to catch up with`, paused.before.p99, "ms"),
  ];
}

function describeCaughtUp(
  when: string,
  { rss, meanwhile }: CaughtUp,
  { aside }: FeedSize,
): Figure[] {
  const samples = rss.map((bytes) => Math.round(bytes / MB));
  return [
    { ...plain(`most memory ${when}`, Math.max(...rss) / MB, "MB"), samples },
    flat("its growth over the second half", rss),
    plain(`p99 ack at ${aside}/s ${when}`, meanwhile.p99, "ms"),
    plain(`longest ack at ${aside}/s ${when}`, meanwhile.max, "ms"),
  ];
}

async function idle(lab: Lab, size: FeedSize, note: Note): Promise<Figure[]> {
  await fillIdle(lab);
  const figures: Figure[] = [];
  for (const each of size.idle) {
    note(`${IDLE_SOURCES} idle sources every ${each.interval} s`);
    const { requestsPerSecond, cpu } = await measureIdle(lab, size, each);
    const name = `${IDLE_SOURCES} idle sources every ${each.interval} s`;
    figures.push(
      plain(name, requestsPerSecond, "requests/s"),
      plain("their computing, of one core", cpu * 100, "%"),
    );
  }
  return figures;
}

async function arrival(lab: Lab, size: FeedSize, note: Note): Promise<Figure[]> {
  note(`${size.arrivals} alerts a second for ${size.arriving} s`);
  const times = await measureArrival(lab, size);
  const at = (share: number) =>
    (times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? NaN) / 1000;
  const p99 = at(0.99);
  return [
    plain("p50 from indexed to delivered", at(0.5), "s"),
    against("p99 from indexed to delivered", p99, "s", `≤ ${ARRIVAL_S} s`, p99 <= ARRIVAL_S),
    plain("longest from indexed to delivered", at(1), "s"),
  ];
}
