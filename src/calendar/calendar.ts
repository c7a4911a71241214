/** Business hours: when somebody is there to read. */

/** Opening hours of a week in a time zone, without the days that are named as closed. */
export interface Calendar {
  readonly name: string;
  isOpen(time: number): boolean;
  /** The next moment after `time` at which it opens; null when it never does. Epoch milliseconds. */
  nextOpening(time: number): number | null;
}
