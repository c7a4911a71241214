/** What Tocsin has to tell by itself, on its way into the stream. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Notice } from "../../pipeline/flow.ts";
import { aDecision, aDelivery } from "../../pipeline/testing/builders.ts";
import type { Store } from "../store.ts";
import { aTimer, changing, commitNow, delivered, NOW, receivedAt } from "./builders.ts";
import type { StoreHarness } from "./harness.ts";

export function noticeConformance(name: string, makeHarness: () => Promise<StoreHarness>): void {
  describe(`${name} as what raises notices`, () => {
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

    const toOperators = (key: string, title = "first"): Notice => {
      return { source: "tocsin", key, body: { title } };
    };
    const aMatch = (key: string): Notice => ({ source: "correlate", key, body: { policy: "p" } });

    it("raises one to operators once until it is closed", async () => {
      await commitNow(
        store,
        [1, 2, 3].map((n) => aDecision(n, [aDelivery("d")])),
      );
      const [one, two, three] = await store.claimDeliveries("d", NOW, 10);
      const notice = toOperators("dead-letters:d");
      await store.recordResults([delivered(one!)], [notice]);
      await store.recordResults([delivered(two!)], [toOperators("dead-letters:d", "second")]);
      expect(await store.unsettledNotices()).toEqual([{ ...notice, raised_at: NOW }]);
      await store.settleNotices([notice.key]);
      expect(await store.unsettledNotices()).toEqual([]);
      await store.closeNotice(notice.key);
      await store.recordResults([delivered(three!)], [toOperators("dead-letters:d", "third")]);
      expect(await store.unsettledNotices()).toMatchObject([{ body: { title: "third" } }]);
    });

    it("closes none that is still on its way into the stream, and says so", async () => {
      const notice = toOperators("dead-letters:d");
      expect(await store.closeNotice(notice.key)).toBe(true);
      await commitNow(store, [changing(aDecision(1), { notices: [notice] })]);
      expect(await store.closeNotice(notice.key)).toBe(false);
      expect(await store.unsettledNotices()).toMatchObject([notice]);
      await store.settleNotices([notice.key]);
      expect(await store.closeNotice(notice.key)).toBe(true);
    });

    it("raises those of entries and timers in their order, at the log's time", async () => {
      const notices = [aMatch("z"), aMatch("a")];
      await commitNow(store, [changing(aDecision(1), { notices })]);
      await commitNow(store, [], [aTimer(7, { notices: [toOperators("m")] })]);
      expect(await store.unsettledNotices()).toEqual([
        { ...aMatch("z"), raised_at: receivedAt(1) },
        { ...aMatch("a"), raised_at: receivedAt(1) },
        { ...toOperators("m"), raised_at: 7 },
      ]);
    });

    it("is done with a match once the stream has it", async () => {
      await commitNow(store, [changing(aDecision(1), { notices: [aMatch("z"), aMatch("a")] })]);
      await store.settleNotices(["z"]);
      expect(await store.unsettledNotices()).toMatchObject([{ key: "a" }]);
      await commitNow(store, [changing(aDecision(2), { notices: [aMatch("z")] })]);
      expect(await store.unsettledNotices()).toMatchObject([{ key: "a" }, { key: "z" }]);
    });
  });
}
