/** The scalar types of the configuration: durations, sizes, secrets. */
import { z } from "zod";
import { Secret } from "./secret.ts";

/** Units of durations with their milliseconds, the largest first. */
export const DURATIONS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
] as const;
const DURATION_UNITS: Readonly<Record<string, number>> = Object.fromEntries(DURATIONS);
const SIZE_UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

function readUnit(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([a-zA-Z]+)$/.exec(text);
  if (!match) return undefined;
  const factor = units[match[2] ?? ""];
  return factor === undefined ? undefined : Number(match[1]) * factor;
}

/** Milliseconds of `30s`, `10m`, `3d`; undefined when it is not a duration. */
export function readDuration(text: string): number | undefined {
  return readUnit(text, DURATION_UNITS);
}

/** Milliseconds as they are read back, in the largest unit that loses nothing: `90s`, `2h`. */
export function writeDuration(milliseconds: number): string {
  if (milliseconds === 0) return "0s";
  const unit = DURATIONS.find(([, size]) => milliseconds % size === 0);
  return unit ? `${milliseconds / unit[1]}${unit[0]}` : `${milliseconds}ms`;
}

/** Bytes of `10MiB`, `512KiB`; undefined when it is not a size. */
export function readSize(text: string): number | undefined {
  return readUnit(text, SIZE_UNITS);
}

/** A duration in the configuration, in milliseconds once parsed. `fallback` is written the same way. */
export function duration(fallback?: string) {
  const schema = z
    .string()
    .meta({ format: "duration", pattern: "^\\d+(\\.\\d+)?(ms|s|m|h|d)$" })
    .transform((text, context) => {
      const milliseconds = readDuration(text);
      if (milliseconds !== undefined) return milliseconds;
      context.addIssue({
        code: "custom",
        message: `"${text}" is not a duration — write it like 30s, 10m, 3d`,
      });
      return z.NEVER;
    });
  return fallback === undefined ? schema : schema.prefault(fallback);
}

/** A size in the configuration, in bytes once parsed. */
export function size(fallback?: string) {
  const schema = z
    .string()
    .meta({ format: "size", pattern: "^\\d+(\\.\\d+)?(B|KiB|MiB|GiB)$" })
    .transform((text, context) => {
      const bytes = readSize(text);
      if (bytes !== undefined) return bytes;
      context.addIssue({
        code: "custom",
        message: `"${text}" is not a size — write it like 512KiB or 10MiB`,
      });
      return z.NEVER;
    });
  return fallback === undefined ? schema : schema.prefault(fallback);
}

/**
 * A secret in the configuration. The loader has resolved references (`${env:NAME}`,
 * `${file:path}`) by the time the schema sees it.
 */
export function secret() {
  return z
    .string()
    .min(1)
    .meta({ format: "secret", description: "Write it as ${env:NAME} or ${file:path}." })
    .transform((text) => new Secret(text));
}
