import { inspect } from "node:util";

const HIDDEN = "<secret>";

/**
 * A value that must never be printed. Whatever turns it into text (template strings, JSON, the
 * console, a logger) gets `<secret>`; only `reveal()` gives the value, so every use is searchable.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Call it at the last moment and keep no copy. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}
