/** What everything must do that decisions are made on: load, hold, fire, commit. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Position } from "../../pipeline/entry.ts";
import type { DecisionStore } from "../../pipeline/runner.ts";
import { holdOf, type Cell } from "../../pipeline/state.ts";
import { aDecision, aDelivery } from "../../pipeline/testing/builders.ts";
import {
  aCase,
  aGroup,
  aHeld,
  aTimer,
  changing,
  commitNow,
  digestMoves,
  following,
  heldIds,
  NOW,
  receivedAt,
  storedAt,
} from "./builders.ts";

/** One store, empty, for the length of a test. */
export interface DecisionHarness {
  readonly store: DecisionStore;
  end(): Promise<void>;
}

export function decisionConformance(
  name: string,
  makeHarness: () => Promise<DecisionHarness>,
): void {
  describe(`${name} as what decisions are made on`, () => {
    let harness: DecisionHarness;
    let store: DecisionStore;

    beforeEach(async () => {
      harness = await makeHarness();
      ({ store } = harness);
    });
    afterEach(() => harness.end());

    const group = { stage: "group", key: "g" } as const;
    const loadCells = async (...keys: readonly string[]) =>
      (await store.loadState({ cells: keys.map((key) => ({ stage: "group", key })) })).cells;

    describe("its version", () => {
      it("is another one after every commit", async () => {
        const { version } = await store.loadState({});
        await commitNow(store, [aDecision(1)]);
        const second = (await store.loadState({})).version;
        await commitNow(store, [], [aTimer(NOW, {})]);
        const third = (await store.loadState({})).version;
        expect(new Set([version, second, third]).size).toBe(3);
      });

      it("refuses what was decided on another one, and stores nothing of it", async () => {
        const { version } = await store.loadState({});
        await commitNow(store, [aDecision(1)]);
        const late = changing(aDecision(2), { cells: [{ cell: aGroup("g") }] });
        const commit = store.commit({ version, decisions: [late], timers: [] }, NOW);
        await expect(commit).rejects.toMatchObject({ code: "STATE_CHANGED" });
        expect((await store.loadState({ keys: ["k2"] })).keys.size).toBe(0);
        expect(await loadCells("g")).toEqual([]);
      });
    });

    describe("its keys", () => {
      it("lead to the alert, from what opened it and from what followed", async () => {
        const first = aDecision(1);
        await commitNow(store, [first, following(2, first, "updated")]);
        await commitNow(store, [following(3, first, "repeat")]);
        const { keys } = await store.loadState({ keys: ["k1", "k2", "k3", "k4"] });
        const one = 1 as Position;
        expect(keys).toEqual(
          new Map([
            ["k1", one],
            ["k2", one],
            ["k3", one],
          ]),
        );
      });
    });

    describe("its cells", () => {
      it("come back as they were written, without those that are not there", async () => {
        const cells: Cell[] = [
          { stage: "case", key: "a|b", value: { case: 7 }, alert: null, due_at: null, at: 5 },
          { stage: "fold", key: "a|b", value: {}, alert: 1 as Position, due_at: 9, at: 6 },
        ];
        const writes = cells.map((cell) => ({ cell }) as never);
        await commitNow(store, [changing(aDecision(1), { cells: writes })]);
        const missing = { stage: "fold", key: "a" } as const;
        const loaded = await store.loadState({ cells: [...cells, missing] });
        expect(loaded.cells).toEqual(cells);
      });

      it("are as the last write of a batch left them", async () => {
        const one = changing(aDecision(1), {
          cells: [{ cell: aGroup("g", 1) }, { cell: aGroup("h", 2) }],
        });
        const two = changing(aDecision(2), {
          cells: [{ cell: aGroup("g", null, 3) }, { remove: { stage: "group", key: "h" } }],
        });
        await commitNow(store, [one, two]);
        expect(await loadCells("g", "h")).toEqual([aGroup("g", null, 3)]);
      });

      it("are timers while they are due, the earliest first, then by stage and key", async () => {
        const hours: Cell<"hours"> = {
          stage: "hours",
          key: "0",
          value: {},
          alert: null,
          due_at: 20,
          at: 1,
        };
        const cells = [
          { cell: hours },
          { cell: aGroup("b", 20) },
          { cell: aGroup("a", 20) },
          { cell: aGroup("c", 10) },
          { cell: aGroup("later", 21) },
          { cell: aGroup("none", null) },
        ];
        await commitNow(store, [changing(aDecision(1), { cells })]);
        const due = await store.dueCells(20, 10);
        expect(due.map((cell) => [cell.stage, cell.key])).toEqual([
          ["group", "c"],
          ["group", "a"],
          ["group", "b"],
          ["hours", "0"],
        ]);
        expect(due[0]).toEqual(aGroup("c", 10));
        expect(await store.dueCells(20, 2)).toHaveLength(2);
        expect(await store.nextTimer()).toBe(10);
      });

      it("are no timers any more once they were written without a time", async () => {
        await commitNow(store, [changing(aDecision(1), { cells: [{ cell: aGroup("g", 10) }] })]);
        await commitNow(store, [], [aTimer(10, { cells: [{ cell: aGroup("g", null, 10) }] })]);
        expect(await store.nextTimer()).toBeNull();
        expect(await store.dueCells(NOW, 10)).toEqual([]);
      });
    });

    describe("its alerts", () => {
      it("come back with what was decided and planned", async () => {
        const held = aHeld("e", group, { thread: "t" });
        const decision = aDecision(1, [aDelivery("d"), held]);
        await commitNow(store, [decision]);
        expect(await storedAt(store, 1)).toEqual({
          position: 1,
          alert: decision.alert,
          trace: decision.trace,
          closed_at: null,
          deliveries: [
            {
              destination: "d",
              route: "r",
              kind: "alert",
              sequence: 0,
              state: "pending",
              reason: "first_notification",
              hold: null,
              thread: null,
              carrier: null,
            },
            {
              destination: "e",
              route: "r",
              kind: "alert",
              sequence: 0,
              state: "pending",
              reason: "group_wait",
              hold: "group:g",
              thread: "t",
              carrier: null,
            },
          ],
        });
        expect(await storedAt(store, 2)).toBeUndefined();
      });

      it("are changed in place by what follows, which may be told of again", async () => {
        const first = aDecision(1, [aDelivery("d")]);
        await commitNow(store, [first]);
        const again = aDelivery("d", { kind: "reminder", sequence: 1, reason: "reminder_due" });
        const repeat = following(2, first, "repeat", { count: 2, severity: "critical" }, [again]);
        await commitNow(store, [repeat]);
        const stored = await storedAt(store, 1);
        expect(stored?.alert).toEqual({ ...first.alert, count: 2, severity: "critical" });
        expect(stored?.deliveries).toMatchObject([
          { kind: "alert", sequence: 0 },
          { kind: "reminder", sequence: 1 },
        ]);
        expect(await storedAt(store, 2)).toBeUndefined();
      });

      it("keep what was to tell of them first, however often they are told of again", async () => {
        const muted = { state: "suppressed", reason: "silence", cause: "S-1" } as const;
        const first = aDecision(1, [aDelivery("d", muted)]);
        await commitNow(store, [first]);
        const later = [
          aDelivery("d", { sequence: 1 }),
          aDelivery("d", { kind: "reminder", sequence: 2, reason: "reminder_due" }),
          aDelivery("d", { kind: "reminder", sequence: 3, reason: "reminder_due" }),
        ];
        for (const [index, planned] of later.entries()) {
          await commitNow(store, [following(2 + index, first, "repeat", {}, [planned])]);
        }
        const known = (await storedAt(store, 1))?.deliveries ?? [];
        const named = known.map(({ kind, sequence, state }) => `${sequence} ${kind} ${state}`);
        expect(named).toEqual(
          expect.arrayContaining(["0 alert suppressed", "1 alert pending", "3 reminder pending"]),
        );
      });

      it("are closed since the change that closed them, until one opens them", async () => {
        const first = aDecision(1);
        await commitNow(store, [first]);
        await commitNow(store, [following(2, first, "updated", { status: "closed" })]);
        expect((await storedAt(store, 1))?.closed_at).toBe(receivedAt(2));
        await commitNow(store, [following(3, first, "updated", { status: "closed" })]);
        expect((await storedAt(store, 1))?.closed_at).toBe(receivedAt(2));
        await commitNow(store, [following(4, first, "updated", { status: "new" })]);
        expect((await storedAt(store, 1))?.closed_at).toBeNull();
      });

      it("are not closed by anything when they came closed", async () => {
        const first = aDecision(1, [], { content: { status: "closed" } });
        await commitNow(store, [first]);
        await commitNow(store, [following(2, first, "updated", { title: "changed" })]);
        expect((await storedAt(store, 1))?.closed_at).toBeNull();
      });
    });

    describe("its cases", () => {
      it("are as they were written last", async () => {
        const entries = [
          { at: new Date(NOW).toISOString(), who: "tocsin", kind: "opened", detail: {} } as const,
        ];
        const cases = [{ case: aCase(1), entries }];
        await commitNow(store, [changing(aDecision(1), { cases })]);
        const grown = aCase(1, { alert_count: 2, severity: "critical" });
        const more = [{ case: grown, entries: [] }];
        await commitNow(store, [changing(aDecision(2), { cases: more })]);
        const loaded = await store.loadState({ cases: [1, 2] });
        expect(loaded.cases).toEqual([grown]);
      });
    });

    describe("its held deliveries", () => {
      const other = { stage: "hours", key: "soc" } as const;

      it("wait for their cell in the order in which they were planned", async () => {
        await commitNow(store, [
          aDecision(1, [aHeld("e", group), aHeld("d", group), aDelivery("f")]),
          aDecision(2, [aHeld("d", group, { state: "suppressed", thread: "t" })]),
          aDecision(3, [aHeld("d", other)]),
        ]);
        const { held } = await store.loadState({ holds: [holdOf(group), "group:none"] });
        expect(held.get("group:none") ?? []).toEqual([]);
        expect(held.get(holdOf(group))).toMatchObject([
          { alert: 1, destination: "e", state: "pending", held_at: receivedAt(1) },
          { alert: 1, destination: "d", state: "pending", held_at: receivedAt(1) },
          {
            alert: 2,
            destination: "d",
            route: "r",
            kind: "alert",
            sequence: 0,
            thread: "t",
            state: "suppressed",
            hold: "group:g",
            held_at: receivedAt(2),
          },
        ]);
      });

      it("are sent, and the others are told by the one that is", async () => {
        await commitNow(
          store,
          [1, 2].map((position) =>
            aDecision(position, [aHeld("d", group, { thread: `t${position}` })]),
          ),
        );
        const ids = await heldIds(store, group);
        await commitNow(store, [], [aTimer(NOW, { moves: digestMoves(ids) })]);
        expect(await heldIds(store, group)).toEqual([]);
        expect((await storedAt(store, 1))?.deliveries).toMatchObject([
          { state: "pending", hold: null, thread: "t1", carrier: null },
        ]);
        expect((await storedAt(store, 2))?.deliveries).toMatchObject([
          { state: "folded", hold: null, thread: "t1", carrier: 1 },
        ]);
      });

      it("wait for another cell from when they were moved there", async () => {
        await commitNow(store, [aDecision(1, [aHeld("d", group, { state: "suppressed" })])]);
        const [id] = await heldIds(store, group);
        const hold = holdOf(other);
        const move = { id: id!, to: "hold", hold, reason: "outside_hours", cause: "r" } as const;
        await commitNow(store, [], [aTimer(NOW + 5, { moves: [move] })]);
        expect(await heldIds(store, group)).toEqual([]);
        const { held } = await store.loadState({ holds: [hold] });
        expect(held.get(hold)).toMatchObject([{ id, state: "pending", held_at: NOW + 5 }]);
      });

      it("are suppressed, and can be called back only by a cell that is named", async () => {
        await commitNow(store, [aDecision(1, [aHeld("d", group), aHeld("e", group)])]);
        const [first, second] = await heldIds(store, group);
        const suppress = { to: "suppress", reason: "silence", cause: "S-1" } as const;
        const moves = [
          { id: first!, ...suppress, hold: holdOf(other) },
          { id: second!, ...suppress, hold: null },
        ];
        await commitNow(store, [], [aTimer(NOW, { moves })]);
        expect(await heldIds(store, group)).toEqual([]);
        expect(await heldIds(store, other)).toEqual([first]);
        expect((await storedAt(store, 1))?.deliveries).toMatchObject([
          { state: "suppressed", hold: holdOf(other) },
          { state: "suppressed", hold: null },
        ]);
      });
    });
  });
}
