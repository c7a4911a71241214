/** What every driver of the store must do. A driver's test calls this with a way to open it. */
import { decisionConformance } from "./decision-conformance.ts";
import { deliveryConformance } from "./delivery-conformance.ts";
import { digestConformance } from "./digest-conformance.ts";
import { durabilityConformance } from "./durability-conformance.ts";
import type { StoreHarness } from "./harness.ts";
import { noticeConformance } from "./notice-conformance.ts";
import { rearmConformance } from "./rearm-conformance.ts";
import { resumeConformance } from "./resume-conformance.ts";

export type { StoreHarness } from "./harness.ts";

export function storeConformance(name: string, makeHarness: () => Promise<StoreHarness>): void {
  decisionConformance(name, async () => {
    const harness = await makeHarness();
    const store = await harness.open();
    return {
      store,
      async end() {
        await store.close();
        await harness.clean();
      },
    };
  });
  durabilityConformance(name, makeHarness);
  deliveryConformance(name, makeHarness);
  digestConformance(name, makeHarness);
  noticeConformance(name, makeHarness);
  rearmConformance(name, makeHarness);
  resumeConformance(name, makeHarness);
}
