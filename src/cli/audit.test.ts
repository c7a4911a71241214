import { afterEach, beforeEach, expect, test } from "vitest";
import { anEntry } from "../ledger/testing/folder.ts";
import { openDataBench, type DataBench } from "./testing/data.ts";

let bench: DataBench;
beforeEach(async () => void (bench = await openDataBench()));
afterEach(() => bench.close());

test("data in which everything is accounted for is balanced", async () => {
  const { code, out } = await bench.run("audit");
  expect(code).toBe(0);
  expect(out).toMatch(/\nsensor +4 +3 +0 +1 +0 +3 +0 +0 +0 +0\nall +4 +3 /);
  expect(out).toMatch(/\nchat +0 +2 +0 +0 +0 +0 +1m\n/);
  expect(out).toContain("2 alerts routed, 1 unrouted");
  expect(out).toMatch(/\nbalanced\n$/);
});

test("what is in flight is counted and is no gap", async () => {
  await bench.data.receive([anEntry("k:9")]);
  const { code, out } = await bench.run("audit");
  expect(code).toBe(0);
  expect(out).toContain("in flight: 1 event to decide, 3 deliveries to send, the oldest for 1m");
});

test("a lost alert is a gap with its id, and exit code 1", async () => {
  bench.data.tamper("store", "DELETE FROM alerts WHERE position = 2");
  const { code, out } = await bench.run("audit");
  const report = await bench.json("audit");
  expect(code).toBe(1);
  expect(report).toMatchObject({ balanced: false, gap_count: report.gaps.length });
  expect(report.gaps[0].kind).toBe("alert_missing");
  expect(out).toContain("NOT BALANCED");
  expect(out).toContain(report.gaps[0].id);
});

test("--since leaves out what came before", async () => {
  expect((await bench.json("audit", "--since", "30s")).received.items).toBe(0);
  expect((await bench.json("audit", "--since", "24h")).received.items).toBe(4);
});

test("data that cannot be checked is exit code 2", async () => {
  bench.data.tamper("store", "PRAGMA user_version = 99");
  const { code, out, err } = await bench.run("audit");
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toMatch(/^tocsin: data: .*schema 99.*\n {2}hint: /);
  const json = await bench.run("audit", "--json");
  expect(JSON.parse(json.err).error).toMatchObject({ code: "DATA_NEWER", component: "data" });
});

test("no data cannot be checked either", async () => {
  expect((await bench.run("audit", "--data", "nowhere")).code).toBe(2);
});
