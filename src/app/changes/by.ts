/** Who makes a change, and when. */
export interface By {
  /** A key of the API or a person. */
  readonly who: string;
  /** Epoch milliseconds. */
  readonly now: number;
}
