/** What would have been sent. */
import type { Severity } from "../alert/severity.ts";
import type { Position } from "../pipeline/entry.ts";
import type { DeliveryKind } from "../pipeline/outcome.ts";

/** An alert as a message shows it. */
export interface ToldAlert {
  readonly position: Position;
  readonly id: string;
  /** `ALR-000123`; of a match, `behind ALR-000123`. */
  readonly number: string;
  readonly title: string;
  readonly severity: Severity;
  readonly count: number;
}

export interface SentMessage {
  /** The log's time; epoch milliseconds. */
  readonly at: number;
  readonly destination: string;
  readonly route: string;
  readonly kind: DeliveryKind;
  readonly reason: string;
  /** More than one makes a digest; the first is the one that carries it. */
  readonly alerts: readonly ToldAlert[];
}
