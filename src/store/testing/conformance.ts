/** What every driver of the store must do. A driver's test calls this with a way to open it. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Position } from "../../pipeline/entry.ts";
import { aDecision, aDelivery } from "../../pipeline/testing/builders.ts";
import type { Attempt, Claim, DeliveryResult, Store } from "../store.ts";

/** How a suite opens the driver over data that lasts as long as one test. */
export interface StoreHarness {
  open(): Promise<Store>;
  /** Ends the store the way a crash does; the next `open` finds what was durable. */
  crash(store: Store): Promise<void>;
  clean(): Promise<void>;
}

const NOW = 1_700_000_100_000;
const OK: Attempt = {
  verdict: "delivered",
  reason: "accepted_by_peer",
  status: 200,
  duration: 5,
  error: null,
};
const FAILED: Attempt = {
  verdict: "retry",
  reason: "server_error",
  status: 500,
  duration: 5,
  error: "500",
};

const delivered = (claim: Claim, remember: string | null = null): DeliveryResult => {
  return { claim, attempt: OK, at: NOW, next: "delivered", remember };
};
const retried = (claim: Claim, due_at: number): DeliveryResult => {
  return { claim, attempt: FAILED, at: NOW, next: "pending", due_at };
};

export function storeConformance(name: string, makeHarness: () => Promise<StoreHarness>): void {
  describe(`${name} as a store`, () => {
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

    const numbers = async (destination: string, now = NOW, limit = 100) =>
      (await store.claimDeliveries(destination, now, limit)).map(({ alert }) => alert.number);

    it("moves the cursor with what was decided", async () => {
      expect(await store.cursor()).toBe(0);
      await store.commitDecisions([aDecision(1), aDecision(2)], NOW);
      expect(await store.cursor()).toBe(2);
    });

    it("hands out a delivery with its alert as it was decided", async () => {
      const artifacts = [
        { type: "ip" as const, value: "192.0.2.7", role: "source" as const, field: "source.ip" },
        {
          type: "other" as const,
          value: 'x"y\u2028',
          role: "related" as const,
          field: "f",
          flag: "odd",
        },
      ];
      const decision = aDecision(1, [aDelivery("d")], {
        content: { artifacts, title: "nul \0 kept" },
      });
      await store.commitDecisions([decision], NOW);
      const [claim] = await store.claimDeliveries("d", NOW, 10);
      expect(claim?.alert).toEqual(decision.alert);
      expect(claim).toMatchObject({ destination: "d", attempts: 0, memory: null, created_at: NOW });
    });

    it("hands out the same alert after it was opened again", async () => {
      const decision = aDecision(1, [aDelivery("d")]);
      await store.commitDecisions([decision], NOW);
      await harness.crash(store);
      store = await harness.open();
      const [claim] = await store.claimDeliveries("d", NOW, 10);
      expect(claim?.alert).toEqual(decision.alert);
    });

    it("stores what it can when one of several commits at once fails", async () => {
      const cyclic: Record<string, unknown> = {};
      cyclic["self"] = cyclic;
      const poison = { ...aDecision(2), alert: cyclic, routing: "routed" } as never;
      await store.commitDecisions([aDecision(1, [aDelivery("d")])], NOW);
      const claims = await store.claimDeliveries("d", NOW, 10);
      const results = await Promise.allSettled([
        store.recordResults(
          claims.map((claim) => delivered(claim)),
          [],
        ),
        store.commitDecisions([poison], NOW),
      ]);
      expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
      expect(await numbers("d", NOW + 1e9)).toEqual([]);
      expect(await store.cursor()).toBe(1);
    });

    it("keeps what follows a NUL in a value, though not the NUL", async () => {
      const at = { role: "related" as const, field: "f" };
      const content = { artifacts: [{ type: "other" as const, value: "x\0y", ...at }] };
      await store.commitDecisions([aDecision(1, [aDelivery("d")], { content })], NOW);
      await harness.crash(store);
      store = await harness.open();
      const [claim] = await store.claimDeliveries("d", NOW, 10);
      expect(claim?.alert.artifacts).toMatchObject([{ value: "xy" }]);
    });

    it("keeps neither decisions nor cursor of a batch that fails", async () => {
      const broken = { ...aDecision(2), alert: null } as unknown as ReturnType<typeof aDecision>;
      const cyclic: Record<string, unknown> = {};
      cyclic["self"] = cyclic;
      const poison = { ...broken, alert: cyclic, routing: "routed" } as unknown as typeof broken;
      const batch = [aDecision(1, [aDelivery("d")]), poison];
      await expect(store.commitDecisions(batch, NOW)).rejects.toThrow();
      expect(await store.cursor()).toBe(0);
      expect(await numbers("d")).toEqual([]);
      await store.commitDecisions([aDecision(1, [aDelivery("d")])], NOW);
      expect(await numbers("d")).toEqual(["ALR-000001"]);
    });

    it("changes nothing when a batch is committed again", async () => {
      const batch = [aDecision(1, [aDelivery("d")])];
      await store.commitDecisions(batch, NOW);
      const [claim] = await store.claimDeliveries("d", NOW, 10);
      if (claim) await store.recordResults([delivered(claim)], []);
      await store.commitDecisions(batch, NOW);
      expect(await numbers("d")).toEqual([]);
    });

    it("stores a decision whose key is there already as a duplicate", async () => {
      await store.commitDecisions([aDecision(1, [aDelivery("d")], { key: "same" })], NOW);
      await store.commitDecisions([aDecision(2, [aDelivery("d")], { key: "same" })], NOW);
      expect(await numbers("d")).toEqual(["ALR-000001"]);
      expect(await store.cursor()).toBe(2);
      const state = await store.loadState({ keys: ["same", "new"], subjects: [] });
      expect(state.positionOfKey("same")).toBe(1);
      expect(state.positionOfKey("new")).toBeUndefined();
    });

    it("finds the alert of a subject, with where it went", async () => {
      await store.commitDecisions([aDecision(1, [aDelivery("d")], { subject: "thing" })], NOW);
      const state = await store.loadState({ keys: [], subjects: ["thing", "other"] });
      expect(state.alertOfSubject("thing")).toMatchObject({ position: 1, destinations: ["d"] });
      expect(state.alertOfSubject("other")).toBeUndefined();
    });

    it("updates the alert of a subject in place", async () => {
      const first = aDecision(1, [aDelivery("d")], { subject: "thing" });
      await store.commitDecisions([first], NOW);
      const second = aDecision(2, [aDelivery("d"), aDelivery("e")], { subject: "thing" });
      const outcome = { kind: "updated", reason: "subject_known", of: 1 as Position } as const;
      const alert = { ...first.alert, title: "changed" } as NonNullable<typeof first.alert>;
      await store.commitDecisions([{ ...second, outcome, alert }], NOW);
      const state = await store.loadState({ keys: [], subjects: ["thing"] });
      expect(state.alertOfSubject("thing")).toMatchObject({
        position: 1,
        alert: { title: "changed", number: "ALR-000001" },
        destinations: ["d", "e"],
      });
      expect(await numbers("d")).toEqual(["ALR-000001"]);
      expect(await numbers("e")).toEqual(["ALR-000001"]);
    });

    it("gives a delivery to one claimant until it is recorded or released", async () => {
      await store.commitDecisions([aDecision(1, [aDelivery("d")])], NOW);
      const claims = await store.claimDeliveries("d", NOW, 10);
      expect(await numbers("d")).toEqual([]);
      await store.releaseClaims(claims);
      expect(await numbers("d")).toEqual(["ALR-000001"]);
    });

    it("hands out what was claimed when it crashed", async () => {
      await store.commitDecisions([aDecision(1, [aDelivery("d")])], NOW);
      await store.claimDeliveries("d", NOW, 10);
      await harness.crash(store);
      store = await harness.open();
      expect(await numbers("d")).toEqual(["ALR-000001"]);
    });

    it("hands out what is due, the longest due first, each destination its own", async () => {
      await store.commitDecisions(
        [1, 2, 3].map((position) => aDecision(position, [aDelivery("d"), aDelivery("e")])),
        NOW,
      );
      const [first] = await store.claimDeliveries("d", NOW, 1);
      if (first) await store.recordResults([retried(first, NOW + 5000)], []);
      expect(await numbers("d", NOW)).toEqual(["ALR-000002", "ALR-000003"]);
      expect(await numbers("d", NOW + 4999)).toEqual([]);
      expect(await store.nextDue("d")).toBe(NOW + 5000);
      expect(await numbers("d", NOW + 5000)).toEqual(["ALR-000001"]);
      expect(await store.nextDue("d")).toBeNull();
      expect(await numbers("e", NOW, 2)).toEqual(["ALR-000001", "ALR-000002"]);
    });

    it("counts tries, and never hands out what ended", async () => {
      await store.commitDecisions(
        [aDecision(1, [aDelivery("d")]), aDecision(2, [aDelivery("d")])],
        NOW,
      );
      const [one, two] = await store.claimDeliveries("d", NOW, 10);
      if (!one || !two) throw new RangeError("two claims expected");
      const dead: DeliveryResult = {
        claim: two,
        attempt: FAILED,
        at: NOW,
        next: "dead",
        reason: "gave_up",
      };
      await store.recordResults([retried(one, NOW), dead], []);
      const [again] = await store.claimDeliveries("d", NOW, 10);
      expect(again).toMatchObject({ attempts: 1, id: one.id });
      if (again) await store.recordResults([delivered(again)], []);
      expect(await numbers("d", NOW + 1e9)).toEqual([]);
    });

    it("does not hand out what a shadow route planned", async () => {
      const shadow = aDelivery("d", { state: "suppressed", reason: "shadow_route" });
      await store.commitDecisions([aDecision(1, [shadow])], NOW);
      expect(await numbers("d")).toEqual([]);
    });

    it("holds a thread back behind its oldest delivery, and only that thread", async () => {
      const inThread = aDelivery("d", { thread: "t" });
      await store.commitDecisions(
        [aDecision(1, [inThread]), aDecision(2, [inThread]), aDecision(3, [aDelivery("d")])],
        NOW,
      );
      const [first, free] = await store.claimDeliveries("d", NOW, 10);
      expect([first?.alert.number, free?.alert.number]).toEqual(["ALR-000001", "ALR-000003"]);
      if (first) await store.recordResults([retried(first, NOW + 5000)], []);
      expect(await numbers("d", NOW)).toEqual([]);
      const [again] = await store.claimDeliveries("d", NOW + 5000, 10);
      expect(again?.alert.number).toBe("ALR-000001");
      if (again) await store.recordResults([delivered(again, "ts-1")], []);
      const [second] = await store.claimDeliveries("d", NOW + 5000, 10);
      expect(second).toMatchObject({ alert: { number: "ALR-000002" }, memory: "ts-1" });
    });

    it("raises a notice once until it is closed", async () => {
      await store.commitDecisions(
        [1, 2, 3].map((n) => aDecision(n, [aDelivery("d")])),
        NOW,
      );
      const [one, two, three] = await store.claimDeliveries("d", NOW, 10);
      if (!one || !two || !three) throw new RangeError("three claims expected");
      const notice = { key: "dead-letters:d", body: { title: "first" } };
      await store.recordResults([delivered(one)], [notice]);
      await store.recordResults([delivered(two)], [{ ...notice, body: { title: "second" } }]);
      expect(await store.unsettledNotices()).toEqual([{ ...notice, raised_at: NOW }]);
      await store.settleNotices([notice.key]);
      expect(await store.unsettledNotices()).toEqual([]);
      await store.closeNotice(notice.key);
      await store.recordResults([delivered(three)], [{ ...notice, body: { title: "third" } }]);
      expect(await store.unsettledNotices()).toMatchObject([{ body: { title: "third" } }]);
    });
  });
}
