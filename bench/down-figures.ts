/** Measures a destination that is down some times over, and holds that against what is to be reached. */
import { measureDown, type Down, type DownSize } from "./down.ts";
import { against, flat, median, plain, type Figure } from "./report.ts";

/** How much longer an alert may take while another destination is down. */
const LONGER = 1.1;
/** Messages under way at once to the destination that was down: its default. */
const CONCURRENCY = 32;
const MB = 1e6;

/** `note` is told what is under way. */
export async function measureOutages(
  size: DownSize,
  rounds: number,
  note: (text: string) => void,
): Promise<Figure[]> {
  const measured: Down[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    note(
      `round ${round} of ${rounds}: ${size.backlog} deliveries wait for a destination that is down`,
    );
    measured.push(await measureDown(size));
  }
  return [
    ...describeLatency(measured, size),
    ...describeMemory(measured),
    ...describeDrain(measured),
  ];
}

/** Each round is held against itself: before and after it, both were up. */
function describeLatency(measured: readonly Down[], { backlog, steadyRate }: DownSize): Figure[] {
  const of = (name: string, values: (down: Down) => number): Figure => {
    const rounds = measured.map(values);
    return { ...plain(name, median(rounds), "ms"), rounds };
  };
  const ratios = measured.map(({ down, before, after }) => {
    return (
      at(down, 0.99) /
      at(
        [...before, ...after].toSorted((a, b) => a - b),
        0.99,
      )
    );
  });
  const ratio = median(ratios);
  const samples = measured.reduce((sum, { down }) => sum + down.length, 0);
  const when = `${backlog} waiting`;
  return [
    plain(`alerts timed with ${when}, at ${steadyRate}/s`, samples, "alerts"),
    of("p50 from ack to delivered, both up before", ({ before }) => at(before, 0.5)),
    of("p50 from ack to delivered, both up after", ({ after }) => at(after, 0.5)),
    of(`p50 from ack to delivered, other down, ${when}`, ({ down }) => at(down, 0.5)),
    of("p99 from ack to delivered, both up before", ({ before }) => at(before, 0.99)),
    of("p99 from ack to delivered, both up after", ({ after }) => at(after, 0.99)),
    of(`p99 from ack to delivered, other down, ${when}`, ({ down }) => at(down, 0.99)),
    {
      ...against("that p99, of the one with both up", ratio, "×", `≤ ${LONGER} ×`, ratio <= LONGER),
      rounds: ratios,
    },
    of("p99 from ack to delivered, other catching up", ({ draining }) => at(draining, 0.99)),
  ];
}

function describeMemory(measured: readonly Down[]): Figure[] {
  return measured.flatMap(({ rss, waiting }) => {
    const all = [...rss, ...waiting];
    const samples = all.map((bytes) => Math.round(bytes / MB));
    return [
      { ...plain("most memory while they come and wait", Math.max(...all) / MB, "MB"), samples },
      flat("its growth over the second half", all),
    ];
  });
}

function describeDrain(measured: readonly Down[]): Figure[] {
  const most = Math.max(...measured.map(({ overtaken }) => overtaken));
  const repeated = measured.reduce((sum, down) => sum + down.repeated, 0);
  const rates = measured.map(({ drainedPerSecond }) => drainedPerSecond);
  const target = `≤ ${CONCURRENCY} under way`;
  return [
    plain(
      "from up again to the first message",
      median(measured.map((down) => down.noticed)) / 1000,
      "s",
    ),
    { ...plain("caught up", median(rates), "alerts/s"), rounds: rates },
    against("most newer ones before a message", most, "messages", target, most <= CONCURRENCY),
    against("messages that came twice", repeated, "messages", "0", repeated === 0),
  ];
}

function at(times: readonly number[], share: number): number {
  return times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
}
