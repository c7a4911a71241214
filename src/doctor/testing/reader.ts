import type { Reader } from "../reader.ts";

/** A source of detection alerts of the default space, unless told. */
export function aReader(given: Partial<Reader> = {}): Reader {
  return {
    name: "detections",
    reads: "alerts",
    indices: [".alerts-security.alerts-default"],
    deletes: false,
    writesBack: false,
    spaces: ["default"],
    latency: 65_000,
    ...given,
  };
}
