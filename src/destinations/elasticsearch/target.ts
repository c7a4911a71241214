/** Where documents go. */
export interface Target {
  readonly name: string;
  /** A data stream takes new documents only; in an index they can be replaced. */
  readonly isStream: boolean;
}
