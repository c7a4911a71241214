import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { aDecision, aDelivery } from "../../pipeline/testing/builders.ts";
import {
  aGroup,
  aHeld,
  aTimer,
  commitNow,
  delivered,
  digestMoves,
  heldIds,
  NOW,
  storedAt,
} from "../testing/builders.ts";
import { makeStoreFolder, type StoreFolder } from "../testing/folder.ts";
import { listActionsOn } from "./actions.ts";
import { requeueDeliveries } from "./admin.ts";
import { readStateVersion } from "./meta.ts";

let folder: StoreFolder;
beforeEach(() => {
  folder = makeStoreFolder();
});
afterEach(() => folder.end());

const group = aGroup("g");

describe("deliveries that are replayed", () => {
  it("bring the digest back that told of them, once and whole", async () => {
    const { store, database } = folder;
    await commitNow(
      store,
      [1, 2, 3].map((position) => aDecision(position, [aHeld("d", group)])),
    );
    const ids = await heldIds(store, group);
    await commitNow(store, [], [aTimer(NOW, { moves: digestMoves(ids) })]);
    const [claim] = await store.claimDeliveries("d", NOW, 10);
    expect(requeueDeliveries(database, { ids: ids.slice(1) }, "ada", NOW)).toBe(0);
    await store.recordResults([delivered(claim!)], []);
    expect(requeueDeliveries(database, { ids: ids.slice(1) }, "ada", NOW + 9)).toBe(1);
    const claims = await store.claimDeliveries("d", NOW + 9, 10);
    const digest = { total: 3, cause: "soc" };
    expect(claims).toMatchObject([{ id: ids[0], created_at: NOW + 9, digest }]);
    expect(listActionsOn(database, "")).toMatchObject([
      { who: "ada", kind: "delivery.replayed", detail: { ids: [ids[1]] } },
    ]);
  });

  it("do not wait any more for what held them back", async () => {
    const { store, database } = folder;
    const silenced = { state: "suppressed", reason: "silence", cause: "S-1" } as const;
    await commitNow(store, [aDecision(1, [aHeld("d", group, silenced)])]);
    const ids = await heldIds(store, group);
    const before = readStateVersion(database);
    expect(requeueDeliveries(database, { ids }, "ada", NOW)).toBe(1);
    expect(readStateVersion(database)).toBeGreaterThan(before);
    expect(await heldIds(store, group)).toEqual([]);
    const row = database.get("SELECT reason, cause FROM deliveries WHERE id = ?", ids[0]!);
    expect(row).toMatchObject({ reason: "replayed", cause: null });
    expect(await store.claimDeliveries("d", NOW, 10)).toHaveLength(1);
  });

  it("are left alone while they are held or pending", async () => {
    const { store, database } = folder;
    await commitNow(store, [aDecision(1, [aHeld("d", group), aDelivery("e")])]);
    const ids = await heldIds(store, group);
    expect(requeueDeliveries(database, { ids: [...ids, ids[0]! + 1, 99] }, "ada", NOW)).toBe(0);
    expect(await heldIds(store, group)).toEqual(ids);
    expect((await storedAt(store, 1))?.deliveries).toMatchObject([
      { hold: "group:g" },
      { hold: null },
    ]);
  });
});
