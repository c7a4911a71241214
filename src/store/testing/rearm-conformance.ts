/** What becomes of what waits when the clock is set back. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { aDecision, aDelivery } from "../../pipeline/testing/builders.ts";
import { holdOf, type CellName, type CellWrite } from "../../pipeline/state.ts";
import type { Store } from "../store.ts";
import { aGroup, aHeld, aTimer, changing, commitNow, NOW, retried } from "./builders.ts";
import type { StoreHarness } from "./harness.ts";

/** What the clock showed before it was set back to `NOW`. */
const AHEAD = NOW + 3_600_000;

export function rearmConformance(name: string, makeHarness: () => Promise<StoreHarness>): void {
  describe(`${name} when the clock is set back`, () => {
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

    const keep = (...cells: CellWrite[]) => commitNow(store, [], [aTimer(NOW, { cells })]);
    const load = async (...cells: CellName[]) => (await store.loadState({ cells })).cells;
    const numbers = async (now: number) => {
      const claims = await store.claimDeliveries("d", now, 100);
      await store.releaseClaims(claims);
      return claims.map(({ alert }) => alert.number);
    };

    it("lets timers wait from now for what they had left when they were set", async () => {
      const ahead = { ...aGroup("ahead", AHEAD + 30_000, AHEAD), at: AHEAD };
      const value = { tokens: 0, at: AHEAD };
      const limit = { ...ahead, stage: "limit", value, due_at: AHEAD + 60_000 } as const;
      await keep({ cell: ahead }, { cell: limit });
      await store.rearmTimers(NOW);
      expect(await load(ahead, limit)).toEqual([
        { ...ahead, due_at: NOW + 30_000, at: NOW },
        { ...limit, due_at: NOW + 60_000, at: NOW },
      ]);
      expect(await store.nextTimer()).toBe(NOW + 30_000);
      await store.rearmTimers(NOW + 5000);
      expect(await store.nextTimer()).toBe(NOW + 30_000);
    });

    it("leaves timers that were set before now, are not set, or go by the calendar", async () => {
      const cells: CellWrite[] = [
        { cell: { ...aGroup("now", NOW + 30_000), at: NOW + 1000 } },
        { cell: { ...aGroup("none", null, AHEAD), at: AHEAD } },
        {
          cell: { ...aGroup("hours"), stage: "hours", value: {}, due_at: AHEAD + 1, at: AHEAD },
        },
        {
          cell: { ...aGroup("end"), stage: "silence", value: {}, due_at: AHEAD + 1, at: AHEAD },
        },
      ];
      await keep(...cells);
      await store.rearmTimers(NOW);
      const kept = cells.flatMap((write) => ("cell" in write ? [write.cell] : []));
      expect(await load(...kept)).toEqual(kept);
    });

    it("refuses what was decided before", async () => {
      const { version } = await store.loadState({});
      await store.rearmTimers(NOW);
      const late = store.commit({ version, decisions: [aDecision(1)], timers: [] }, NOW);
      await expect(late).rejects.toMatchObject({ code: "STATE_CHANGED" });
    });

    it("counts from now since when a delivery is held", async () => {
      const group = { ...aGroup("g", AHEAD + 30_000), at: AHEAD };
      const entry = { ...aDecision(1).entry, received_at: AHEAD };
      const decision = { ...aDecision(1, [aHeld("d", group)]), entry };
      await commitNow(store, [changing(decision, { cells: [{ cell: group }] })], [], AHEAD);
      await store.rearmTimers(NOW);
      const { held } = await store.loadState({ holds: [holdOf(group)] });
      expect(held.get(holdOf(group))).toMatchObject([{ held_at: NOW }]);
    });

    it("hands out at once what was due", async () => {
      await commitNow(store, [aDecision(1, [aDelivery("d")])], [], AHEAD);
      expect(await numbers(NOW)).toEqual([]);
      await store.rearmTimers(NOW);
      expect(await numbers(NOW)).toEqual(["ALR-000001"]);
    });

    it("lets a failed try wait from now, once", async () => {
      await commitNow(store, [aDecision(1, [aDelivery("d")])], [], AHEAD);
      const [claim] = await store.claimDeliveries("d", AHEAD, 1);
      if (!claim) expect.unreachable("nothing is due");
      const result = { ...retried(claim, AHEAD + 35_000), at: AHEAD + 5000 };
      await store.recordResults([result], []);
      await store.rearmTimers(NOW);
      await store.rearmTimers(NOW + 10_000);
      expect(await store.nextDue("d")).toBe(NOW + 30_000);
      expect(await numbers(NOW + 29_999)).toEqual([]);
      expect(await numbers(NOW + 30_000)).toEqual(["ALR-000001"]);
    });

    it("leaves a try that waits since a moment before now", async () => {
      await commitNow(store, [aDecision(1, [aDelivery("d")])]);
      const [claim] = await store.claimDeliveries("d", NOW, 1);
      if (!claim) expect.unreachable("nothing is due");
      await store.recordResults([retried(claim, AHEAD)], []);
      await store.rearmTimers(NOW);
      expect(await store.nextDue("d")).toBe(AHEAD);
    });
  });
}
