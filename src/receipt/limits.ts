import { fail } from "../errors.ts";
import type { TocsinError } from "../errors.ts";

/** What one request may hold. */
export interface ReadLimits {
  /** Bytes of the body as it was sent. */
  readonly wireBytes: number;
  /** Bytes once unpacked. */
  readonly unpackedBytes: number;
  /** Documents, and events made of them, in one request. */
  readonly events: number;
  /** Containers nested in each other within one document, the document itself included. */
  readonly depth: number;
}

export const DEFAULT_READ_LIMITS: ReadLimits = {
  wireBytes: 10 * 1024 ** 2,
  unpackedBytes: 64 * 1024 ** 2,
  events: 10_000,
  depth: 64,
};

const EXCEEDED = {
  wireBytes: {
    limit: "wire_bytes",
    what: "the body is larger than",
    hint: "Send fewer alerts per request, or compress the body with gzip.",
  },
  unpackedBytes: {
    limit: "unpacked_bytes",
    what: "the unpacked body is larger than",
    hint: "Send fewer alerts per request.",
  },
  events: {
    limit: "events",
    what: "the request holds more events than",
    hint: "Split the request.",
  },
} as const;

/** The error for a limit that a request is over: `LIMIT_EXCEEDED`, `data` naming limit and value. */
export function limitExceeded(name: keyof typeof EXCEEDED, value: number): TocsinError {
  const { limit, what, hint } = EXCEEDED[name];
  return fail("LIMIT_EXCEEDED", {
    component: "ingest",
    message: `${what} the limit ${limit} = ${value}`,
    hint,
    data: { limit, value },
  });
}
