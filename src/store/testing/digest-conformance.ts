/** Messages that tell of several alerts, and messages about messages. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Decision } from "../../pipeline/decide.ts";
import type { PlannedDelivery } from "../../pipeline/outcome.ts";
import { aDecision, aDelivery } from "../../pipeline/testing/builders.ts";
import { MAX_DIGEST_ALERTS, type Claim, type Store } from "../store.ts";
import {
  aCase,
  aGroup,
  aHeld,
  aTimer,
  changing,
  commitNow,
  delivered,
  digestMoves,
  following,
  heldIds,
  NOW,
  retried,
} from "./builders.ts";
import type { StoreHarness } from "./harness.ts";

export function digestConformance(name: string, makeHarness: () => Promise<StoreHarness>): void {
  describe(`${name} as what was told`, () => {
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

    const group = aGroup("g");
    const claimOne = async (): Promise<Claim> => {
      const claims = await store.claimDeliveries("d", NOW, 10);
      expect(claims).toHaveLength(1);
      return claims[0]!;
    };
    const told = async (reference?: string): Promise<Claim> => {
      const claim = await claimOne();
      await store.recordResults(
        [delivered(claim, reference === undefined ? {} : { reference })],
        [],
      );
      return claim;
    };
    /** Alerts at positions 1 … count, told of in one digest. */
    const sendDigest = async (count: number): Promise<readonly Decision[]> => {
      const decisions = Array.from({ length: count }, (_, index) =>
        aDecision(index + 1, [aHeld("d", group)]),
      );
      await commitNow(store, decisions);
      const moves = digestMoves(await heldIds(store, group));
      await commitNow(store, [], [aTimer(NOW, { moves })]);
      return decisions;
    };
    const tellAgain = async (
      position: number,
      first: Decision,
      delivery: Pick<PlannedDelivery, "kind" | "sequence">,
    ): Promise<void> => {
      const planned = aDelivery("d", { ...delivery, reason: "update_of_message" });
      await commitNow(store, [
        following(position, first, "repeat", { count: position }, [planned]),
      ]);
    };

    it("hands out a digest once, with its alerts, the carrier's first", async () => {
      const decisions = await sendDigest(3);
      const claim = await claimOne();
      expect(claim.alert).toEqual(decisions[0]?.alert);
      expect(claim.digest).toEqual({
        reason: "group_digest",
        cause: "soc",
        total: 3,
        alerts: decisions.map(({ alert }) => alert),
      });
    });

    it("gives an update of a digest the case of its first alert", async () => {
      const decisions = await sendDigest(2);
      await told("m-1");
      const [first, second] = decisions;
      const opened = [aCase(1), aCase(2)].map((known) => ({ case: known, entries: [] }));
      await commitNow(store, [
        following(7, first!, "updated", { case_id: "CASE-000001" }),
        changing(following(8, second!, "updated", { case_id: "CASE-000002" }), { cases: opened }),
      ]);
      const inCase = { ...second!, alert: { ...second!.alert!, case_id: "CASE-000002" } };
      await tellAgain(9, inCase, { kind: "update", sequence: 1 });
      const claim = await claimOne();
      expect(claim).toMatchObject({ alert: { number: "ALR-000002" }, case: { number: 1 } });
    });

    it("still knows why it is a digest after a try that failed", async () => {
      await sendDigest(2);
      const claim = await claimOne();
      await store.recordResults([retried(claim, NOW)], []);
      expect((await claimOne()).digest).toEqual(claim.digest);
    });

    it("hands out the alerts of a digest as they are by then", async () => {
      const [, second] = await sendDigest(2);
      const change = following(9, second!, "updated", { title: "changed" });
      await commitNow(store, [{ ...change, routing: "routed" }]);
      const { digest } = await claimOne();
      expect(digest?.alerts.map(({ title }) => title)).toEqual(["Something happened", "changed"]);
    });

    it("counts all alerts of a digest, and hands out no more than it may", async () => {
      await sendDigest(MAX_DIGEST_ALERTS + 2);
      const { digest } = await claimOne();
      expect(digest?.total).toBe(MAX_DIGEST_ALERTS + 2);
      expect(digest?.alerts).toHaveLength(MAX_DIGEST_ALERTS);
    });

    it("tells an update what the message is called that it changes", async () => {
      const first = aDecision(1, [aDelivery("d", { thread: "t" })]);
      await commitNow(store, [first]);
      const claim = await claimOne();
      await store.recordResults([delivered(claim, { remember: "root", reference: "m-1" })], []);
      await tellAgain(2, first, { kind: "update", sequence: 1 });
      expect(await claimOne()).toMatchObject({ kind: "update", memory: "m-1", digest: null });
    });

    it("tells a later update of what an earlier one was sent as, and nothing of reminders", async () => {
      const first = aDecision(1, [aDelivery("d")]);
      await commitNow(store, [first]);
      await told("m-1");
      await tellAgain(2, first, { kind: "update", sequence: 1 });
      await told("m-2");
      await tellAgain(3, first, { kind: "reminder", sequence: 2 });
      expect((await told("m-3")).memory).toBeNull();
      await tellAgain(4, first, { kind: "update", sequence: 3 });
      expect((await told()).memory).toBe("m-2");
      await tellAgain(5, first, { kind: "update", sequence: 4 });
      expect((await claimOne()).memory).toBe("m-2");
    });

    it("gives an update of a digest the digest, whichever of its alerts it is about", async () => {
      const decisions = await sendDigest(2);
      const { digest } = await told("m-1");
      await tellAgain(8, decisions[0]!, { kind: "update", sequence: 1 });
      const ofCarrier = await told();
      expect(ofCarrier).toMatchObject({ memory: "m-1", alert: { count: 8 } });
      expect(ofCarrier.digest).toMatchObject({ reason: "group_digest", cause: "soc", total: 2 });
      expect(ofCarrier.digest?.alerts.map(({ count }) => count)).toEqual([8, 1]);
      await tellAgain(9, decisions[1]!, { kind: "update", sequence: 1 });
      const ofMember = await claimOne();
      expect(ofMember).toMatchObject({ memory: "m-1", alert: { number: "ALR-000002" } });
      expect(ofMember.digest?.alerts.map(({ id }) => id)).toEqual(
        digest?.alerts.map(({ id }) => id),
      );
    });

    it("gives an update the digest that told of its alert after it had been muted", async () => {
      const muted = aDelivery("d", { state: "suppressed", reason: "inhibited", cause: "i" });
      const decisions = [aDecision(1, [muted]), aDecision(2, [muted])];
      await commitNow(store, decisions);
      await commitNow(
        store,
        decisions.map((first, index) =>
          following(3 + index, first, "repeat", {}, [aHeld("d", group, { sequence: 1 })]),
        ),
      );
      const moves = digestMoves(await heldIds(store, group));
      await commitNow(store, [], [aTimer(NOW, { moves })]);
      await told("m-1");
      await tellAgain(9, decisions[1]!, { kind: "update", sequence: 2 });
      expect((await claimOne()).digest).toMatchObject({ reason: "group_digest", total: 2 });
    });

    it("sends no update of an alert before the digest is out that tells of it", async () => {
      const decisions = await sendDigest(2);
      await tellAgain(9, decisions[1]!, { kind: "update", sequence: 1 });
      expect((await told("m-1")).kind).toBe("alert");
      expect(await claimOne()).toMatchObject({ kind: "update", memory: "m-1" });
    });
  });
}
