/** A whole configuration for one purpose, which `tocsin init --preset` writes. */
export interface Preset {
  readonly name: string;
  /** What it is for, in one line. */
  readonly summary: string;
  /** A commented `tocsin.yaml` that works as it is. */
  readonly text: string;
}
