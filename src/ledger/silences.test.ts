import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { applyChange, type Asked } from "../app/changes/change.ts";
import { Database } from "../sqlite/database.ts";
import { deleteEvents } from "../store/sqlite/retention.ts";
import { openLedger, type Ledger } from "./ledger.ts";
import { silenceDetailSchema, silenceListSchema } from "./silences.ts";
import { anEntry, NOON, TestFolder } from "./testing/folder.ts";

const HOUR = 3_600_000;

let folder: TestFolder;
let database: Database;
let ledger: Ledger;
let now: number;

beforeEach(() => {
  now = NOON;
  folder = new TestFolder();
  database = new Database(folder.paths.store);
  ledger = openLedger(folder.paths, () => now);
});
afterEach(async () => {
  ledger.close();
  database.close();
  await folder.remove();
});

const iso = (time: number) => new Date(time).toISOString();
const by = () => ({ who: "ada", now });
type Wish = Asked<"silence.add">["wish"];

function addSilence(wish: Partial<Wish> = {}): string {
  const whole = { match: "host.name: web-*", comment: "patching", at_end: "nothing", ...wish };
  return applyChange(database, "silence.add", { wish: whole as Wish }, by()).id;
}

function judge(verdict: "true_positive" | "benign", ...names: string[]): void {
  applyChange(database, "alerts", { names, status: "closed", verdict }, by());
}

/** Alerts of web-01 at the time that it is now; each severity is one. */
async function receive(...severities: ("low" | "medium" | "high")[]): Promise<void> {
  const entries = severities.map((severity, index) =>
    anEntry(`k${now}${index}`, { host: { name: "web-01" }, alert: { severity } }),
  );
  await folder.receive(entries, { received_at: now });
  await folder.decide();
}

const hiddenBy = async (id: string) =>
  (await ledger.getSilence(id)).hidden.items.map(({ number }) => number);

describe("the debt of a silence", () => {
  it("counts each alert once, however many destinations did not get it", async () => {
    const id = addSilence();
    await receive("high", "medium");
    judge("true_positive", "ALR-000001");
    expect((await ledger.getSilence(id)).debt).toEqual({
      alerts: 2,
      severity: "high",
      open: 1,
      true_positive: 1,
      unjudged: 1,
    });
  });

  it("is nothing for one that hid nothing, and leaves out what another hid", async () => {
    const other = addSilence({ match: "host.name: db-*" });
    addSilence();
    await receive("high");
    const { debt, hidden } = await ledger.getSilence(other);
    expect(debt).toMatchObject({ alerts: 0, severity: null });
    expect(hidden).toEqual({ total: 0, items: [] });
  });

  it("leaves out what no route would have told anybody", async () => {
    const id = addSilence();
    await receive("low");
    expect(await hiddenBy(id)).toEqual([]);
  });

  it("keeps what was told in a digest or alone when it ended", async () => {
    const id = addSilence({ at_end: "digest", until: iso(NOON + HOUR) });
    await receive("high", "medium");
    await folder.fireTimers(NOON + HOUR);
    expect(await ledger.listDeliveries({ state: "suppressed", destination: "chat" })).toEqual({
      items: [],
      next: null,
    });
    expect(await hiddenBy(id)).toEqual(["ALR-000002", "ALR-000001"]);
  });

  it("keeps what was closed before it ended", async () => {
    const id = addSilence({ at_end: "digest", until: iso(NOON + HOUR) });
    await receive("high");
    judge("true_positive", "ALR-000001");
    await folder.fireTimers(NOON + HOUR);
    expect((await ledger.getSilence(id)).debt).toMatchObject({ alerts: 1, true_positive: 1 });
  });

  it("counts for the one that went on when the first ended, too", async () => {
    const first = addSilence({ at_end: "digest", until: iso(NOON + HOUR) });
    const second = addSilence({ until: iso(NOON + 2 * HOUR) });
    await receive("high");
    expect(await hiddenBy(second)).toEqual([]);
    await folder.fireTimers(NOON + HOUR);
    expect(await hiddenBy(first)).toEqual(["ALR-000001"]);
    expect(await hiddenBy(second)).toEqual(["ALR-000001"]);
  });

  it("is forgotten with the alerts", async () => {
    const id = addSilence();
    await receive("high", "medium");
    deleteEvents(database, [1]);
    expect(await hiddenBy(id)).toEqual(["ALR-000002"]);
    expect(database.all("SELECT alert FROM silenced")).toEqual([{ alert: 2 }]);
  });

  it("shows a hundred alerts, the newest first, and counts all of them", async () => {
    const id = addSilence();
    await receive(...Array.from({ length: 101 }, () => "high" as const));
    const { debt, hidden } = await ledger.getSilence(id);
    expect(debt).toMatchObject({ alerts: 101, unjudged: 101 });
    expect(hidden.total).toBe(101);
    expect(hidden.items).toHaveLength(100);
    expect(hidden.items[0]).toMatchObject({
      number: "ALR-000101",
      title: "Odd login",
      severity: "high",
      status: "new",
      verdict: null,
    });
  });

  it("is summed up over more alerts than one statement reads", async () => {
    const id = addSilence();
    await receive(...Array.from({ length: 450 }, () => "medium" as const));
    judge("benign", "ALR-000001", "ALR-000450");
    expect((await ledger.getSilence(id)).debt).toMatchObject({
      alerts: 450,
      open: 448,
      true_positive: 0,
      unjudged: 448,
    });
  });
});

describe("silences", () => {
  it("are active, scheduled or ended", async () => {
    const active = addSilence({ until: iso(NOON + HOUR) });
    const later = addSilence({ from: iso(NOON + HOUR), until: iso(NOON + 2 * HOUR) });
    const nightly = addSilence({ cron: "0 22 * * *", for: HOUR });
    const ended = addSilence();
    applyChange(database, "silence.end", { silence: ended }, by());
    const idsOf = async (state?: "active" | "scheduled" | "ended" | "all") =>
      (await ledger.listSilences({ state })).items.map(({ id }) => id);
    expect(await idsOf("active")).toEqual([active]);
    expect(await idsOf("scheduled")).toEqual([nightly, later]);
    expect(await idsOf("ended")).toEqual([ended]);
    expect(await idsOf("all")).toEqual([ended, nightly, later, active]);
    expect(await idsOf()).toEqual(await idsOf("all"));
    now = NOON + HOUR;
    expect(await idsOf("active")).toEqual([later]);
    expect(await idsOf("ended")).toEqual([ended, active]);
  });

  it("tell the window that lasts", async () => {
    const nightly = addSilence({ cron: "0 22 * * *", for: HOUR });
    const endless = addSilence();
    expect((await ledger.getSilence(nightly)).window).toBeNull();
    expect((await ledger.getSilence(endless)).window).toEqual({ from: iso(NOON), until: null });
    now = NOON + 10.5 * HOUR;
    expect((await ledger.getSilence(nightly)).window).toEqual({
      from: iso(NOON + 10 * HOUR),
      until: iso(NOON + 11 * HOUR),
    });
  });

  it("are listed by pages, in the order in which they were made", async () => {
    for (let count = 0; count < 11; count += 1) addSilence();
    const first = await ledger.listSilences({ limit: 3 });
    expect(first.items.map(({ id }) => id)).toEqual(["S-11", "S-10", "S-9"]);
    now += 1;
    addSilence();
    const second = await ledger.listSilences({ limit: 3, cursor: first.next ?? "" });
    expect(second.items.map(({ id }) => id)).toEqual(["S-8", "S-7", "S-6"]);
    const oldest = await ledger.listSilences({ limit: 2, order: "oldest" });
    expect(oldest.items.map(({ id }) => id)).toEqual(["S-1", "S-2"]);
  });

  it("are found in any spelling of their id, and otherwise not", async () => {
    addSilence();
    expect((await ledger.getSilence(" s-1 ")).id).toBe("S-1");
    await expect(ledger.getSilence("S-2")).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("fit their schemas", async () => {
    const id = addSilence();
    await receive("high");
    const list = await ledger.listSilences({});
    expect(silenceListSchema.parse(list)).toEqual(list);
    const detail = await ledger.getSilence(id);
    expect(silenceDetailSchema.parse(detail)).toEqual(detail);
  });
});
