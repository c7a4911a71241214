/** What becomes of what waits when a peer works again that was down. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { aDecision, aDelivery } from "../../pipeline/testing/builders.ts";
import type { Store } from "../store.ts";
import { aGroup, aHeld, commitNow, NOW, retried } from "./builders.ts";
import type { StoreHarness } from "./harness.ts";

const HOUR = 3_600_000;
const OUTAGE = { since: NOW, until: NOW + HOUR };
const LATER = NOW + 2 * HOUR;

export function resumeConformance(name: string, makeHarness: () => Promise<StoreHarness>): void {
  describe(`${name} when a peer works again`, () => {
    let harness: StoreHarness;
    let store: Store;

    beforeEach(async () => {
      harness = await makeHarness();
      store = await harness.open();
    });
    afterEach(async () => {
      await store.close();
      await harness.clean();
    });

    const plan = (position: number, at: number) =>
      commitNow(store, [aDecision(position, [aDelivery("d"), aDelivery("e")])], [], at);
    /** What is due first fails at that time, and is to be tried again after the outage. */
    const failNext = async (at: number) => {
      const [claim] = await store.claimDeliveries("d", LATER, 1);
      if (!claim) return expect.unreachable("nothing is due");
      await store.recordResults([{ ...retried(claim, LATER), at }], []);
    };
    const numbers = async (now: number, destination = "d") => {
      const claims = await store.claimDeliveries(destination, now, 100);
      await store.releaseClaims(claims);
      return claims.map(({ alert }) => alert.number);
    };

    it("makes what failed meanwhile due again, in the order of creation", async () => {
      for (const position of [1, 2, 3]) await plan(position, NOW + position);
      await failNext(NOW + 3);
      await failNext(NOW + 4);
      expect(await numbers(NOW + HOUR)).toEqual(["ALR-000003"]);
      await store.claimDeliveries("d", NOW + HOUR, 1);
      await store.resumeDeliveries("d", OUTAGE, NOW + HOUR);
      expect(await store.nextDue("d")).toBe(NOW + 1);
      expect(await numbers(NOW + HOUR)).toEqual(["ALR-000001", "ALR-000002"]);
    });

    it("hands it out before what is newer", async () => {
      for (const position of [1, 2, 3]) await plan(position, NOW + position);
      await failNext(NOW + 3);
      await store.resumeDeliveries("d", OUTAGE, NOW + HOUR);
      expect(await numbers(NOW + HOUR)).toEqual(["ALR-000001", "ALR-000002", "ALR-000003"]);
    });

    it.each([
      ["before", [NOW - 1, NOW]],
      ["after", [NOW, NOW + HOUR]],
    ])("leaves what failed %s the outage too", async (_, failures) => {
      await plan(1, NOW - 10);
      for (const at of failures) await failNext(at);
      await store.resumeDeliveries("d", OUTAGE, NOW + HOUR);
      expect(await store.nextDue("d")).toBe(LATER);
    });

    it("leaves other destinations alone, and what was not tried", async () => {
      await plan(1, NOW);
      const [claim] = await store.claimDeliveries("e", NOW, 1);
      if (!claim) return expect.unreachable("nothing is due");
      await store.recordResults([retried(claim, LATER)], []);
      await store.resumeDeliveries("d", OUTAGE, NOW + 1);
      expect(await store.nextDue("d")).toBe(NOW);
      expect(await store.nextDue("e")).toBe(LATER);
    });

    it("leaves what is held", async () => {
      await commitNow(store, [aDecision(1, [aHeld("d", aGroup("g"))])]);
      await store.resumeDeliveries("d", OUTAGE, NOW + 1);
      expect(await store.nextDue("d")).toBeNull();
    });

    it("makes nothing due later than now, though the clock was ahead when it was created", async () => {
      await plan(1, NOW + HOUR);
      await failNext(NOW + HOUR);
      await store.resumeDeliveries("d", { since: 0, until: Infinity }, NOW);
      expect(await numbers(NOW)).toEqual(["ALR-000001"]);
    });

    it("leaves to its claimant what is tried at that moment", async () => {
      await plan(1, NOW);
      await failNext(NOW);
      const [claim] = await store.claimDeliveries("d", LATER, 1);
      if (!claim) return expect.unreachable("nothing is due");
      await store.resumeDeliveries("d", OUTAGE, LATER);
      expect(await numbers(LATER)).toEqual([]);
      await store.recordResults([{ ...retried(claim, LATER + HOUR), at: LATER }], []);
      expect(await store.nextDue("d")).toBe(LATER + HOUR);
    });
  });
}
