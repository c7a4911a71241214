/** What could lose an alert on its way from an index, or make two of it, on a real engine. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { ListedAlert } from "../../src/ledger/alerts.ts";
import type { JsonObject } from "../../src/receipt/json.ts";
import type { Engine } from "./distribution.ts";
import { describeEngines, START_TIMEOUT } from "./engines.ts";
import { expectExactly, reconcile } from "./loss-books.ts";
import { action, detection, hit, MAPPINGS, numbered, openLab, type Lab } from "./loss-lab.ts";
import { openRig, type LossRig } from "./loss-rig.ts";
import { loseContext, startTap, type Tap } from "./loss-tap.ts";
import { startSearchEngine, type SearchEngine } from "./search-engine.ts";

const SECOND = 1000;
const MINUTE = 60_000;
const HOUR = 3_600_000;

const iso = (time: number) => new Date(time).toISOString();

describeEngines(testLosses);

function testLosses(engine: Engine): void {
  let server: SearchEngine;
  let tap: Tap;
  let lab: Lab;
  let rig: LossRig;

  beforeAll(async () => {
    server = await startSearchEngine(engine);
    tap = await startTap(server.url);
    lab = openLab(server.url);
  }, START_TIMEOUT);
  afterAll(async () => {
    await tap?.close();
    await server?.stop();
  });
  afterEach(async () => await rig?.dispose());

  /** Tocsin with a source that reads through the tap. */
  const alerts = (index: string, more = "start_time: 1h", sources = "") =>
    (rig = openRig(tap.url, `kind: elastic-alerts, index: "${index}", ${more}`, sources));
  const actions = (index: string, more = "start_time: 1h") =>
    (rig = openRig(tap.url, `kind: elastic-actions, index: "${index}", ${more}`));

  /** Alerts that are raised now, and can be found at once; answers their ids. */
  async function raise(index: string, prefix: string, count = 5): Promise<readonly string[]> {
    const documents = numbered(prefix, count, (id) => detection(id, Date.now()));
    await lab.store(index, documents);
    return Object.keys(documents);
  }

  describe("2,500 documents of one time, in pages of 100", () => {
    const index = "same-time";
    const ids = Array.from({ length: 2500 }, (_, n) => `d${n}`);

    beforeAll(async () => {
      const time = Date.now() - MINUTE;
      await lab.createIndex(index, { shards: 3 });
      await lab.store(
        index,
        numbered("d", ids.length, (id) => detection(id, time)),
      );
    });
    beforeEach(() => alerts(index, "start_time: 1h, size: 100"));

    /** Some are stored and others are not. */
    function expectMiddle(): void {
      expect(rig.stored()).toBeGreaterThan(0);
      expect(rig.stored()).toBeLessThan(ids.length);
    }

    it("are one alert each", async () => {
      await rig.start();
      await expectExactly(rig, ids);
    });

    it("are one alert each when the point in time expires, twice", async () => {
      const lose = vi.fn(async (search: Parameters<typeof loseContext>[1]) => {
        await loseContext(server.url, search);
        return "pass" as const;
      });
      tap.before(7, lose);
      tap.before(15, lose);
      await rig.start();
      await expectExactly(rig, ids);
      expect(lose).toHaveBeenCalledTimes(2);
    });

    it("are one alert each when Tocsin is stopped in the middle", async () => {
      const stopped = new Promise<void>((resolve) => {
        tap.before(9, async () => {
          resolve(rig.stop());
          return "break";
        });
      });
      await rig.start();
      await stopped;
      expectMiddle();
      await rig.start();
      await expectExactly(rig, ids);
    });

    it("are one alert each when Tocsin is killed in the middle, twice", async () => {
      // With a page's events, then with the cursor behind a page; two commits for each page.
      await rig.runUntilKilled("append.committed:6");
      expectMiddle();
      await rig.runUntilKilled("append.committed:14");
      expectMiddle();
      await rig.start();
      await expectExactly(rig, ids, { crashed: true });
    });

    it(
      "are one alert each when the node is restarted in the middle",
      async () => {
        const restarted = new Promise<void>((resolve) => {
          tap.before(9, async () => {
            await server.restart();
            resolve();
            return "break";
          });
        });
        await rig.start();
        await restarted;
        expectMiddle();
        await expectExactly(rig, ids);
      },
      START_TIMEOUT,
    );
  });

  it("keeps what it was killed with before it deleted it", async () => {
    await lab.createIndex("eaten", { shards: 2 });
    const time = Date.now() - MINUTE;
    const documents = numbered("d", 500, (id, n) =>
      action([hit(id)], { "@timestamp": iso(time + n) }),
    );
    await lab.store("eaten", documents);
    actions("eaten", "start_time: 1h, size: 100, consume: delete");
    // The second page is stored: the first was deleted before its cursor was.
    await rig.runUntilKilled("append.committed:4");
    await lab.refresh("eaten");
    expect([rig.stored(), await lab.count("eaten")]).toEqual([200, 400]);
    await rig.start();
    await rig.stores(500);
    await vi.waitFor(
      async () => {
        await lab.refresh("eaten");
        expect(await lab.count("eaten")).toBe(0);
      },
      { timeout: 45_000 },
    );
    await expectExactly(rig, Object.keys(documents), { found: 0, crashed: true });
  });

  describe("documents that are late", () => {
    /** An index with them, and one that is read past their time; answers the ids of both. */
    async function hideBehind(index: string, delay: number) {
      await lab.createIndex(`${index}-a`);
      await lab.createIndex(`${index}-b`, { hidden: true });
      const time = Date.now() - delay;
      const documents = numbered("late", 5, (id) => detection(id, time));
      await lab.storeHidden(`${index}-b`, documents);
      await rig.start();
      const onTime = await raise(`${index}-a`, "now");
      await rig.stores(5);
      await rig.readPast(Date.now());
      expect(rig.stored()).toBe(5);
      await lab.refresh(`${index}-b`);
      return { late: Object.keys(documents), onTime };
    }

    it.each([
      ["3 seconds", 3 * SECOND],
      ["9 minutes", 9 * MINUTE],
    ])("by %s are found", async (_words, delay) => {
      const index = `late-${delay}`;
      alerts(`${index}-*`);
      const { late, onTime } = await hideBehind(index, delay);
      await expectExactly(rig, [...onTime, ...late]);
    });

    it("by more than the overlap are missed, named by the comparison, and fetched", async () => {
      alerts("later-*", "start_time: 1h, overlap: 1m");
      const { late, onTime } = await hideBehind("later", 9 * MINUTE);
      await rig.readPast(Date.now());
      await rig.stop();
      expect(rig.stored()).toBe(5);
      expect(await reconcile(rig)).toMatchObject({
        found: 10,
        missing_count: 5,
        missing: [{ stream: "Many failed logins", count: 5, reason: "late" }],
        backfilled: 0,
      });
      expect(await reconcile(rig, true)).toMatchObject({ missing_count: 5, backfilled: 5 });
      await rig.start();
      await expectExactly(rig, [...onTime, ...late]);
    });

    it("because Tocsin was down for an hour are found, though it is killed meanwhile", async () => {
      await lab.createIndex("hour", { shards: 2 });
      alerts("hour", "size: 100, overlap: 1m");
      const start = Date.now() - HOUR;
      await rig.readBy({ ahead: -HOUR }, async () => {
        await lab.store("hour", { before: detection("before", start - SECOND) });
        await rig.stores(1);
      });
      const documents = numbered("d", 590, (id, n) => detection(id, start + 6 * SECOND * n));
      await lab.store("hour", documents);
      // With the events of the third page, before its cursor.
      await rig.runUntilKilled("append.committed:5");
      expect(rig.stored()).toBe(300);
      await rig.start();
      await expectExactly(rig, ["before", ...Object.keys(documents)], { crashed: true });
    });
  });

  describe("a clock of the cluster", () => {
    it("that is 2 minutes ahead loses nothing", async () => {
      await lab.createIndex("ahead");
      alerts("ahead", "start_time: 1h, overlap: 1m, size: 3");
      const clock = { ahead: -2 * MINUTE };
      const ids: string[] = [];
      await rig.readBy(clock, async () => {
        ids.push(...(await raise("ahead", "a")));
        await rig.readPast(Date.now() + clock.ahead);
        expect(rig.stored()).toBe(0);
        clock.ahead = -MINUTE;
        ids.push(...(await raise("ahead", "b")));
        await rig.readPast(Date.now() + clock.ahead);
        clock.ahead = 0;
        await rig.stores(10);
      });
      await rig.start();
      ids.push(...(await raise("ahead", "c")));
      await expectExactly(rig, ids);
    });

    it("that is 2 minutes behind loses nothing, also when it is corrected", async () => {
      await lab.createIndex("behind");
      alerts("behind", "start_time: 1h, overlap: 1m, size: 3");
      const ids: string[] = [];
      await rig.readBy({ ahead: 2 * MINUTE }, async () => {
        ids.push(...(await raise("behind", "a")));
        await rig.stores(5);
        ids.push(...(await raise("behind", "b")));
        await rig.stores(10);
      });
      await rig.start();
      ids.push(...(await raise("behind", "c")));
      await expectExactly(rig, ids);
    });
  });

  describe("indices", () => {
    it("that are rolled over, and leave the alias, are read on", async () => {
      await lab.createIndex("roll-000001", { aliases: { roll: { is_write_index: true } } });
      await actions("roll").start();
      const write = async (index: string, prefix: string) => {
        const timed = numbered(`${prefix}-timed`, 3, (id) =>
          action([hit(id)], { "@timestamp": iso(Date.now()) }),
        );
        const timeless = numbered(`${prefix}-timeless`, 3, (id) => action([hit(id)]));
        await lab.store(index, { ...timed, ...timeless });
        return [...Object.keys(timed), ...Object.keys(timeless)];
      };
      const ids = await write("roll", "first");
      await rig.stores(6);
      await lab.ask("POST", "/roll/_rollover", { mappings: MAPPINGS });
      ids.push(...(await write("roll", "second")));
      ids.push(...(await write("roll-000001", "straggler")));
      await rig.stores(18);
      await lab.createIndex("roll-000003");
      const move = (index: string) => ({ remove: { index, alias: "roll" } });
      const add = { index: "roll-000003", alias: "roll", is_write_index: true };
      const moves = [move("roll-000001"), move("roll-000002"), { add }];
      await lab.ask("POST", "/_aliases", { actions: moves });
      ids.push(...(await write("roll", "third")));
      await expectExactly(rig, ids, { found: 6 });
    });

    it("with documents of one id each give an alert for each", async () => {
      const message = (text: string): JsonObject => ({
        "@timestamp": iso(Date.now()),
        rule: { name: "Disk is full" },
        context: { message: text },
      });
      for (const name of ["id-1", "id-2"]) {
        await lab.createIndex(name);
        await lab.store(name, { x: message(name), y: action([hit("z", name), hit("z", "other")]) });
      }
      await actions("id-*").start();
      const names = ["id-1", "id-2", "z", "z", "z"];
      const nameOf = ({ reason, external }: ListedAlert) => reason ?? external.id;
      // The last one was found by the rule in both: it is one event.
      await expectExactly(rig, names, { nameOf, found: 6 });
    });

    it("with signals of one id each give an alert for each", async () => {
      for (const name of ["signals-1", "signals-2"]) {
        await lab.createIndex(name);
        const signal = { rule: { id: "r", name: "Old" }, status: "open" };
        await lab.store(name, { x: { "@timestamp": iso(Date.now()), signal } });
      }
      await alerts("signals-*").start();
      await expectExactly(rig, ["x", "x"]);
    });

    it.each([1, 2])("of %i shard(s), with documents without a time, are read", async (shards) => {
      const index = `timeless-${shards}`;
      await lab.createIndex(index, { shards });
      const documents = numbered("old", 250, (id) => action([hit(id)]));
      await lab.store(index, documents);
      await actions(index, "size: 100").start();
      await rig.stores(250);
      await rig.stop();
      const more = numbered("new", 50, (id) => action([hit(id)]));
      await lab.store(index, more);
      await rig.start();
      await rig.stores(300);
      const last = numbered("last", 5, (id) => action([hit(id)]));
      await lab.store(index, last);
      await expectExactly(rig, Object.keys({ ...documents, ...more, ...last }));
    });
  });

  describe("what a rule action writes", () => {
    it("is read whatever the rule is called", async () => {
      const long = "x".repeat(10_000);
      const names = { number: 42, blank: "   ", empty: "", long: `${long}1`, longer: `${long}2` };
      await lab.createIndex("names");
      const documents = Object.entries(names).map(([id, name]): [string, JsonObject] => [
        id,
        action([hit(name === "" ? "other" : "one")], {
          rule: { name },
          "@timestamp": iso(Date.now()),
        }),
      ]);
      await lab.store("names", Object.fromEntries(documents));
      await actions("names").start();
      const title = `${"x".repeat(499)}…`;
      const titles = ["42", "Untitled alert", "Untitled alert", title, title];
      await expectExactly(rig, titles, { nameOf: (alert) => alert.title });
    });

    it("is an alert for each row of an ES|QL query, each time", async () => {
      const row = (name: string, _index: string): JsonObject => ({
        _id: "esql_query_document",
        _index,
        _source: { host: { name } },
      });
      const rows = ["web-1", "web-2", "web-3", "web-4"];
      // As Kibana writes them, and as they may be found elsewhere.
      const places = ["", "", "esql_query_document", "logs-1"];
      const hits = rows.map((name, n) => row(name, places[n] ?? ""));
      const document = action(hits, { "@timestamp": iso(Date.now()) });
      await lab.createIndex("rows");
      await lab.store("rows", { a: document, b: document });
      await actions("rows").start();
      await rig.stores(8);
      await rig.stop();
      await rig.start();
      const nameOf = ({ entities }: ListedAlert) => entities.hosts[0] ?? null;
      await expectExactly(rig, [...rows, ...rows], { nameOf });
    });
  });

  describe("an alert", () => {
    it("that comes by webhook and by poll is one", async () => {
      await lab.createIndex("both");
      await alerts("both", "start_time: 1h", "hook: { kind: kibana }").start();
      const send = async (uuid: string) => {
        const kibana = { alert: { uuid, rule: { name: "Many failed logins" } } };
        const context = { alerts: [{ "@timestamp": iso(Date.now()), kibana }] };
        await rig.post("hook", { rule: { name: "Many failed logins" }, context });
      };
      await send("posted");
      await lab.store("both", { posted: detection("posted", Date.now()) });
      await lab.store("both", { polled: detection("polled", Date.now()) });
      await rig.stores(2);
      await send("polled");
      await expectExactly(rig, ["posted", "polled"]);
    });

    it("that is closed in Kibana, or grows, is updated", async () => {
      await lab.createIndex("changing");
      await alerts("changing").start();
      const time = Date.now();
      await lab.store("changing", { a: detection("a", time), b: detection("b", time) });
      await rig.stores(2);
      const changed = iso(Date.now());
      await lab.store("changing", {
        a: detection("a", time, {
          "kibana.alert.workflow_status": "closed",
          "kibana.alert.workflow_status_updated_at": changed,
        }),
        b: detection("b", time, {
          "kibana.alert.suppression.docs_count": 7,
          "kibana.alert.last_detected": changed,
        }),
      });
      await rig.stores(4);
      const [a, b] = await expectExactly(rig, ["a", "b"]);
      expect(a).toMatchObject({ status: "closed", status_changed_at: changed });
      expect(b).toMatchObject({ status: "new", status_changed_at: null });
    });
  });
}
