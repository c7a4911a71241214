import { beforeEach, describe, expect, it } from "vitest";
import type { Decision } from "../pipeline/decide.ts";
import type { Position } from "../pipeline/entry.ts";
import type { PlannedDelivery } from "../pipeline/outcome.ts";
import { aDecision, aDelivery } from "../pipeline/testing/builders.ts";
import {
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
} from "../store/testing/builders.ts";
import { decisionConformance } from "../store/testing/decision-conformance.ts";
import { MemoryStore } from "./memory-store.ts";
import type { SentMessage } from "./message.ts";

decisionConformance("memory", async () => ({ store: new MemoryStore([]), end: async () => {} }));

const GROUP = aGroup("g");
/** After so many decisions it forgets; a little more. */
const MANY = 2100;

let sent: SentMessage[];
let store: MemoryStore;
beforeEach(() => {
  sent = [];
  store = new MemoryStore([], (message) => void sent.push(message));
});

/** Decisions of no interest, enough to be forgotten. */
const others = (from: number): Decision[] =>
  Array.from({ length: MANY }, (_, index) => aDecision(from + index));

/** `12s to d: kind of 1+2` */
const lines = () =>
  sent.map(({ at, destination, kind, alerts }) => {
    const told = alerts.map(({ position }) => position).join("+");
    return `${at} ${destination} ${kind} ${told}`;
  });
const flush = async (): Promise<void> => {
  const moves = digestMoves(await heldIds(store, GROUP));
  await commitNow(store, [], [aTimer(NOW, { moves })]);
};

describe("messages of a rehearsal", () => {
  it("are what is planned and waits for nothing", async () => {
    const planned: PlannedDelivery[] = [
      aDelivery("d"),
      aDelivery("e", { state: "suppressed", reason: "shadow_route" }),
      aHeld("f", GROUP),
    ];
    await commitNow(store, [aDecision(1, planned, { content: { title: "A", severity: "low" } })]);
    expect(sent).toEqual([
      {
        at: receivedAt(1),
        destination: "d",
        route: "r",
        kind: "alert",
        reason: "first_notification",
        alerts: [
          expect.objectContaining({
            position: 1,
            title: "A",
            severity: "low",
            number: "ALR-000001",
          }),
        ],
      },
    ]);
  });

  it("are not what a duplicate planned", async () => {
    const decision = aDecision(2, [aDelivery("d")]);
    const outcome = { kind: "duplicate", reason: "key_known", of: 1 as Position } as const;
    await commitNow(store, [{ ...decision, outcome }]);
    expect(sent).toEqual([]);
  });

  it("are digests at the time of their timer, the carrier first and the others by age", async () => {
    const planned = (position: number) => aDecision(position, [aHeld("d", GROUP)]);
    await commitNow(store, [planned(3), planned(2), planned(5)]);
    await flush();
    expect(lines()).toEqual([`${NOW} d alert 3+2+5`]);
    expect(sent[0]?.reason).toBe("group_digest");
  });

  it("tell of an alert once, though several of its deliveries were folded", async () => {
    const first = aDecision(1, [aHeld("d", GROUP)]);
    const later = { kind: "reminder", sequence: 1 } as const;
    await commitNow(store, [first, following(2, first, "repeat", {}, [aHeld("d", GROUP, later)])]);
    await flush();
    expect(lines()).toEqual([`${NOW} d alert 1`]);
  });

  it("show the alert as it is by then", async () => {
    const first = aDecision(1, [aHeld("d", GROUP)]);
    await commitNow(store, [first]);
    await commitNow(store, [following(2, first, "repeat", { count: 2, severity: "critical" })]);
    await flush();
    expect(sent[0]?.alerts).toMatchObject([{ count: 2, severity: "critical" }]);
  });

  it("change a whole digest, whichever of its alerts changed", async () => {
    const decisions = [1, 2].map((position) => aDecision(position, [aHeld("d", GROUP)]));
    await commitNow(store, decisions);
    await flush();
    const update = aHeld("d", GROUP, { kind: "update", sequence: 1, reason: "repeat_wait" });
    for (const [index, first] of decisions.entries()) {
      await commitNow(store, [following(3 + index, first, "repeat", {}, [update])]);
      await flush();
    }
    expect(lines().slice(1)).toEqual([`${NOW} d update 1+2`, `${NOW} d update 1+2`]);
  });
});

describe("what a rehearsal remembers", () => {
  /** Alerts that nothing speaks of. */
  it("is no alert that nothing can speak of again, after many", async () => {
    await commitNow(store, others(1));
    expect(store.alerts()).toEqual([]);
    expect((await store.loadState({ keys: ["k1"] })).keys.get("k1")).toBe(1);
  });

  it("is every alert of a thing that may come in a later state", async () => {
    const decision = aDecision(1);
    await commitNow(store, [{ ...decision, updates: decision.entry.key }]);
    await commitNow(store, others(2));
    expect(store.alerts().map(({ position }) => position)).toEqual([1]);
  });

  it("is every alert that a cell or a delivery speaks of", async () => {
    const one = 1 as Position;
    await commitNow(store, [
      changing(aDecision(1), { cells: [{ cell: { ...aGroup("a"), alert: one } }] }),
      aDecision(2, [aHeld("d", GROUP)]),
      changing(aDecision(3), {
        cells: [
          {
            cell: {
              stage: "inhibit",
              key: "i",
              value: { alerts: [3 as Position] },
              alert: null,
              due_at: null,
              at: NOW,
            },
          },
        ],
      }),
    ]);
    await commitNow(store, others(10));
    expect(store.alerts().map(({ position }) => position)).toEqual([1, 2, 3]);
  });

  it("is the rest of a digest that can still be changed", async () => {
    const decisions = [1, 2].map((position) => aDecision(position, [aHeld("d", GROUP)]));
    await commitNow(store, decisions);
    await flush();
    const cell = { ...aGroup("update"), alert: 1 as Position };
    await commitNow(store, [changing(aDecision(3), { cells: [{ cell }] }), ...others(10)]);
    const update = aHeld("d", GROUP, { kind: "update", sequence: 1, reason: "repeat_wait" });
    const [first] = decisions;
    if (!first) return expect.unreachable("no decision");
    await commitNow(store, [following(9000, first, "repeat", {}, [update])]);
    await flush();
    expect(lines().at(-1)).toBe(`${NOW} d update 1+2`);
  });
});

describe("a change that somebody makes in a rehearsal", () => {
  it("is there for the next decision, and refuses one that was made before it", async () => {
    await commitNow(store, [aDecision(1)]);
    const { version } = await store.loadState({});
    const [stored] = store.alerts();
    if (!stored) return expect.unreachable("no alert");
    store.changeAlert({ ...stored, closed_at: NOW }, NOW, () => true);
    expect((await storedAt(store, 1))?.closed_at).toBe(NOW);
    const late = store.commit({ version, decisions: [aDecision(2)], timers: [] });
    await expect(late).rejects.toMatchObject({ code: "STATE_CHANGED" });
    expect(lines()).toEqual([]);
  });

  const close = (position: number, hears: (name: string) => boolean) => {
    const [stored] = store.alerts(position as Position);
    if (!stored) return expect.unreachable("no alert");
    const alert = { ...stored.alert, status: "closed" as const };
    store.changeAlert({ ...stored, alert }, NOW, hears);
  };

  it("tells those who hear of status, once for each change", async () => {
    await commitNow(store, [aDecision(1, [aDelivery("d"), aDelivery("e")])]);
    sent.length = 0;
    close(1, (name) => name === "d");
    close(1, (name) => name === "d");
    expect(lines()).toEqual([`${NOW} d update 1`]);
    expect((await storedAt(store, 1))?.deliveries).toHaveLength(3);
  });

  it("shows the digest that told of its alert", async () => {
    await commitNow(
      store,
      [1, 2].map((position) => aDecision(position, [aHeld("d", GROUP)])),
    );
    await flush();
    close(2, () => true);
    expect(lines().at(-1)).toBe(`${NOW} d update 1+2`);
  });

  it("finds its alert, however much was decided since", async () => {
    store.awaitChange(1 as Position);
    await commitNow(store, [aDecision(1), aDecision(2)]);
    await commitNow(store, others(10));
    expect(store.alerts().map(({ position }) => position)).toEqual([1]);
  });
});

it("begins with the cells that it is given", async () => {
  const begun = new MemoryStore([], undefined, [
    { cell: aGroup("a", 7) },
    { remove: { stage: "group", key: "b" } },
  ]);
  expect(await begun.nextTimer()).toBe(7);
  expect((await begun.loadState({ cells: [GROUP, aGroup("a")] })).cells).toEqual([aGroup("a", 7)]);
});
