import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Status } from "../../alert/schema.ts";
import type { Position } from "../../pipeline/entry.ts";
import { aContent, aDecision, aDelivery } from "../../pipeline/testing/builders.ts";
import { commitNow, delivered, following, NOW, storedAt } from "../testing/builders.ts";
import { makeStoreFolder, type StoreFolder } from "../testing/folder.ts";
import { changeAlert } from "./alert-changes.ts";
import { changeState } from "./change-state.ts";
import { getMeta } from "./meta.ts";
import { selectBodies } from "./retention.ts";
import { saveWriteBackTargets } from "./write-back.ts";

let folder: StoreFolder;
beforeEach(() => {
  folder = makeStoreFolder();
});
afterEach(() => folder.end());

const LAB = "write-back:lab";

/** The alert at a position, of a source and with a key. */
function anAlertOf(position: number, source: string, key = `kibana.alert.uuid:${position}`) {
  const content = { source: { ...aContent().source, name: source } };
  return aDecision(position, [], { key, content });
}

function target(targets: Readonly<Record<string, string | null>>): void {
  saveWriteBackTargets(folder.database, new Map(Object.entries(targets)));
}

function change(position: number, status: Status, now = NOW): void {
  const asked = { status, verdict: status === "closed" ? "benign" : null };
  changeAlert(folder.database, position as Position, asked, "ada", now);
}

/** Deliveries of an alert: where to, and the rest as it was planned. */
function planned(position: number) {
  return folder.database.all(
    `SELECT destination, route, kind, sequence, thread, state, reason, hold, cause, due_at, created_at
     FROM deliveries WHERE alert = ? ORDER BY id`,
    position,
  );
}

const destinationsOf = (position: number) =>
  (planned(position) as { destination: string }[]).map(({ destination }) => destination);

describe("a status that somebody changes", () => {
  it("is to be written back, once for each change and in order", async () => {
    target({ alerts: "lab" });
    const decision = anAlertOf(1, "alerts");
    await commitNow(folder.store, [decision]);
    change(1, "acknowledged", NOW);
    change(1, "acknowledged", NOW + 1);
    change(1, "closed", NOW + 2);
    const common = {
      destination: LAB,
      route: "write-back",
      kind: "status",
      thread: decision.alert?.id,
      state: "pending",
      reason: "status_changed",
      hold: null,
      cause: null,
    };
    expect(planned(1)).toEqual([
      { ...common, sequence: 0, due_at: NOW, created_at: NOW },
      { ...common, sequence: 1, due_at: NOW + 2, created_at: NOW + 2 },
    ]);
  });

  it("is sent as it is then, the later one behind the earlier", async () => {
    target({ alerts: "lab" });
    await commitNow(folder.store, [anAlertOf(1, "alerts")]);
    change(1, "acknowledged", NOW);
    change(1, "closed", NOW + 2);
    const [first, ...others] = await folder.store.claimDeliveries(LAB, NOW + 2, 9);
    expect(others).toEqual([]);
    expect(first).toMatchObject({ kind: "status", sequence: 0, digest: null, memory: null });
    expect(first?.alert).toMatchObject({
      status: "closed",
      status_changed_at: new Date(NOW + 2).toISOString(),
    });
    if (first) await folder.store.recordResults([delivered(first)], []);
    const [second] = await folder.store.claimDeliveries(LAB, NOW + 2, 9);
    expect(second).toMatchObject({ kind: "status", sequence: 1 });
  });

  it.each([
    ["later", NOW + 9, NOW + 9],
    ["earlier", NOW - 9, NOW + 2],
  ])("bears the time that the peer wrote down, when that is %s", async (_when, told, wanted) => {
    target({ alerts: "lab" });
    await commitNow(folder.store, [anAlertOf(1, "alerts")]);
    change(1, "acknowledged", NOW);
    const [claim] = await folder.store.claimDeliveries(LAB, NOW, 1);
    change(1, "closed", NOW + 2);
    const remember = new Date(told).toISOString();
    if (claim) await folder.store.recordResults([delivered(claim, { remember })], []);
    expect((await storedAt(folder.store, 1))?.alert).toMatchObject({
      status: "closed",
      status_changed_at: new Date(wanted).toISOString(),
    });
  });

  it("is not planned by a verdict, nor when the change is undone", async () => {
    target({ alerts: "lab" });
    await commitNow(folder.store, [anAlertOf(1, "alerts")]);
    changeAlert(folder.database, 1 as Position, { verdict: "benign" }, "ada", NOW);
    const undone = () =>
      changeState(folder.database, () => {
        change(1, "closed");
        throw new RangeError("no");
      });
    expect(undone).toThrow("no");
    expect(planned(1)).toEqual([]);
  });

  it("is not planned by an event that brings it", async () => {
    target({ alerts: "lab" });
    const first = anAlertOf(1, "alerts");
    await commitNow(folder.store, [first, following(2, first, "updated", { status: "closed" })]);
    expect((await storedAt(folder.store, 1))?.alert.status).toBe("closed");
    expect(planned(1)).toEqual([]);
  });

  it("keeps the history of its alert until it is written back", async () => {
    target({ alerts: "lab" });
    await commitNow(folder.store, [anAlertOf(1, "alerts")]);
    change(1, "closed");
    const later = NOW + 1e9;
    expect(selectBodies(folder.database, 0, later).blocked).toBe(true);
    const [claim] = await folder.store.claimDeliveries(LAB, NOW, 1);
    if (claim) await folder.store.recordResults([delivered(claim)], []);
    expect(selectBodies(folder.database, 0, later)).toMatchObject({ blocked: false, upTo: 1 });
  });
});

describe("the cluster that is told", () => {
  it("is that of the source which opened the alert, whatever its key", async () => {
    target({ alerts: "lab", others: "prod" });
    await commitNow(folder.store, [anAlertOf(1, "others", "es:.siem-signals-default/1")]);
    change(1, "closed");
    expect(destinationsOf(1)).toEqual(["write-back:prod"]);
  });

  it("is the only one for an alert of Kibana that came another way", async () => {
    target({ alerts: "lab", also: "lab" });
    await commitNow(folder.store, [anAlertOf(1, "hook"), anAlertOf(2, "hook", "splunk:7/1")]);
    change(1, "closed");
    change(2, "closed");
    expect([destinationsOf(1), destinationsOf(2)]).toEqual([[LAB], []]);
  });

  it("is none for an alert of a source that is not to write back, though another does", async () => {
    target({ alerts: "lab", quiet: null });
    await commitNow(folder.store, [anAlertOf(1, "quiet"), anAlertOf(2, "hook")]);
    change(1, "closed");
    change(2, "closed");
    expect([destinationsOf(1), destinationsOf(2)]).toEqual([[], [LAB]]);
    target({ quiet: null });
    expect(getMeta(folder.database, "write_back")).toBeUndefined();
  });

  it("is none where it could be one of two, or none is written back to any more", async () => {
    target({ alerts: "lab", others: "prod" });
    await commitNow(folder.store, [anAlertOf(1, "hook"), anAlertOf(2, "alerts")]);
    change(1, "closed");
    target({});
    expect(getMeta(folder.database, "write_back")).toBeUndefined();
    change(2, "closed");
    expect([destinationsOf(1), destinationsOf(2)]).toEqual([[], []]);
  });
});

it("decisions do not see what is written back: it tells nobody of the alert", async () => {
  target({ s: "lab" });
  await commitNow(folder.store, [aDecision(1, [aDelivery("d")]), aDecision(2)]);
  change(1, "acknowledged");
  change(2, "acknowledged");
  expect([destinationsOf(1), destinationsOf(2)]).toEqual([["d", LAB], [LAB]]);
  expect((await storedAt(folder.store, 1))?.deliveries).toMatchObject([{ destination: "d" }]);
  expect((await storedAt(folder.store, 2))?.deliveries).toEqual([]);
});
