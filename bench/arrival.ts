/** How long an alert takes from the index it is stored in to a destination. */
import { setTimeout as wait } from "node:timers/promises";
import { readFrom, type FeedSize } from "./feeds.ts";
import type { Lab } from "./lab.ts";
import { withProduct } from "./product.ts";
import { alertKeyOf, startReceiver } from "./receiver.ts";

/** The default of `settle`, in seconds. */
export const SETTLE_S = 5;
/** How long the last alert may take to arrive, in milliseconds. */
const ARRIVAL_MS = 60_000;
const ALERTS = "alerts";

/** Milliseconds from when the engine had an alert to its message at a destination, smallest first. */
export async function measureArrival(lab: Lab, size: FeedSize): Promise<readonly number[]> {
  await lab.createIndex("arriving");
  const arrived = new Map<string, number>();
  const receiver = await startReceiver(
    (body) => void arrived.set(alertKeyOf(body), performance.now()),
  );
  const more = {
    ...readFrom(lab.url, { [ALERTS]: { index: "arriving", interval: "1s" } }),
    destinations: { sink: { kind: "webhook", url: receiver.url } },
  };
  try {
    return await withProduct(
      size,
      async () => {
        const stored = await addSteadily(lab, size);
        const end = performance.now() + ARRIVAL_MS;
        while (arrived.size < stored.size && performance.now() < end) await wait(50);
        if (arrived.size < stored.size)
          throw new RangeError(`${arrived.size} of ${stored.size} alerts arrived`);
        const times = [...stored].map(([key, at]) => (arrived.get(key) ?? Infinity) - at);
        return times.toSorted((a, b) => a - b);
      },
      more,
    );
  } finally {
    receiver.close();
  }
}

/** Adds alerts at a fixed rate; answers when the engine had them, by their keys. */
async function addSteadily(lab: Lab, size: FeedSize): Promise<ReadonlyMap<string, number>> {
  const stored = new Map<string, number>();
  const adding: Promise<void>[] = [];
  const begun = performance.now();
  for (let n = 0; n < size.arriving * size.arrivals; n += 1) {
    await wait(Math.max(0, begun + (n * 1000) / size.arrivals - performance.now()));
    adding.push(lab.add("arriving", n).then((key) => void stored.set(key, performance.now())));
  }
  await Promise.all(adding);
  return stored;
}
