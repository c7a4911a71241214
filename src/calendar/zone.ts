/** Time zones by their IANA names, as the platform's own data has them. */

/** Wall-clock time of an instant as if it were UTC: add it to epoch milliseconds. */
export type Offset = (time: number) => number;

const BLOCK = 15 * 60_000;

/** Whether a text names a time zone that the platform knows, as `Europe/Berlin` or `UTC`. */
export function isTimeZone(text: string): boolean {
  // Bare offsets are known to some platforms only, and have no summer time.
  if (!/^[A-Za-z]/.test(text)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/**
 * Milliseconds to add to UTC for the wall clock of a zone. Throws RangeError when there is no such
 * zone. Zones change their offset on quarters of an hour, so one answer holds for all of a quarter;
 * the last one is remembered.
 */
export function offsetIn(zone: string): Offset {
  const format = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" });
  let last = { block: Number.NaN, offset: 0 };
  return (time) => {
    const block = Math.floor(time / BLOCK);
    if (block !== last.block) last = { block, offset: readOffset(format, block * BLOCK) };
    return last.offset;
  };
}

/** The name is `GMT+02:00`, `GMT-03:30`, or `GMT` alone; seconds only before zones were made. */
function readOffset(format: Intl.DateTimeFormat, time: number): number {
  const name = format.formatToParts(time).find(({ type }) => type === "timeZoneName")?.value ?? "";
  const match = /([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(name);
  if (!match) return 0;
  const [, sign, hours, minutes, seconds = 0] = match;
  const size = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  return (sign === "-" ? -size : size) * 1000;
}
