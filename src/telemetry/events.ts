/**
 * The telemetry events: what can be said of a running Tocsin. Labels are bounded: names from the
 * configuration and enums, never content.
 */
/** What an entry of the stream came to. */
export interface DecidedEntry {
  readonly source: string;
  readonly outcome: string;
  readonly routing: string | null;
}

/** A try as it was recorded; null where a delivery was given up without another one. */
export interface RecordedTry {
  readonly verdict: string;
  readonly reason: string;
  readonly status: number | null;
  /** Milliseconds. */
  readonly duration: number;
  readonly error: string | null;
}

export type TelemetryEvent =
  | {
      readonly event: "receipt_stored";
      readonly source: string;
      readonly accepted: number;
      readonly duplicates: number;
      readonly quarantined: number;
      readonly request: string;
      readonly duration: number;
    }
  | {
      readonly event: "receipt_refused";
      readonly source: string;
      readonly code: string;
      readonly request: string;
      readonly detail: string;
    }
  | {
      /** Somebody used a button of a message; of `refused` and `failed`, `detail` says why. */
      readonly event: "callback_taken";
      readonly destination: string;
      readonly outcome: "done" | "nothing" | "failed" | "refused";
      readonly request: string;
      readonly detail: string | null;
    }
  | {
      readonly event: "page_taken";
      readonly source: string;
      readonly accepted: number;
      readonly duplicates: number;
      readonly quarantined: number;
      readonly duration: number;
    }
  | {
      readonly event: "poll_finished";
      readonly source: string;
      readonly accepted: number;
      readonly duplicates: number;
      readonly quarantined: number;
      readonly pages: number;
      readonly duration: number;
      /** Whether the poll before it failed. */
      readonly recovered: boolean;
    }
  | {
      readonly event: "poll_failed";
      readonly source: string;
      readonly error: unknown;
      /** Whether the same was said less than a minute ago. */
      readonly repeated: boolean;
    }
  | { readonly event: "poll_blocked"; readonly source: string; readonly error: unknown }
  | {
      readonly event: "source_behind";
      readonly source: string;
      /** Milliseconds. */
      readonly lag: number;
    }
  | {
      readonly event: "source_caught_up";
      readonly source: string;
      /** Milliseconds for which it was behind. */
      readonly duration: number;
    }
  | {
      readonly event: "reconcile_finished";
      readonly source: string;
      readonly found: number;
      readonly missing: number;
      readonly backfilled: number;
      readonly duration: number;
    }
  | { readonly event: "reconcile_failed"; readonly source: string; readonly error: unknown }
  | {
      readonly event: "batch_decided";
      readonly entries: readonly DecidedEntry[];
      /** Stages whose timers fired. */
      readonly timers: readonly string[];
      readonly duration: number;
    }
  | {
      readonly event: "attempt_recorded";
      readonly destination: string;
      /** The alert's number. */
      readonly alert: string;
      readonly next: "delivered" | "pending" | "dead";
      readonly attempt: RecordedTry | null;
    }
  | { readonly event: "breaker_opened"; readonly destination: string; readonly error: string }
  | { readonly event: "outlet_failed"; readonly destination: string; readonly error: unknown }
  | { readonly event: "pipeline_failed"; readonly error: unknown }
  | { readonly event: "upkeep_failed"; readonly error: unknown }
  | { readonly event: "audit_finished"; readonly gaps: number }
  | { readonly event: "retention_applied"; readonly kind: string; readonly removed: number };
