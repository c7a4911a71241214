/** What was seen, counted exactly or not at all. */
import { expect, it } from "vitest";
import { countSeen, nothingSeen, seenBefore, startTally } from "./histogram.ts";

function seen(from: number, times: readonly number[], until: number) {
  const tally = startTally(nothingSeen(from, from));
  for (const time of times) tally.add(time);
  return tally.finish(until);
}

it("counts a region that was looked at, from its first moment to before its last", () => {
  const some = seen(1000, [1000, 1099, 1100, 1999], 2000);
  expect(countSeen(some, 1000, 2000)).toBe(4);
  expect(countSeen(some, 1100, 1900)).toBe(1);
  expect(countSeen(some, 1200, 1200)).toBe(0);
});

it("has no number for a region that was not looked at as a whole", () => {
  const some = seen(1000, [1500], 2000);
  expect(countSeen(some, 900, 2000)).toBeNull();
  expect(countSeen(some, 1000, 2100)).toBeNull();
  expect(countSeen(null, 1000, 2000)).toBeNull();
});

it("counts once what is read again", () => {
  const tally = startTally(seenBefore(seen(1000, [1200, 1700], 2000), 1500));
  tally.add(1700);
  expect(countSeen(tally.finish(2500), 1000, 2500)).toBe(2);
});

it("forgets what is older, and says so", () => {
  const tally = startTally(nothingSeen(1000, 1000));
  for (const time of [1000, 1500, 2000]) tally.add(time);
  tally.forget(1550);
  const some = tally.finish(3000);
  expect(countSeen(some, 1500, 3000)).toBe(2);
  expect(countSeen(some, 1400, 3000)).toBeNull();
  expect(some.counts.size).toBe(2);
});

it("begins where the part that is kept ends, when nothing of it is kept", () => {
  const none = seenBefore(seen(1000, [1200], 2000), 500);
  expect(countSeen(none, 500, 500)).toBe(0);
  expect(countSeen(none, 400, 500)).toBeNull();
});
