import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, it } from "vitest";
import { VirtualClock } from "../../test/timeline/virtual-clock.ts";
import type { Destination } from "../destinations/destination.ts";
import type { Claim, DeliveryResult, Store } from "../store/store.ts";
import type { TelemetryEvent } from "../telemetry/events.ts";
import { Outlet } from "./outlet.ts";
import { aClaim } from "./testing/claims.ts";

const CLAIM = aClaim();

/** A store with one delivery, whose disk is full for the first so many results. */
function fullDisk(failures: number) {
  const recorded: DeliveryResult[] = [];
  let claimed = false;
  const store = {
    claimDeliveries: async () => {
      if (claimed) return [];
      claimed = true;
      return [CLAIM];
    },
    releaseClaims: async (claims: readonly Claim[]) => {
      if (claims.length > 0) claimed = false;
    },
    resumeDeliveries: async () => {},
    nextDue: async () => null,
    closeNotice: async () => true,
    recordResults: async (results: readonly DeliveryResult[]) => {
      failures -= 1;
      if (failures >= 0) throw new RangeError("disk full");
      recorded.push(...results);
    },
  };
  return { store: store as unknown as Store, recorded, isClaimed: () => claimed };
}

function openOutlet(store: Store, destination: Partial<Destination>) {
  const clock = new VirtualClock(0);
  const events: TelemetryEvent[] = [];
  const settings = { name: "d", concurrency: 1, rate: null, giveUpAfter: 1e9 };
  const full = {
    render: () => "",
    show: () => ({ type: "text/plain", text: "" }),
    close: async () => {},
    send: async () => ({ kind: "delivered" as const }),
  };
  const context = {
    store,
    clock,
    telemetry: { emit: (event: TelemetryEvent) => void events.push(event) },
  };
  const outlet = new Outlet(
    { ...settings, destination: { ...full, ...destination } },
    { ...context, random: () => 0.5, links: { alert: () => null, case: () => null } },
  );
  return { outlet, clock, events };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
}

it("does not send again what it could not record, but records it until that works", async () => {
  const { store, recorded } = fullDisk(3);
  let sent = 0;
  const send = async () => {
    sent += 1;
    return { kind: "delivered" as const };
  };
  const { outlet, clock, events } = openOutlet(store, { send });
  outlet.wake();
  await settle();
  expect([sent, recorded.length]).toEqual([1, 0]);
  for (let ring = 0; ring < 3; ring += 1) {
    clock.ringNext(10_000);
    await settle();
  }
  expect([sent, recorded.length]).toEqual([1, 1]);
  const failures = events.filter(({ event }) => event === "outlet_failed");
  expect(failures).toHaveLength(3);
  expect(String((failures[0] as { error?: unknown }).error)).toContain(
    "ALR-000001 could not be recorded: disk full",
  );
  await outlet.stop(0);
});

it("records a destination that throws as a try that may work later", async () => {
  const { store, recorded } = fullDisk(0);
  const send = () => Promise.reject(new RangeError("a bug"));
  const { outlet } = openOutlet(store, { send });
  outlet.wake();
  await settle();
  expect(recorded).toMatchObject([
    { next: "pending", attempt: { verdict: "retry", error: "a bug" } },
  ]);
  await outlet.stop(0);
});

it("records what a message asked to remember, for its thread and for its updates", async () => {
  const { store, recorded } = fullDisk(0);
  const answer = { kind: "delivered", remember: "1.1", reference: "C1:1.2" } as const;
  const { outlet } = openOutlet(store, { send: async () => answer });
  outlet.wake();
  await settle();
  expect(recorded).toMatchObject([{ next: "delivered", remember: "1.1", reference: "C1:1.2" }]);
  await outlet.stop(0);
});

it("records null where a message asked for nothing", async () => {
  const { store, recorded } = fullDisk(0);
  const { outlet } = openOutlet(store, {});
  outlet.wake();
  await settle();
  expect(recorded).toMatchObject([{ next: "delivered", remember: null, reference: null }]);
  await outlet.stop(0);
});

it("closes the notice of a dead letter later, when operators are still to hear of it", async () => {
  const claims = [1, 2, 3].map((id) => aClaim({ id: id as Claim["id"] }));
  const answers = [false, true];
  const asked: string[] = [];
  const store = {
    claimDeliveries: async () => claims.splice(0, 1),
    releaseClaims: async () => {},
    resumeDeliveries: async () => {},
    nextDue: async () => null,
    recordResults: async () => {},
    closeNotice: async (key: string) => {
      asked.push(key);
      return answers.shift() ?? true;
    },
  };
  const { outlet } = openOutlet(store as unknown as Store, {});
  outlet.wake();
  await settle();
  expect(asked).toEqual(["dead-letters:d", "dead-letters:d"]);
  await outlet.stop(0);
});

it("records a message that cannot be rendered as dead, with the reason", async () => {
  const { store, recorded } = fullDisk(0);
  const render = () => {
    throw new RangeError("no title");
  };
  const { outlet } = openOutlet(store, { render });
  outlet.wake();
  await settle();
  expect(recorded).toMatchObject([
    { next: "dead", reason: "render_failed", attempt: { error: "no title" } },
  ]);
  await outlet.stop(0);
});

it("waits for a try under way when it stops, and gives it back when the grace is over", async () => {
  const { store, recorded, isClaimed } = fullDisk(0);
  const send: Destination["send"] = (_rendered, _message, { signal }) =>
    new Promise((resolve) => {
      signal.addEventListener("abort", () =>
        resolve({ kind: "retry", reason: "reset", error: "stopped" }),
      );
    });
  const { outlet, clock } = openOutlet(store, { send });
  outlet.wake();
  await settle();
  const stopped = outlet.stop(5000);
  await settle();
  expect(isClaimed()).toBe(true);
  clock.ringNext(10_000);
  await stopped;
  expect([isClaimed(), recorded.length]).toEqual([false, 0]);
});

it("is behind by what was planned and not tried, until the outbox has no more", async () => {
  const { store } = fullDisk(0);
  let answer: () => void = () => {};
  const send: Destination["send"] = () =>
    new Promise((resolve) => (answer = () => resolve({ kind: "delivered" })));
  const { outlet } = openOutlet(store, { send });
  outlet.wake(300);
  await settle();
  expect(outlet.behind).toBe(300);
  answer();
  await settle();
  expect(outlet.behind).toBe(0);
  await outlet.stop(0);
});
