import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openLedger } from "../../ledger/ledger.ts";
import { anEntry, NOON, TestFolder } from "../../ledger/testing/folder.ts";
import { silenceChangeSchema, silenceWishSchema } from "../../silence/wish.ts";
import { aSilence } from "../../silence/testing/silences.ts";
import { Database } from "../../sqlite/database.ts";
import { listActionsOn } from "../../store/sqlite/actions.ts";
import { findCell } from "../../store/sqlite/cells.ts";
import { readVersions } from "../../store/sqlite/meta.ts";
import { saveSilence } from "../../store/sqlite/silence-changes.ts";
import { findSilence, listSilences } from "../../store/sqlite/silences.ts";
import { applyChange } from "./change.ts";

const HOUR = 3_600_000;

let folder: TestFolder;
let database: Database;
beforeEach(() => {
  folder = new TestFolder();
  database = new Database(folder.paths.store);
});
afterEach(async () => {
  database.close();
  await folder.remove();
});

const by = (now = NOON) => ({ who: "ada", now });
const add = (body: object = {}, now = NOON) => {
  const wish = silenceWishSchema.parse({ match: "*", comment: "patching", ...body });
  return applyChange(database, "silence.add", { wish }, by(now));
};
const edit = (silence: string, body: object, now = NOON) => {
  const change = silenceChangeSchema.parse(body);
  return applyChange(database, "silence.change", { silence, change }, by(now));
};
const end = (silence: string, now = NOON) =>
  applyChange(database, "silence.end", { silence }, by(now));
const dueOf = (stage: "silence" | "silence_reminder", key: string) =>
  findCell(database, { stage, key })?.due_at;
const refused = (code: string) => expect.objectContaining({ code, hint: expect.any(String) });

/** What chat is sent and what it is not, by number of the alert. */
async function chat(): Promise<string[]> {
  const ledger = openLedger(folder.paths);
  const { items } = await ledger.listDeliveries({ destination: "chat", order: "oldest" });
  ledger.close();
  return items.map(({ alert, state, reason }) => `${alert.number} ${state} ${reason}`);
}

async function receive(count: number): Promise<void> {
  const entries = Array.from({ length: count }, (_, index) => anEntry(`k${index}`));
  await folder.receive(entries);
  await folder.decide();
}

describe("a silence that somebody makes", () => {
  it("is stored with its author, timer and the action", () => {
    const made = add({ for: "2h", remind: "30m" });
    expect(made).toMatchObject({ id: "S-1", author: "ada", origin: "store", version: 1 });
    expect(findSilence(database, "S-1")).toEqual(made);
    expect(dueOf("silence_reminder", "S-1")).toBe(NOON + 1.5 * HOUR);
    expect(listActionsOn(database, "S-1")).toMatchObject([
      { who: "ada", at: NOON, kind: "silence.added", detail: { silence: { id: "S-1" } } },
    ]);
  });

  it("is seen by whoever decides next", async () => {
    const before = readVersions(database);
    add();
    const after = readVersions(database);
    expect(after.state).toBeGreaterThan(before.state);
    expect(after.silences).toBeGreaterThan(before.silences);
    await receive(1);
    expect(await chat()).toEqual(["ALR-000001 suppressed silence"]);
  });

  it("takes no number when it is refused", () => {
    expect(() => add({ for: "2h", until: "2027-01-01T00:00:00Z" })).toThrow(
      refused("REQUEST_INVALID"),
    );
    expect(listSilences(database)).toEqual([]);
    expect(add().id).toBe("S-1");
  });
});

describe("a silence that somebody changes", () => {
  it("is its next version, by them", () => {
    add();
    const changed = edit("s-1", { comment: "patching still", for: "3h" }, NOON + HOUR);
    expect(changed).toMatchObject({ version: 2, comment: "patching still" });
    expect(changed.until).toBe(new Date(NOON + 3 * HOUR).toISOString());
    expect(findSilence(database, "S-1")).toEqual(changed);
    expect(listActionsOn(database, "S-1").map(({ kind }) => kind)).toEqual([
      "silence.added",
      "silence.changed",
    ]);
  });

  it("tells of what it held when its new end comes, earlier or later", async () => {
    add({ for: "4h", at_end: "digest" });
    await receive(2);
    expect(dueOf("silence", "S-1")).toBe(NOON + 4 * HOUR);
    edit("S-1", { for: "6h" }, NOON + HOUR);
    expect(dueOf("silence", "S-1")).toBe(NOON + 6 * HOUR);
    edit("S-1", { for: "2h" }, NOON + HOUR);
    await folder.fireTimers(NOON + 2 * HOUR - 1);
    expect(await chat()).toEqual([
      "ALR-000001 suppressed silence",
      "ALR-000002 suppressed silence",
    ]);
    await folder.fireTimers(NOON + 2 * HOUR);
    expect(await chat()).toEqual([
      "ALR-000001 pending silence_digest",
      "ALR-000002 folded in_digest",
    ]);
  });

  it("announces its end anew", () => {
    add({ for: "4h", remind: "1h" });
    edit("S-1", { for: "8h" });
    expect(dueOf("silence_reminder", "S-1")).toBe(NOON + 7 * HOUR);
    edit("S-1", { remind: null });
    expect(dueOf("silence_reminder", "S-1")).toBeUndefined();
  });
});

describe("a silence that somebody ends", () => {
  it("tells of what it held at once, and holds nothing back any more", async () => {
    add({ for: "4h", at_end: "digest" });
    await receive(1);
    const ended = end("S-1", NOON + HOUR);
    expect(ended.ended_at).toBe(new Date(NOON + HOUR).toISOString());
    expect(dueOf("silence", "S-1")).toBe(NOON + HOUR);
    await folder.fireTimers(NOON + HOUR);
    expect(await chat()).toEqual(["ALR-000001 pending first_notification"]);
    await folder.receive([anEntry("later")], { received_at: NOON + HOUR });
    await folder.decide();
    expect(await chat()).toContain("ALR-000002 pending first_notification");
  });

  it("keeps to itself what it held when it says nothing at its end", async () => {
    add({ for: "4h" });
    await receive(1);
    end("S-1", NOON + HOUR);
    await folder.fireTimers(NOON + HOUR);
    expect(await chat()).toEqual(["ALR-000001 suppressed silence"]);
  });

  it("is not announced any more", () => {
    add({ for: "4h", remind: "1h" });
    end("S-1", NOON + HOUR);
    expect(dueOf("silence_reminder", "S-1")).toBeUndefined();
  });

  it("stays as it is: it cannot be ended again or changed", () => {
    add();
    const ended = end("S-1");
    expect(() => end("S-1", NOON + 1)).toThrow(refused("CONFLICT"));
    expect(() => edit("S-1", { comment: "again" }, NOON + 1)).toThrow(refused("CONFLICT"));
    expect(findSilence(database, "S-1")).toEqual(ended);
  });
});

it("a silence of the file is changed there", () => {
  saveSilence(database, aSilence({ id: "patch-night", origin: "file" }), [], "configuration", NOON);
  expect(() => end("patch-night")).toThrow(refused("CONFLICT"));
  expect(() => edit("patch-night", { comment: "mine" })).toThrow(refused("CONFLICT"));
});

it("a silence that is not there is not found", () => {
  expect(() => end("S-9")).toThrow(refused("NOT_FOUND"));
  expect(() => edit("nothing", { comment: "mine" })).toThrow(refused("NOT_FOUND"));
});
