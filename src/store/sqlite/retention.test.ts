import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Position } from "../../pipeline/entry.ts";
import type { Cell } from "../../pipeline/state.ts";
import { aDecision, aDelivery } from "../../pipeline/testing/builders.ts";
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
  receivedAt,
  storedAt,
} from "../testing/builders.ts";
import { makeStoreFolder, type StoreFolder } from "../testing/folder.ts";
import { findCase, listCaseTimeline } from "./cases.ts";
import { findCell } from "./cells.ts";
import { findMemory } from "./memories.ts";
import { readStateVersion } from "./meta.ts";
import { deleteIdleState } from "./retention-state.ts";
import { deleteEvents, selectHistory } from "./retention.ts";

let folder: StoreFolder;
beforeEach(() => {
  folder = makeStoreFolder();
});
afterEach(() => folder.end());

const LATER = NOW + 1e9;
const group = aGroup("g");

describe("events that may go", () => {
  const history = (before: number) =>
    selectHistory(folder.database, 0, before).positions.toSorted((a, b) => a - b);

  it("are not those whose alert is held back", async () => {
    await commitNow(folder.store, [aDecision(1, [aHeld("d", group)]), aDecision(2)]);
    expect(history(LATER)).toEqual([2]);
  });

  it("are not those that a digest is still to tell of", async () => {
    const { store } = folder;
    await commitNow(
      store,
      [1, 2].map((position) => aDecision(position, [aHeld("d", group)])),
    );
    const moves = digestMoves(await heldIds(store, group));
    await commitNow(store, [], [aTimer(NOW, { moves })]);
    expect(history(LATER)).toEqual([]);
    const [claim] = await store.claimDeliveries("d", NOW, 10);
    await store.recordResults([delivered(claim!)], []);
    expect(history(LATER)).toEqual([1, 2]);
  });

  it("are an alert with its repeats once the newest is old enough, the older ones before", async () => {
    const first = aDecision(1);
    await commitNow(folder.store, [
      first,
      following(2, first, "repeat"),
      following(3, first, "repeat"),
    ]);
    expect(history(receivedAt(3))).toEqual([2]);
    expect(history(receivedAt(3) + 1)).toEqual([1, 2, 3]);
  });

  it("leave what their digest told of without it, and the state changed", async () => {
    const { store, database } = folder;
    const cell: Cell<"fold"> = {
      stage: "fold",
      key: "f",
      value: {},
      alert: 1 as Position,
      due_at: null,
      at: NOW,
    };
    const first = changing(aDecision(1, [aHeld("d", group)]), { cells: [{ cell }] });
    await commitNow(store, [first, aDecision(2, [aHeld("d", group)])]);
    const moves = digestMoves(await heldIds(store, group));
    await commitNow(store, [], [aTimer(NOW, { moves })]);
    const before = readStateVersion(database);
    deleteEvents(database, [1]);
    expect(readStateVersion(database)).toBeGreaterThan(before);
    expect(findCell(database, cell)).toBeUndefined();
    expect((await storedAt(store, 2))?.deliveries).toMatchObject([
      { state: "folded", carrier: null },
    ]);
    const dangling = database.all("SELECT id FROM deliveries WHERE into_delivery IS NOT NULL");
    expect(dangling).toEqual([]);
  });
});

describe("a timer of an alert that goes", () => {
  it("stays, for what is held of other alerts", async () => {
    const { store, database } = folder;
    const update: Cell<"update"> & { due_at: number } = {
      stage: "update",
      key: "r|1|d",
      value: { sent_at: NOW },
      alert: 1 as Position,
      due_at: LATER,
      at: NOW,
    };
    const first = changing(aDecision(1), { cells: [{ cell: update }] });
    await commitNow(store, [first, aDecision(2, [aHeld("d", update)])]);
    deleteEvents(database, [1]);
    expect(await heldIds(store, update)).toHaveLength(1);
    expect(await store.dueCells(LATER, 10)).toEqual([{ ...update, alert: null }]);
  });
});

describe("a digest whose other alerts are gone", () => {
  it("tells of the one that is left", async () => {
    const { store, database } = folder;
    await commitNow(
      store,
      [1, 2].map((position) => aDecision(position, [aHeld("d", group)])),
    );
    const moves = digestMoves(await heldIds(store, group));
    await commitNow(store, [], [aTimer(NOW, { moves })]);
    deleteEvents(database, [2]);
    const claims = await store.claimDeliveries("d", NOW, 10);
    expect(claims).toMatchObject([{ alert: { number: "ALR-000001" }, digest: null }]);
  });
});

describe("what is remembered without an alert", () => {
  const cellAt = (key: string, at: number, due_at: number | null = null) => ({
    cell: { ...aGroup(key, due_at), at },
  });

  it("goes when it is old, except timers and the number of the newest case", async () => {
    const { store, database } = folder;
    const number: Cell<"case_number"> = {
      stage: "case_number",
      key: "",
      value: { last: 3 },
      alert: null,
      due_at: null,
      at: NOW,
    };
    const cells = [
      cellAt("old", NOW),
      cellAt("young", NOW + 1),
      cellAt("timer", NOW, 5),
      { cell: number },
    ];
    await commitNow(store, [changing(aDecision(1), { cells })]);
    expect(deleteIdleState(database, NOW + 1)).toBe(1);
    const names = ["old", "young", "timer"].map((key) => aGroup(key));
    const left = (await store.loadState({ cells: [...names, number] })).cells;
    expect(left.map(({ key }) => key)).toEqual(["young", "timer", ""]);
    expect(deleteIdleState(database, NOW + 1)).toBe(0);
  });

  it("goes when it is of a thread that has long been silent", async () => {
    const { store, database } = folder;
    await commitNow(store, [aDecision(1, [aDelivery("d", { thread: "t" })])]);
    const [claim] = await store.claimDeliveries("d", NOW, 10);
    await store.recordResults([delivered(claim!, { remember: "root" })], []);
    expect(deleteIdleState(database, NOW)).toBe(0);
    expect(findMemory(database, "d", "t")).toBe("root");
    expect(deleteIdleState(database, NOW + 1)).toBe(1);
    expect(findMemory(database, "d", "t")).toBeNull();
  });

  it("goes when it is a closed case whose alerts are gone", async () => {
    const { store, database } = folder;
    const at = new Date(NOW).toISOString();
    const entries = [{ at, who: "tocsin", kind: "opened", detail: {} } as const];
    const cases = [
      { case: aCase(1, { status: "closed" }), entries },
      { case: aCase(2, { status: "closed" }), entries },
      { case: aCase(3, { status: "resolved" }), entries },
    ];
    const { alert, ...decision } = aDecision(1);
    const inCase = { ...decision, alert: alert && { ...alert, case_id: "CASE-000002" } };
    await commitNow(store, [changing(inCase, { cases })]);
    expect(deleteIdleState(database, NOW)).toBe(0);
    expect(deleteIdleState(database, NOW + 1)).toBe(1);
    expect([1, 2, 3].map((number) => findCase(database, number)?.number)).toEqual([
      undefined,
      2,
      3,
    ]);
    expect(listCaseTimeline(database, 1)).toEqual([]);
    deleteEvents(database, [1]);
    expect(deleteIdleState(database, NOW + 1)).toBe(1);
  });

  it("stays while it is the past of a case that it was merged into", async () => {
    const { store, database } = folder;
    const merged = { status: "closed", alert_count: 0 } as const;
    const cases = [
      { case: aCase(1, { ...merged, merged_into: "CASE-000002" }), entries: [] },
      { case: aCase(2, { ...merged, merged_into: "CASE-000003" }), entries: [] },
      { case: aCase(3), entries: [] },
    ];
    await commitNow(store, [changing(aDecision(1), { cases })]);
    expect(deleteIdleState(database, NOW + 1)).toBe(0);
    const closed = [{ case: aCase(3, { status: "closed" }), entries: [] }];
    await commitNow(store, [changing(aDecision(2), { cases: closed })]);
    const removed = [1, 2, 3, 4].map(() => deleteIdleState(database, NOW + 1));
    expect(removed).toEqual([1, 1, 1, 0]);
  });
});
