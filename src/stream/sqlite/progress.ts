/** What the writer knows of its log without asking the file. */
import type { Position } from "../../pipeline/entry.ts";
import type { AppendedEntry } from "../stream.ts";

export class Progress {
  #newest: Position;
  /** How many cursors were asked for. */
  #cursors = 0;
  /** Of sources that a receipt was refused of: how many cursors were asked for at that moment. */
  readonly #refusals = new Map<string, number>();

  constructor(newest: Position) {
    this.#newest = newest;
  }

  get newest(): Position {
    return this.#newest;
  }

  noteAppended(entries: readonly AppendedEntry[]): void {
    for (const { position } of entries) if (position > this.#newest) this.#newest = position;
  }

  /** The number of a cursor that is asked for now. */
  countCursor(): number {
    return (this.#cursors += 1);
  }

  /** A receipt is refused: the cursors of its source that wait now were asked for behind it. */
  noteRefusal(source: string): void {
    this.#refusals.set(source, this.#cursors);
  }

  isBehindRefusal(source: string, number: number): boolean {
    return number <= (this.#refusals.get(source) ?? 0);
  }
}
