import { afterEach, beforeEach, expect, test } from "vitest";
import { deliveryDetailSchema, deliveryListSchema } from "./deliveries.ts";
import { eventSchema } from "./events.ts";
import { openLedger, type Ledger } from "./ledger.ts";
import { FLUSHED, onHost, openBusyFolder } from "./testing/busy.ts";
import type { TestFolder } from "./testing/folder.ts";

let folder: TestFolder;
let ledger: Ledger;

beforeEach(async () => {
  folder = await openBusyFolder();
  ledger = openLedger(folder.paths, () => FLUSHED);
});
afterEach(async () => {
  ledger.close();
  await folder.remove();
});

test("a delivery says what it is, what it waits for and which digest tells of it", async () => {
  const list = await ledger.listDeliveries({ order: "oldest" });
  expect(deliveryListSchema.parse(list)).toEqual(list);
  expect(list.items).toMatchObject([
    {
      kind: "alert",
      sequence: 0,
      hold: null,
      digest: "group_digest",
      cause: "grouped",
      alert_count: 2,
    },
    {
      state: "folded",
      digest: null,
      alert_count: 1,
      due_at: null,
      carrier: {
        id: 1,
        alert: "ALR-000001",
        state: "delivered",
        done_at: "2026-05-04T12:00:01.000Z",
      },
    },
    {
      kind: "reminder",
      sequence: 1,
      state: "pending",
      hold: "remind:grouped|sensor",
      held_until: "2026-05-04T16:00:30.000Z",
      due_at: null,
      carrier: null,
    },
    { destination: "desk", sequence: 0, state: "delivered", held_until: null },
  ]);
  expect(await ledger.listDeliveries({ after: 3 })).toMatchObject({ items: [{ id: 4 }] });
});

test("a digest names its first members and counts all", async () => {
  const hosts = Array.from({ length: 60 }, (_, index) => onHost(`k${index}`, `h${index}`));
  await folder.receive(hosts, { received_at: FLUSHED });
  await folder.decide();
  await folder.fireTimers(FLUSHED + 600_000);
  const [carrier] = (await ledger.listDeliveries({ alert: "ALR-000006" })).items;
  const detail = await ledger.getDelivery(carrier?.id ?? 0);
  expect(deliveryDetailSchema.parse(detail)).toEqual(detail);
  expect(detail.alert_count).toBe(60);
  expect(detail.members).toHaveLength(50);
  expect(detail.members[0]).toEqual(detail.alert);
  expect(detail.members[49]?.number).toBe("ALR-000055");
  expect((await ledger.getDelivery(4)).members).toEqual([]);
});

test("events that repeat an alert are events of it", async () => {
  const { events } = await ledger.getAlert("ALR-000001");
  expect(events.map(({ outcome, alert }) => [outcome, alert])).toEqual([
    ["alert", "ALR-000001"],
    ["repeat", "ALR-000001"],
    ["repeat", "ALR-000001"],
    ["repeat", "ALR-000001"],
  ]);
  const repeat = await ledger.getEvent(events[1]?.id ?? "");
  expect(repeat).toMatchObject({ outcome: "repeat", reason: "fold_policy", alert: "ALR-000001" });
  expect(eventSchema.parse(repeat)).toEqual(repeat);
  expect((await ledger.getAlert(repeat.id)).number).toBe("ALR-000001");
});

test("of an alert that repeats without end the first event and the newest are shown", async () => {
  const many = Array.from({ length: 300 }, (_, index) => onHost(`m${index}`, "a"));
  await folder.receive(many, { received_at: FLUSHED });
  await folder.decide();
  const { events, count } = await ledger.getAlert("ALR-000001");
  expect(count).toBe(304);
  expect(events).toHaveLength(201);
  expect([events[0]?.key, events[1]?.key, events.at(-1)?.key]).toEqual(["a", "m100", "m299"]);
});

test("what waits for a timer is not counted as due", async () => {
  const { destinations } = await ledger.stats();
  expect(destinations).toEqual([]);
});
