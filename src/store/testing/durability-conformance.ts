/** All of a commit or nothing, over crashes and beside others who write. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Position } from "../../pipeline/entry.ts";
import { holdOf } from "../../pipeline/state.ts";
import { aDecision, aDelivery } from "../../pipeline/testing/builders.ts";
import type { Store } from "../store.ts";
import {
  aCase,
  aGroup,
  aHeld,
  changing,
  commitNow,
  delivered,
  following,
  NOW,
  storedAt,
} from "./builders.ts";
import type { StoreHarness } from "./harness.ts";

export function durabilityConformance(
  name: string,
  makeHarness: () => Promise<StoreHarness>,
): void {
  describe(`${name} as what lasts`, () => {
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

    const restart = async () => {
      await harness.crash(store);
      store = await harness.open();
    };
    const numbers = async (destination: string) =>
      (await store.claimDeliveries(destination, NOW, 100)).map(({ alert }) => alert.number);
    /** An alert that cannot be written as JSON. */
    const aPoison = (position: number) => {
      const cyclic: Record<string, unknown> = { artifacts: [], severity: "high", case_id: null };
      cyclic["self"] = cyclic;
      return { ...aDecision(position), alert: cyclic } as never;
    };

    it("moves the cursor with what was decided, never back", async () => {
      expect(await store.cursor()).toBe(0);
      await commitNow(store, [aDecision(1), aDecision(10)]);
      expect(await store.cursor()).toBe(10);
      await commitNow(store, [aDecision(9)]);
      expect(await store.cursor()).toBe(10);
    });

    it("has after a crash what was committed before", async () => {
      const cell = aGroup("g", NOW + 1);
      const write = { case: aCase(1), entries: [] };
      await commitNow(store, [
        changing(aDecision(1, [aHeld("d", cell)]), { cells: [{ cell }], cases: [write] }),
      ]);
      const reads = {
        keys: ["k1"],
        cells: [cell],
        alerts: [1 as Position],
        cases: [1],
        holds: [holdOf(cell)],
      };
      const before = await store.loadState(reads);
      await restart();
      expect(await store.loadState(reads)).toEqual(before);
      expect(before.held.get(holdOf(cell))).toHaveLength(1);
      expect(await store.nextTimer()).toBe(NOW + 1);
    });

    it("hands out the same alert after it was opened again", async () => {
      const decision = aDecision(1, [aDelivery("d")]);
      await commitNow(store, [decision]);
      await restart();
      const [claim] = await store.claimDeliveries("d", NOW, 10);
      expect(claim?.alert).toEqual(decision.alert);
    });

    it("keeps the order of artifacts over changes", async () => {
      const artifact = (value: string) =>
        ({ type: "domain", value, role: "related", field: "f" }) as const;
      const [a, b, c] = [artifact("a.test"), artifact("b.test"), artifact("c.test")];
      const second = aDecision(2, [], { content: { artifacts: [b, c] } });
      await commitNow(store, [aDecision(1, [], { content: { artifacts: [c, b] } }), second]);
      await commitNow(store, [following(3, second, "repeat", { artifacts: [a, c, b] })]);
      await restart();
      const stored = [await storedAt(store, 1), await storedAt(store, 2)];
      expect(stored.map((one) => one?.alert.artifacts)).toEqual([
        [c, b],
        [a, c, b],
      ]);
    });

    it("keeps what follows a NUL in a value, though not the NUL", async () => {
      const at = { role: "related" as const, field: "f" };
      const content = { artifacts: [{ type: "other" as const, value: "x\0y", ...at }] };
      await commitNow(store, [aDecision(1, [aDelivery("d")], { content })]);
      await restart();
      const [claim] = await store.claimDeliveries("d", NOW, 10);
      expect(claim?.alert.artifacts).toMatchObject([{ value: "xy" }]);
    });

    it("stores what it can when one of several commits at once fails", async () => {
      await commitNow(store, [aDecision(1, [aDelivery("d")])]);
      const claims = await store.claimDeliveries("d", NOW, 10);
      const { version } = await store.loadState({});
      const results = await Promise.allSettled([
        store.recordResults(
          claims.map((claim) => delivered(claim)),
          [],
        ),
        store.commit({ version, decisions: [aPoison(2)], timers: [] }, NOW),
      ]);
      expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
      expect(await numbers("d")).toEqual([]);
      expect(await store.cursor()).toBe(1);
    });

    it("keeps neither decisions nor cursor nor version of a batch that fails", async () => {
      const { version } = await store.loadState({});
      const first = changing(aDecision(1, [aDelivery("d")]), { cells: [{ cell: aGroup("g") }] });
      await expect(commitNow(store, [first, aPoison(2)])).rejects.toThrow();
      expect(await store.cursor()).toBe(0);
      expect(await numbers("d")).toEqual([]);
      expect(await store.loadState({ cells: [aGroup("g")] })).toMatchObject({ version, cells: [] });
      await commitNow(store, [first]);
      expect(await numbers("d")).toEqual(["ALR-000001"]);
    });

    it("changes nothing when entries are committed again", async () => {
      const cells = [{ cell: aGroup("g", null, 1) }];
      const batch = [changing(aDecision(1, [aDelivery("d")]), { cells })];
      await commitNow(store, batch);
      const [claim] = await store.claimDeliveries("d", NOW, 10);
      await store.recordResults([delivered(claim!)], []);
      const later = aGroup("g", null, 2);
      await commitNow(store, [changing(aDecision(2), { cells: [{ cell: later }] })]);
      await commitNow(store, batch);
      expect(await numbers("d")).toEqual([]);
      expect((await store.loadState({ cells: [later] })).cells).toEqual([later]);
    });

    it("stores a decision whose key is there already as a duplicate", async () => {
      await commitNow(store, [aDecision(1, [aDelivery("d")], { key: "same" })]);
      const second = aDecision(2, [aDelivery("d")], { key: "same" });
      await commitNow(store, [changing(second, { cells: [{ cell: aGroup("g") }] })]);
      expect(await numbers("d")).toEqual(["ALR-000001"]);
      expect(await store.cursor()).toBe(2);
      const state = await store.loadState({ keys: ["same"], cells: [aGroup("g")] });
      expect(state).toMatchObject({ keys: new Map([["same", 1]]), cells: [] });
      expect(await storedAt(store, 2)).toBeUndefined();
    });

    it("lets one of two that decide at once win, and stores nothing of the other", async () => {
      const rival = await harness.open();
      try {
        const mine = await store.loadState({ keys: ["k1"] });
        const theirs = await rival.loadState({ keys: ["k1"] });
        const opening = (number: number) => {
          const write = { case: aCase(number), entries: [] };
          const decision = changing(aDecision(1, [aDelivery("d")]), { cases: [write] });
          return { decisions: [decision], timers: [] };
        };
        const results = await Promise.allSettled([
          store.commit({ version: mine.version, ...opening(1) }, NOW),
          rival.commit({ version: theirs.version, ...opening(2) }, NOW),
        ]);
        expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
        const lost = results.find((result) => result.status === "rejected");
        expect(lost?.reason).toMatchObject({ code: "STATE_CHANGED" });
        const won = results[0].status === "fulfilled" ? 1 : 2;
        const { cases } = await rival.loadState({ cases: [1, 2] });
        expect(cases.map(({ number }) => number)).toEqual([won]);
        expect((await storedAt(store, 1))?.deliveries).toHaveLength(1);
      } finally {
        await rival.close();
      }
    });

    it("refuses the second of two commits through one handle", async () => {
      const { version } = await store.loadState({});
      const results = await Promise.allSettled([
        store.commit({ version, decisions: [aDecision(1)], timers: [] }, NOW),
        store.commit({ version, decisions: [aDecision(2)], timers: [] }, NOW),
      ]);
      expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
      expect(await store.cursor()).toBe(1);
    });

    it("shows what somebody else made of an alert", async () => {
      const first = aDecision(1, [aDelivery("d")]);
      await commitNow(store, [first]);
      const rival = await harness.open();
      try {
        const alert = { ...first.alert!, title: "changed" };
        const outcome = { kind: "updated", reason: "subject_known", of: 1 as Position } as const;
        await commitNow(rival, [{ ...aDecision(2), outcome, alert }]);
        const [claim] = await store.claimDeliveries("d", NOW, 1);
        expect(claim?.alert.title).toBe("changed");
        expect((await storedAt(store, 1))?.alert.title).toBe("changed");
      } finally {
        await rival.close();
      }
    });
  });
}
