/** Remembers when keys were used and has it written now and then, not once a request. */
const WRITE_EVERY_MS = 5000;

export class KeyUses {
  readonly #write: (uses: readonly (readonly [string, number])[]) => void;
  #uses = new Map<string, number>();
  #timer: NodeJS.Timeout | null = null;

  constructor(write: (uses: readonly (readonly [string, number])[]) => void) {
    this.#write = write;
  }

  /** Notes a use at a time in epoch milliseconds. */
  note(id: string, at: number): void {
    this.#uses.set(id, at);
    this.#timer ??= setTimeout(() => this.flush(), WRITE_EVERY_MS).unref();
  }

  /** Has everything written now. */
  flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#uses.size === 0) return;
    const uses = [...this.#uses];
    this.#uses = new Map();
    this.#write(uses);
  }
}
