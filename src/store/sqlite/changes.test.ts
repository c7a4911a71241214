import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CaseWrite } from "../../case/case.ts";
import type { Position } from "../../pipeline/entry.ts";
import { aDecision, aDelivery } from "../../pipeline/testing/builders.ts";
import type { Silence } from "../../silence/silence.ts";
import {
  aCase,
  aGroup,
  changing,
  commitNow,
  following,
  NOW,
  receivedAt,
  storedAt,
} from "../testing/builders.ts";
import { makeStoreFolder, type StoreFolder } from "../testing/folder.ts";
import { listActionsOn } from "./actions.ts";
import { changeAlert } from "./alert-changes.ts";
import { saveCase } from "./case-changes.ts";
import { findCase, listCaseAlerts, listCaseTimeline, nextCaseNumber } from "./cases.ts";
import { changeState } from "./change-state.ts";
import { readStateVersion } from "./meta.ts";
import { saveSilence } from "./silence-changes.ts";
import { findSilence, listSilences, nextSilenceId } from "./silences.ts";

let folder: StoreFolder;
beforeEach(() => {
  folder = makeStoreFolder();
});
afterEach(() => folder.end());

const ONE = 1 as Position;
const TWO = 2 as Position;
const iso = (time: number) => new Date(time).toISOString();

/** Runs a change by hand; fails when those who decide would not notice it. */
function byHand<Result>(work: () => Result): Result {
  const before = readStateVersion(folder.database);
  const result = work();
  expect(readStateVersion(folder.database)).toBeGreaterThan(before);
  return result;
}

describe("a change of the state", () => {
  it("is made of several, all or none", () => {
    const { database } = folder;
    const before = readStateVersion(database);
    const work = () =>
      changeState(database, () => {
        saveCase(database, { case: aCase(1), entries: [] }, {}, "ada", NOW);
        saveCase(database, { case: aCase(2), entries: [] }, {}, "ada", NOW);
        throw new RangeError("no");
      });
    expect(work).toThrow("no");
    expect(findCase(database, 1)).toBeUndefined();
    expect(readStateVersion(database)).toBe(before);
  });

  it("is not overrun by a decision that was made before", async () => {
    const { store, database } = folder;
    const { version } = await store.loadState({});
    changeState(database, () => nextCaseNumber(database, NOW));
    const commit = store.commit({ version, decisions: [aDecision(1)], timers: [] }, NOW);
    await expect(commit).rejects.toMatchObject({ code: "STATE_CHANGED" });
  });
});

describe("an alert", () => {
  it("is closed by hand, and messages say so", async () => {
    const { store, database } = folder;
    const decision = aDecision(1, [aDelivery("d")]);
    await commitNow(store, [decision]);
    const change = { status: "closed", verdict: "benign" } as const;
    const after = byHand(() => changeAlert(database, ONE, change, "ada", NOW + 5));
    expect(after).toEqual({ ...decision.alert, ...change, status_changed_at: iso(NOW + 5) });
    expect(await storedAt(store, 1)).toMatchObject({ alert: after, closed_at: NOW + 5 });
    const [claim] = await store.claimDeliveries("d", NOW, 1);
    expect(claim?.alert.status).toBe("closed");
    expect(listActionsOn(database, "ALR-000001")).toMatchObject([
      { at: NOW + 5, who: "ada", kind: "alert.changed", detail: change },
    ]);
  });

  it("keeps what is not changed, and is open again when it is reopened", async () => {
    const { store, database } = folder;
    await commitNow(store, [aDecision(1)]);
    changeAlert(database, ONE, { status: "closed", verdict: "benign" }, "ada", NOW);
    const after = changeAlert(database, ONE, { status: "new" }, "ada", NOW + 1);
    expect(after).toMatchObject({ status: "new", verdict: "benign" });
    expect((await storedAt(store, 1))?.closed_at).toBeNull();
    changeAlert(database, ONE, { status: "new" }, "ada", NOW + 2);
    expect(listActionsOn(database, "ALR-000001")).toHaveLength(2);
  });

  it("bears the time of its status, which a verdict alone does not change", async () => {
    const { store, database } = folder;
    await commitNow(store, [aDecision(1)]);
    changeAlert(database, ONE, { status: "closed", verdict: "benign" }, "ada", NOW);
    changeAlert(database, ONE, { verdict: "duplicate" }, "ada", NOW + 1);
    expect((await storedAt(store, 1))?.alert).toMatchObject({
      verdict: "duplicate",
      status_changed_at: iso(NOW),
    });
  });

  it("that is not there is not changed", () => {
    expect(changeAlert(folder.database, ONE, { status: "closed" }, "ada", NOW)).toBeUndefined();
  });
});

describe("a case", () => {
  const entry = { at: iso(NOW), who: "ada", kind: "comment", detail: { text: "hm" } } as const;
  const write: CaseWrite = { case: aCase(1), entries: [entry] };

  it("has its timeline, policies' and people's entries in the order they were written", async () => {
    const { store, database } = folder;
    const opened = { at: iso(receivedAt(1)), who: "tocsin", kind: "opened", detail: {} } as const;
    const cases = [{ case: aCase(1), entries: [opened] }];
    await commitNow(store, [changing(aDecision(1), { cases })]);
    const changed = { case: aCase(1, { owner: "ada" }), entries: [entry] };
    byHand(() => saveCase(database, changed, {}, "ada", NOW));
    expect(findCase(database, 1)).toEqual(changed.case);
    expect(listCaseTimeline(database, 1)).toEqual([opened, entry]);
    expect(listActionsOn(database, "CASE-000001")).toMatchObject([{ kind: "case.comment" }]);
  });

  it("has the alerts that policies and people put into it", async () => {
    const { store, database } = folder;
    const first = aDecision(1);
    const alert = first.alert && { ...first.alert, case_id: "CASE-000001" };
    await commitNow(store, [{ ...first, alert }, aDecision(2)]);
    expect(listCaseAlerts(database, 1)).toEqual([ONE]);
    saveCase(database, write, { alertsAdded: [TWO] }, "ada", NOW);
    expect(listCaseAlerts(database, 1)).toEqual([ONE, TWO]);
    expect((await storedAt(store, 2))?.alert.case_id).toBe("CASE-000001");
    saveCase(database, write, { alertsRemoved: [ONE] }, "ada", NOW);
    expect(listCaseAlerts(database, 1)).toEqual([TWO]);
    expect((await storedAt(store, 1))?.alert.case_id).toBeNull();
  });

  it("gives alerts to another one, whichever of the two is stored first", async () => {
    const { store, database } = folder;
    await commitNow(store, [aDecision(1)]);
    saveCase(database, write, { alertsAdded: [ONE] }, "ada", NOW);
    changeState(database, () => {
      const other = { case: aCase(2), entries: [] };
      saveCase(database, other, { alertsAdded: [ONE] }, "ada", NOW);
      saveCase(database, write, { alertsRemoved: [ONE] }, "ada", NOW);
    });
    expect(listCaseAlerts(database, 1)).toEqual([]);
    expect(listCaseAlerts(database, 2)).toEqual([ONE]);
  });

  it("that loses an alert to an update of it no longer lists it", async () => {
    const { store, database } = folder;
    const first = aDecision(1);
    await commitNow(store, [first]);
    saveCase(database, write, { alertsAdded: [ONE] }, "ada", NOW);
    await commitNow(store, [following(2, first, "repeat", { case_id: "CASE-000002" })]);
    expect(listCaseAlerts(database, 1)).toEqual([]);
  });

  it("made by hand has the number after those that policies opened", async () => {
    const { store, database } = folder;
    expect(nextCaseNumber(database, NOW)).toBe(1);
    const last = { stage: "case_number", key: "", alert: null, due_at: null, at: NOW } as const;
    const cells = [{ cell: { ...last, value: { last: 41 } } }];
    await commitNow(store, [changing(aDecision(1), { cells })]);
    expect(nextCaseNumber(database, NOW)).toBe(42);
    expect((await store.loadState({ cells: [last] })).cells).toMatchObject([
      { value: { last: 42 } },
    ]);
  });
});

describe("a silence", () => {
  const silence: Silence = {
    id: "S-1",
    version: 1,
    origin: "store",
    match: "severity : high",
    from: iso(NOW),
    until: iso(NOW + 1000),
    cron: null,
    for: null,
    time_zone: null,
    comment: "patching",
    author: "ada",
    at_end: "digest",
    remind: null,
    created_at: iso(NOW),
    updated_at: iso(NOW),
    ended_at: null,
  };
  const timer = {
    stage: "silence",
    key: "S-1",
    value: {},
    alert: null,
    due_at: NOW + 1000,
    at: NOW,
  } as const;

  it("is seen by decisions as it was stored last, with its timer, until it ends", async () => {
    const { store, database } = folder;
    const seen = async () => (await store.loadState({})).silences.map((one) => one.silence);
    byHand(() => saveSilence(database, silence, [{ cell: timer }], "ada", NOW));
    expect(await seen()).toEqual([silence]);
    expect(await store.nextTimer()).toBe(NOW + 1000);
    const changed = { ...silence, version: 2, comment: "still patching" };
    saveSilence(database, changed, [], "ada", NOW);
    expect(await seen()).toEqual([changed]);
    const ended = { ...changed, version: 3, ended_at: iso(NOW + 5) };
    saveSilence(database, ended, [{ remove: timer }], "bob", NOW + 5);
    expect(await seen()).toEqual([]);
    expect(await store.nextTimer()).toBeNull();
    expect(findSilence(database, "S-1")).toEqual(ended);
    expect(listActionsOn(database, "S-1").map(({ kind, who }) => [kind, who])).toEqual([
      ["silence.added", "ada"],
      ["silence.changed", "ada"],
      ["silence.ended", "bob"],
    ]);
  });

  it("is compiled once, however much is decided", async () => {
    const { store, database } = folder;
    saveSilence(database, silence, [], "ada", NOW);
    const before = (await store.loadState({})).silences;
    await commitNow(store, [aDecision(1)]);
    expect((await store.loadState({})).silences).toBe(before);
  });

  it("gets an id that none had before", () => {
    const { database } = folder;
    expect(nextSilenceId(database)).toBe("S-1");
    saveSilence(database, { ...silence, id: "S-2" }, [], "ada", NOW);
    expect(nextSilenceId(database)).toBe("S-3");
    expect(listSilences(database).map(({ id }) => id)).toEqual(["S-2"]);
  });

  it("does not keep a timer that a group has", async () => {
    const { store, database } = folder;
    await commitNow(store, [changing(aDecision(1), { cells: [{ cell: aGroup("S-1", 5) }] })]);
    saveSilence(database, silence, [{ remove: { stage: "silence", key: "S-1" } }], "ada", NOW);
    expect(await store.nextTimer()).toBe(5);
  });
});
