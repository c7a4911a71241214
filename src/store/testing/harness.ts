import type { Store } from "../store.ts";

/** How a suite opens the driver over data that lasts as long as one test. */
export interface StoreHarness {
  /** May be called again while a store is open: both then work on the same data. */
  open(): Promise<Store>;
  /** Ends the store the way a crash does; the next `open` finds what was durable. */
  crash(store: Store): Promise<void>;
  clean(): Promise<void>;
}
