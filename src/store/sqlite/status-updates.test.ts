import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Status } from "../../alert/schema.ts";
import type { Position } from "../../pipeline/entry.ts";
import { aDecision, aDelivery } from "../../pipeline/testing/builders.ts";
import {
  aGroup,
  aHeld,
  aTimer,
  commitNow,
  delivered,
  digestMoves,
  FAILED,
  heldIds,
  NOW,
  storedAt,
} from "../testing/builders.ts";
import { makeStoreFolder, type StoreFolder } from "../testing/folder.ts";
import { changeAlert } from "./alert-changes.ts";
import { changeState } from "./change-state.ts";
import { requeueDelivery } from "./deliveries.ts";
import { getMeta } from "./meta.ts";
import { saveStatusListeners } from "./status-updates.ts";

let folder: StoreFolder;
beforeEach(() => {
  folder = makeStoreFolder();
  saveStatusListeners(folder.database, ["d"]);
});
afterEach(() => folder.end());

function change(position: number, status: Status, now = NOW): void {
  const asked = { status, verdict: status === "closed" ? "benign" : null };
  changeAlert(folder.database, position as Position, asked, "ada", now);
}

/** Updates of an alert as they were planned. */
function planned(position: number) {
  return folder.database.all(
    `SELECT destination, route, kind, sequence, thread, state, reason, hold, due_at, created_at
     FROM deliveries WHERE alert = ? AND kind = 'update' ORDER BY id`,
    position,
  );
}

describe("a status that somebody changes", () => {
  it("is told to those who know of the alert and hear of it, once for each change", async () => {
    await commitNow(folder.store, [aDecision(1, [aDelivery("d"), aDelivery("e")])]);
    change(1, "acknowledged", NOW);
    change(1, "acknowledged", NOW + 1);
    change(1, "closed", NOW + 2);
    change(1, "new", NOW + 3);
    const common = {
      destination: "d",
      route: "r",
      kind: "update",
      thread: "message:1",
      state: "pending",
      reason: "status_changed",
      hold: null,
    };
    expect(planned(1)).toEqual([
      { ...common, sequence: 1, due_at: NOW, created_at: NOW },
      { ...common, sequence: 2, due_at: NOW + 2, created_at: NOW + 2 },
      { ...common, sequence: 3, due_at: NOW + 3, created_at: NOW + 3 },
    ]);
  });

  it("comes behind the first message and names what it changes", async () => {
    await commitNow(folder.store, [aDecision(1, [aDelivery("d")])]);
    change(1, "acknowledged");
    const [first, ...others] = await folder.store.claimDeliveries("d", NOW, 9);
    expect([first?.kind, others]).toEqual(["alert", []]);
    if (first) await folder.store.recordResults([delivered(first, { reference: "m-1" })], []);
    const [update] = await folder.store.claimDeliveries("d", NOW, 9);
    expect(update).toMatchObject({
      kind: "update",
      sequence: 1,
      memory: "m-1",
      alert: { status: "acknowledged" },
    });
  });

  it("is one message at a time of a digest, for which of its alerts it may be", async () => {
    await commitNow(
      folder.store,
      [1, 2].map((position) => aDecision(position, [aHeld("d", aGroup("g"))])),
    );
    const moves = digestMoves(await heldIds(folder.store, aGroup("g")));
    await commitNow(folder.store, [], [aTimer(NOW, { moves })]);
    change(2, "closed");
    change(1, "closed");
    for (const wanted of ["ALR-000001", "ALR-000002", "ALR-000001"]) {
      const claims = await folder.store.claimDeliveries("d", NOW, 9);
      expect(claims.map(({ alert }) => alert.number)).toEqual([wanted]);
      const [claim] = claims;
      if (claim) await folder.store.recordResults([delivered(claim, { reference: "m" })], []);
    }
  });

  it("is not told of a message that waits, or that was given up", async () => {
    await commitNow(folder.store, [
      aDecision(1, [aHeld("d", aGroup("g"))]),
      aDecision(2, [aDelivery("d")]),
    ]);
    const [claim] = await folder.store.claimDeliveries("d", NOW, 9);
    const dead = { attempt: FAILED, at: NOW, next: "dead", reason: "gave_up" } as const;
    if (claim) await folder.store.recordResults([{ claim, ...dead }], []);
    change(1, "acknowledged");
    change(2, "acknowledged");
    expect([planned(1), planned(2)]).toEqual([[], []]);
  });

  it("is not told of a digest that was given up, until that is sent again", async () => {
    await commitNow(
      folder.store,
      [1, 2].map((position) => aDecision(position, [aHeld("d", aGroup("g"))])),
    );
    const moves = digestMoves(await heldIds(folder.store, aGroup("g")));
    await commitNow(folder.store, [], [aTimer(NOW, { moves })]);
    const [claim] = await folder.store.claimDeliveries("d", NOW, 9);
    const dead = { attempt: FAILED, at: NOW, next: "dead", reason: "gave_up" } as const;
    if (claim) await folder.store.recordResults([{ claim, ...dead }], []);
    change(1, "acknowledged");
    change(2, "acknowledged");
    expect([planned(1), planned(2)]).toEqual([[], []]);
    if (claim) requeueDelivery(folder.database, claim.id, "replayed", NOW);
    change(2, "closed");
    expect(planned(2)).toHaveLength(1);
  });

  it("is not told when only its verdict changes, nor when the change is undone", async () => {
    await commitNow(folder.store, [aDecision(1, [aDelivery("d")])]);
    changeAlert(folder.database, 1 as Position, { verdict: "benign" }, "ada", NOW);
    const undone = () =>
      changeState(folder.database, () => {
        change(1, "closed");
        throw new RangeError("no");
      });
    expect(undone).toThrow("no");
    expect(planned(1)).toEqual([]);
  });

  it("is known to decisions as what was sent last", async () => {
    await commitNow(folder.store, [aDecision(1, [aDelivery("d")])]);
    change(1, "acknowledged");
    change(1, "closed");
    expect((await storedAt(folder.store, 1))?.deliveries).toMatchObject([
      { kind: "alert", sequence: 0 },
      { kind: "update", sequence: 2, thread: "message:1" },
    ]);
  });
});

it("nobody hears of status when no destination is to", async () => {
  saveStatusListeners(folder.database, []);
  expect(getMeta(folder.database, "status_updates")).toBeUndefined();
  await commitNow(folder.store, [aDecision(1, [aDelivery("d")])]);
  change(1, "closed");
  expect(planned(1)).toEqual([]);
});
