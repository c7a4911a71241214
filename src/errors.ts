/**
 * The catalogue of errors. Every error that leaves a component is made from an entry here, so that
 * a reader finds what can go wrong in one place and a log line, an HTTP answer and an exit code
 * agree on what it is called.
 *
 * A message names what is wrong; the hint says what to do. Neither may hold a secret.
 */

/** What an entry of the catalogue says about all errors made from it. */
export interface ErrorEntry {
  /** Stable, machine-readable: `AREA_WHAT`. Part of the API; never reused. */
  readonly code: string;
  /** HTTP status an API answer carries for it. */
  readonly status: number;
  /** Whether the same call may succeed later without anybody changing anything. */
  readonly retryable: boolean;
  /** Process exit code when it ends a command: 1 negative answer, 2 could not run, 64 usage. */
  readonly exit: number;
}

/** Options of a single error. */
export interface ErrorDetails {
  /** The component it comes from, as in the configuration: `source kibana`, `destination soc`. */
  readonly component: string;
  readonly message: string;
  /** What the reader can do about it. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** Extra members for logs and problem+json; never secrets. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
}

/** The only error class Tocsin throws on purpose. */
export class TocsinError extends Error {
  readonly code: string;
  readonly status: number;
  readonly retryable: boolean;
  readonly exit: number;
  readonly component: string;
  readonly hint: string | undefined;
  readonly data: Readonly<Record<string, unknown>> | undefined;

  constructor(entry: ErrorEntry, details: ErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "TocsinError";
    this.code = entry.code;
    this.status = entry.status;
    this.retryable = entry.retryable;
    this.exit = entry.exit;
    this.component = details.component;
    this.hint = details.hint;
    this.data = details.data;
  }
}

const entry = (code: string, status: number, retryable: boolean, exit = 2): ErrorEntry => ({
  code,
  status,
  retryable,
  exit,
});

/** Every error Tocsin can raise. Grouped by the folder that raises it. */
export const ERRORS = {
  // config/
  CONFIG_INVALID: entry("CONFIG_INVALID", 500, false),
  CONFIG_NOT_FOUND: entry("CONFIG_NOT_FOUND", 500, false),
  SECRET_UNRESOLVED: entry("SECRET_UNRESOLVED", 500, false),
  // receipt/ and sources/
  BODY_UNREADABLE: entry("BODY_UNREADABLE", 422, false),
  LIMIT_EXCEEDED: entry("LIMIT_EXCEEDED", 413, false),
  // kql/ and template/
  KQL_INVALID: entry("KQL_INVALID", 400, false),
  TEMPLATE_INVALID: entry("TEMPLATE_INVALID", 400, false),
  // stream/ and store/
  DATA_LOCKED: entry("DATA_LOCKED", 503, false),
  DATA_NEWER: entry("DATA_NEWER", 500, false),
  DATA_MISSING: entry("DATA_MISSING", 500, false),
  DATA_INVALID: entry("DATA_INVALID", 500, false),
  STORAGE_FAILED: entry("STORAGE_FAILED", 503, true),
  STATE_CHANGED: entry("STATE_CHANGED", 503, true),
  // server/
  UNAUTHENTICATED: entry("UNAUTHENTICATED", 401, false),
  FORBIDDEN: entry("FORBIDDEN", 403, false),
  NOT_FOUND: entry("NOT_FOUND", 404, false, 1),
  REQUEST_INVALID: entry("REQUEST_INVALID", 400, false),
  RATE_LIMITED: entry("RATE_LIMITED", 429, true),
  OVERLOADED: entry("OVERLOADED", 503, true),
  LISTEN_FAILED: entry("LISTEN_FAILED", 500, false),
  // net/ and destinations/
  EGRESS_REFUSED: entry("EGRESS_REFUSED", 502, false),
  REQUEST_FAILED: entry("REQUEST_FAILED", 502, true),
  // elastic/
  CLUSTER_REFUSED: entry("CLUSTER_REFUSED", 502, false),
  // service/
  SERVICE_FAILED: entry("SERVICE_FAILED", 500, false),
  // cli/
  USAGE: entry("USAGE", 400, false, 64),
  CONFLICT: entry("CONFLICT", 409, false, 1),
  // a bug in Tocsin itself
  INTERNAL: entry("INTERNAL", 500, false, 70),
} as const satisfies Record<string, ErrorEntry>;

/** Makes an error from the catalogue: `fail("CONFIG_INVALID", { component, message, hint })`. */
export function fail(code: keyof typeof ERRORS, details: ErrorDetails): TocsinError {
  return new TocsinError(ERRORS[code], details);
}

/** The message of anything thrown, for wrapping a foreign error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
