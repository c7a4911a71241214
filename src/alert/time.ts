/** Reading the times that vendors write. A time that cannot be read is null, never invented. */

const EARLIEST = Date.UTC(1990, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);

/** How many of each unit make a millisecond. The plausible ranges of the four do not overlap. */
const EPOCH_UNITS = [0.001, 1, 1000, 1_000_000] as const;

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,12}))?)? ?(Z|[+-]\d\d(?:[:.]?\d\d)?)?$/i;
const DECIMAL = /^\d{9,19}(?:\.\d+)?$/;

/**
 * A time as UTC ISO 8601 with milliseconds, or null when it cannot be read or lies outside
 * 1990–2100. Reads ISO 8601 with `Z`, `+01:00`, `+0100`, `+01.00` or no zone (taken as UTC), and
 * epoch seconds, milliseconds, microseconds and nanoseconds as numbers or decimal text. Of an array
 * the first element counts. A bare date is refused: its time of day would be made up.
 */
export function readTime(value: unknown): string | null {
  const scalar: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof scalar === "number") return format(readEpoch(scalar));
  if (typeof scalar !== "string" || scalar.length > 64) return null;
  const text = scalar.trim();
  return format(DECIMAL.test(text) ? readEpoch(Number(text)) : readIso(text));
}

function format(time: number): string | null {
  return time >= EARLIEST && time < LATEST ? new Date(time).toISOString() : null;
}

function readEpoch(value: number): number {
  for (const unit of EPOCH_UNITS) {
    const time = value / unit;
    // Fractions of a second carry binary dust that must not cost a millisecond.
    if (time >= EARLIEST && time < LATEST) return Math.floor(time + 5e-4);
  }
  return Number.NaN;
}

function readIso(text: string): number {
  const match = ISO.exec(text);
  if (!match) return Number.NaN;
  const [, year, month, day, hour, minute, second = "0", fraction = "", zone] = match;
  const date = Date.UTC(Number(year), Number(month) - 1, Number(day));
  // Date.UTC rolls the 31st of February over into March.
  if (new Date(date).getUTCDate() !== Number(day) || Number(month) > 12) return Number.NaN;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return Number.NaN;
  const minutes = Number(hour) * 60 + Number(minute) - readZone(zone);
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, "0"));
  return date + minutes * 60_000 + Number(second) * 1000 + milliseconds;
}

/** Minutes east of Greenwich; NaN for an offset that no clock has. */
function readZone(zone: string | undefined): number {
  if (zone === undefined || zone === "Z" || zone === "z") return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(/^[:.]/, "") || "0");
  if (hours > 14 || minutes > 59) return Number.NaN;
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}
