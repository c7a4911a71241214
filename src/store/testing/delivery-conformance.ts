/** Deliveries: who may try which, and when. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { aDecision, aDelivery } from "../../pipeline/testing/builders.ts";
import type { DeliveryId, DeliveryResult, Store } from "../store.ts";
import {
  aCase,
  aGroup,
  aHeld,
  aTimer,
  changing,
  commitNow,
  delivered,
  digestMoves,
  FAILED,
  following,
  heldIds,
  NOW,
  retried,
} from "./builders.ts";
import type { StoreHarness } from "./harness.ts";

export function deliveryConformance(name: string, makeHarness: () => Promise<StoreHarness>): void {
  describe(`${name} as an outbox`, () => {
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
    const group = aGroup("g");

    it("hands out none of a thread while another of it is out, even an older one", async () => {
      const inThread = { thread: "t" };
      await commitNow(store, [
        aDecision(1, [aHeld("d", group, inThread)]),
        aDecision(2, [aDelivery("d", inThread)]),
        aDecision(3, [aDelivery("d")]),
      ]);
      const [second] = await store.claimDeliveries("d", NOW, 1);
      expect(second?.alert.number).toBe("ALR-000002");
      const [id] = await heldIds(store, group);
      const moves = [{ id: id!, to: "send", reason: "first_notification", cause: null } as const];
      await commitNow(store, [], [aTimer(NOW, { moves })]);
      expect(await numbers("d", NOW, 1)).toEqual(["ALR-000003"]);
      expect(await numbers("d")).toEqual([]);
      await store.recordResults([delivered(second!, { remember: "root" })], []);
      const [first] = await store.claimDeliveries("d", NOW, 1);
      expect(first).toMatchObject({ alert: { number: "ALR-000001" }, memory: "root" });
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
      await commitNow(store, [decision]);
      const [claim] = await store.claimDeliveries("d", NOW, 10);
      expect(claim).toEqual({
        id: claim?.id,
        destination: "d",
        kind: "alert",
        sequence: 0,
        alert: decision.alert,
        digest: null,
        case: null,
        thread: null,
        memory: null,
        attempts: 0,
        created_at: NOW,
      });
    });

    it("hands out the case of its alert as it is then", async () => {
      const decision = aDecision(1, [aDelivery("d")]);
      const alert = decision.alert && { ...decision.alert, case_id: "CASE-000007" };
      const opened = { case: aCase(7), entries: [] };
      await commitNow(store, [changing({ ...decision, alert }, { cases: [opened] })]);
      const grown = aCase(7, { title: "More than it seemed", alert_count: 2 });
      await commitNow(store, [changing(aDecision(2), { cases: [{ case: grown, entries: [] }] })]);
      const [claim] = await store.claimDeliveries("d", NOW, 10);
      expect(claim?.case).toEqual(grown);
    });

    it("hands out no case when retention took it", async () => {
      const decision = aDecision(1, [aDelivery("d")]);
      const alert = decision.alert && { ...decision.alert, case_id: "CASE-000007" };
      await commitNow(store, [{ ...decision, alert }]);
      expect((await store.claimDeliveries("d", NOW, 10))[0]?.case).toBeNull();
    });

    it("gives a delivery to one claimant until it is recorded or released", async () => {
      await commitNow(store, [aDecision(1, [aDelivery("d")])]);
      const claims = await store.claimDeliveries("d", NOW, 10);
      expect(await numbers("d")).toEqual([]);
      await store.releaseClaims(claims);
      expect(await numbers("d")).toEqual(["ALR-000001"]);
    });

    it("hands out what was claimed when it crashed", async () => {
      await commitNow(store, [aDecision(1, [aDelivery("d")])]);
      await store.claimDeliveries("d", NOW, 10);
      await harness.crash(store);
      store = await harness.open();
      expect(await numbers("d")).toEqual(["ALR-000001"]);
    });

    it("hands out what is due, the longest due first, each destination its own", async () => {
      await commitNow(
        store,
        [1, 2, 3].map((position) => aDecision(position, [aDelivery("d"), aDelivery("e")])),
      );
      const [first] = await store.claimDeliveries("d", NOW, 1);
      await store.recordResults([retried(first!, NOW + 5000)], []);
      expect(await numbers("d", NOW)).toEqual(["ALR-000002", "ALR-000003"]);
      expect(await numbers("d", NOW + 4999)).toEqual([]);
      expect(await store.nextDue("d")).toBe(NOW + 5000);
      expect(await numbers("d", NOW + 5000)).toEqual(["ALR-000001"]);
      expect(await store.nextDue("d")).toBeNull();
      expect(await numbers("e", NOW, 2)).toEqual(["ALR-000001", "ALR-000002"]);
    });

    it("says when the next one of a thread is due, not what waits behind it", async () => {
      const planned = aDelivery("d", { thread: "t" });
      await commitNow(store, [aDecision(1, [planned]), aDecision(2, [planned])]);
      const [first] = await store.claimDeliveries("d", NOW, 10);
      await store.recordResults([retried(first!, NOW + 5000)], []);
      expect(await store.nextDue("d")).toBe(NOW + 5000);
    });

    it("counts tries, and never hands out what ended", async () => {
      await commitNow(store, [aDecision(1, [aDelivery("d")]), aDecision(2, [aDelivery("d")])]);
      const [one, two] = await store.claimDeliveries("d", NOW, 10);
      const dead: DeliveryResult = {
        claim: two!,
        attempt: FAILED,
        at: NOW,
        next: "dead",
        reason: "gave_up",
      };
      await store.recordResults([retried(one!, NOW), dead], []);
      const [again] = await store.claimDeliveries("d", NOW, 10);
      expect(again).toMatchObject({ attempts: 1, id: one!.id });
      await store.recordResults([delivered(again!)], []);
      expect(await numbers("d", NOW + 1e9)).toEqual([]);
    });

    it("does not hand out what is suppressed", async () => {
      const shadow = aDelivery("d", { state: "suppressed", reason: "shadow_route" });
      await commitNow(store, [aDecision(1, [shadow])]);
      expect(await numbers("d")).toEqual([]);
    });

    it("hands out what is held only from when it is sent", async () => {
      await commitNow(store, [aDecision(1, [aHeld("d", group)])]);
      expect(await numbers("d", NOW + 1e9)).toEqual([]);
      expect(await store.nextDue("d")).toBeNull();
      const [id] = await heldIds(store, group);
      const move = { id: id!, to: "send", reason: "first_notification", cause: null } as const;
      await commitNow(store, [], [aTimer(NOW + 10, { moves: [move] })], NOW + 60);
      expect(await store.nextDue("d")).toBe(NOW + 60);
      expect(await numbers("d", NOW + 59)).toEqual([]);
      const [claim] = await store.claimDeliveries("d", NOW + 60, 10);
      expect(claim).toMatchObject({ digest: null, created_at: NOW + 60 });
    });

    it("sends what was suppressed when its hold calls it back", async () => {
      const silenced = { state: "suppressed", reason: "silence", cause: "S-1" } as const;
      await commitNow(store, [aDecision(1, [aHeld("d", group, silenced)])]);
      const [id] = await heldIds(store, group);
      const move = { id: id!, to: "send", reason: "silence_digest", cause: "S-1" } as const;
      await commitNow(store, [], [aTimer(NOW, { moves: [move] })]);
      expect(await numbers("d")).toEqual(["ALR-000001"]);
    });

    it("holds a thread back behind its oldest delivery, and only that thread", async () => {
      const inThread = aDelivery("d", { thread: "t" });
      await commitNow(store, [
        aDecision(1, [inThread]),
        aDecision(2, [inThread]),
        aDecision(3, [aDelivery("d")]),
      ]);
      const [first, free] = await store.claimDeliveries("d", NOW, 10);
      expect([first?.alert.number, free?.alert.number]).toEqual(["ALR-000001", "ALR-000003"]);
      await store.recordResults([retried(first!, NOW + 5000)], []);
      expect(await numbers("d", NOW)).toEqual([]);
      const [again] = await store.claimDeliveries("d", NOW + 5000, 10);
      expect(again?.alert.number).toBe("ALR-000001");
      await store.recordResults([delivered(again!, { remember: "ts-1" })], []);
      const [second] = await store.claimDeliveries("d", NOW + 5000, 10);
      expect(second).toMatchObject({ alert: { number: "ALR-000002" }, memory: "ts-1" });
    });

    it("does not hold a thread back behind what is held", async () => {
      const thread = "t";
      await commitNow(store, [
        aDecision(1, [aHeld("d", group, { thread })]),
        aDecision(2, [aDelivery("d", { thread })]),
      ]);
      expect(await numbers("d")).toEqual(["ALR-000002"]);
    });

    it("sends nothing more of an alert before its first message is out", async () => {
      const first = aDecision(1, [aDelivery("d")]);
      const update = aDelivery("d", { kind: "update", sequence: 1, reason: "update_of_message" });
      await commitNow(store, [first, following(2, first, "repeat", {}, [update])]);
      const [claim, early] = await store.claimDeliveries("d", NOW, 10);
      expect([claim?.sequence, early]).toEqual([0, undefined]);
      await store.recordResults([retried(claim!, NOW + 5000)], []);
      expect(await store.claimDeliveries("d", NOW, 10)).toEqual([]);
      const [again] = await store.claimDeliveries("d", NOW + 5000, 10);
      await store.recordResults([delivered(again!)], []);
      const [next] = await store.claimDeliveries("d", NOW + 5000, 10);
      expect(next).toMatchObject({ kind: "update", sequence: 1, alert: { number: "ALR-000001" } });
    });

    it("sends the updates of an alert one after the other, though they have no thread", async () => {
      const first = aDecision(1, [aDelivery("d")]);
      const update = (sequence: number) => aDelivery("d", { kind: "update", sequence });
      await commitNow(store, [
        first,
        following(2, first, "updated", {}, [update(1)]),
        following(3, first, "updated", {}, [update(2)]),
      ]);
      for (const sequence of [0, 1, 2]) {
        const claims = await store.claimDeliveries("d", NOW, 10);
        expect(claims.map((claim) => claim.sequence)).toEqual([sequence]);
        await store.recordResults([delivered(claims[0]!)], []);
      }
    });

    describe("what was due long ago and waited for the first message of its alert", () => {
      const LATER = NOW + 60_000;
      const first = aDecision(1, [aHeld("d", group)]);
      const update = aDelivery("d", { kind: "update", sequence: 1 });
      let held: DeliveryId;

      beforeEach(async () => {
        await commitNow(store, [first, following(2, first, "updated", {}, [update])]);
        [held] = (await heldIds(store, group)) as [DeliveryId];
        expect(await numbers("d", LATER)).toEqual([]);
      });

      it("is handed out when that is not to be sent", async () => {
        const move = {
          id: held,
          to: "suppress",
          reason: "closed_meanwhile",
          hold: null,
          cause: null,
        } as const;
        await commitNow(store, [], [aTimer(LATER, { moves: [move] })], LATER);
        const [claim] = await store.claimDeliveries("d", LATER, 10);
        expect(claim?.sequence).toBe(1);
      });

      it("is handed out when that is told by a digest", async () => {
        await commitNow(store, [aDecision(3, [aHeld("d", group)])]);
        const ids = (await heldIds(store, group)).toReversed();
        await commitNow(store, [], [aTimer(LATER, { moves: digestMoves(ids) })], LATER);
        const [carrier, early] = await store.claimDeliveries("d", LATER, 10);
        expect([carrier?.alert.number, early]).toEqual(["ALR-000003", undefined]);
        await store.recordResults([delivered(carrier!)], []);
        expect(await numbers("d", LATER)).toEqual(["ALR-000001"]);
      });
    });

    it.each(["reminder", "update"] as const)(
      "lets an update pass the %s that waits for its time",
      async (kind) => {
        const first = aDecision(1, [aDelivery("d")]);
        await commitNow(store, [
          first,
          following(2, first, "repeat", {}, [aHeld("d", group, { kind, sequence: 1 })]),
          following(3, first, "updated", {}, [aDelivery("d", { kind: "update", sequence: 2 })]),
        ]);
        const [told] = await store.claimDeliveries("d", NOW, 10);
        expect(told?.sequence).toBe(0);
        await store.recordResults([delivered(told!)], []);
        expect(await store.nextDue("d")).toBe(NOW);
        const [update] = await store.claimDeliveries("d", NOW, 10);
        expect(update).toMatchObject({ kind: "update", sequence: 2 });
      },
    );
  });
}
