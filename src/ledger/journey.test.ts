import { afterEach, beforeEach, expect, it } from "vitest";
import { openJourneys, type Journeys } from "./journey.ts";
import { anEntry, aRejectedEntry, TestFolder } from "./testing/folder.ts";

let folder: TestFolder;
let journeys: Journeys;
beforeEach(() => {
  folder = new TestFolder();
  journeys = openJourneys(folder.paths);
});
afterEach(async () => {
  journeys.close();
  await folder.remove();
});

it("follows an event from its storing to its deliveries", async () => {
  expect(journeys.find("k1")).toBeUndefined();
  await folder.receive([anEntry("k0"), anEntry("k1")]);
  expect(journeys.find("k1")).toMatchObject({ event: { outcome: "in_flight" }, deliveries: [] });
  await folder.decide();
  expect(journeys.find("k1")).toMatchObject({
    event: { key: "k1", outcome: "alert", alert: "ALR-000002" },
    deliveries: [
      { destination: "chat", state: "pending" },
      { destination: "desk", state: "pending" },
    ],
  });
  await folder.deliver("chat", "delivered");
  expect(journeys.find("k1")?.deliveries[0]).toMatchObject({ state: "delivered" });
});

it("has no deliveries of an event that opened no alert", async () => {
  await folder.receive([aRejectedEntry("bad", "{")]);
  await folder.decide();
  expect(journeys.find("bad")).toMatchObject({
    event: { outcome: "quarantined", reason: "unreadable" },
    deliveries: [],
  });
});
