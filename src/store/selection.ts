import type { DeliveryState } from "../pipeline/outcome.ts";

/** Which deliveries are meant: these, or all in a state that ended in a time. */
export type Selection =
  | { readonly ids: readonly number[] }
  | {
      readonly state: Exclude<DeliveryState, "pending">;
      readonly destination?: string | undefined;
      /** Epoch milliseconds, of when they ended: at or after `since`, before `until`. */
      readonly since?: number | undefined;
      readonly until?: number | undefined;
    };
