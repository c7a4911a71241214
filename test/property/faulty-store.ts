/** A store that fails when it is told to: before what it was asked was done, or after. */
import type { Store } from "../../src/store/store.ts";

type Fault = "before" | "after";

const FAILING = ["commit", "settleNotices"] as const;
type FailingCall = (typeof FAILING)[number];

/** Faults to come; each happens once. */
export class Faults {
  readonly #next = new Map<FailingCall, Fault>();

  /** The next such call fails. */
  arm(call: FailingCall, fault: Fault): void {
    this.#next.set(call, fault);
  }

  wrap(store: Store): Store {
    const calls = Object.fromEntries(FAILING.map((call) => [call, this.#failing(store, call)]));
    return new Proxy(store, {
      get(target, name) {
        const own = Object.hasOwn(calls, name) ? calls[String(name)] : undefined;
        const value: unknown = own ?? Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }

  #failing(store: Store, call: FailingCall) {
    return async (...asked: unknown[]): Promise<void> => {
      const fault = this.#next.get(call);
      this.#next.delete(call);
      if (fault === "before") throw new Error("the disk is full");
      await Reflect.apply(store[call], store, asked);
      if (fault === "after") throw new Error("the disk is gone");
    };
  }
}
