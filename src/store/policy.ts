/** Policies and routes that are made by hand instead of in the file. */

/** The lists of the configuration that one can be added to. */
export const POLICY_KINDS = ["fold", "cases", "correlate", "inhibit", "routes"] as const;
export type PolicyKind = (typeof POLICY_KINDS)[number];

/** Settings as they would be written in the configuration, without the name. */
export type PolicySettings = Readonly<Record<string, unknown>>;

export interface StoredPolicy {
  readonly kind: PolicyKind;
  /** Different from all others of its kind. */
  readonly name: string;
  readonly settings: PolicySettings;
  /** Who wrote it as it is now. */
  readonly author: string;
  /** Epoch milliseconds. */
  readonly created_at: number;
  readonly updated_at: number;
}
