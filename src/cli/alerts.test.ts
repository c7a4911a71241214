import { afterEach, beforeEach, expect, test } from "vitest";
import { openDataBench, type DataBench } from "./testing/data.ts";

let bench: DataBench;
beforeEach(async () => void (bench = await openDataBench()));
afterEach(() => bench.close());

const numbers = (list: { items: { number: string }[] }) => list.items.map(({ number }) => number);

test("alerts are listed newest first, and `list` may be left out", async () => {
  const { code, out } = await bench.run("alerts");
  expect(code).toBe(0);
  expect(out).toMatch(/^ALERT +RECEIVED +SEVERITY +STATUS +SOURCE +ROUTING +COUNT +CASE +TITLE\n/);
  expect(out).toMatch(/\nALR-000003 .*critical .*unrouted .*Nobody's\nALR-000002 .*\nALR-000001 /);
  expect((await bench.run("alerts", "list")).out).toBe(out);
});

test("alert text cannot command the terminal", async () => {
  const list = await bench.run("alerts");
  const show = await bench.run("alerts", "show", "ALR-000002");
  // oxlint-disable-next-line no-control-regex -- that is what is looked for
  for (const { out } of [list, show]) expect(out).not.toMatch(/[\u0007\u001b\u202e]/);
  expect(show.out).toContain("cleared");
});

test("colours are used on a terminal only, and not where NO_COLOR asks for none", async () => {
  const env = { TOCSIN_DATA: bench.data.path };
  expect((await bench.runWith({ isTTY: true, env }, "alerts")).out).toContain("\u001b[");
  const plain = { isTTY: true, env: { ...env, NO_COLOR: "1" } };
  expect((await bench.runWith(plain, "alerts")).out).not.toContain("\u001b[");
});

test("a query narrows the list", async () => {
  expect(numbers(await bench.json("alerts", "--query", "severity >= high"))).toEqual([
    "ALR-000003",
    "ALR-000001",
  ]);
  expect(numbers(await bench.json("alerts", "--query", "host.name: web-01"))).toEqual([
    "ALR-000001",
  ]);
});

test("--unrouted leaves those that no route took", async () => {
  expect(numbers(await bench.json("alerts", "--unrouted"))).toEqual(["ALR-000003"]);
});

test("a query that cannot be read is told with a hint", async () => {
  const { code, out, err } = await bench.run("alerts", "--query", "severity >=");
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toMatch(/^tocsin: .*\n {2}hint: /);
});

test("--since leaves out what came before", async () => {
  expect(numbers(await bench.json("alerts", "--since", "2m"))).toHaveLength(3);
  expect(numbers(await bench.json("alerts", "--since", "30s"))).toEqual([]);
  expect(numbers(await bench.json("alerts", "--since", "2026-05-04T12:00:00Z"))).toHaveLength(3);
  expect(numbers(await bench.json("alerts", "--since", "2026-05-04T12:00:01"))).toEqual([]);
});

test("a list goes on where its cursor says", async () => {
  const { out } = await bench.run("alerts", "--limit", "2");
  const cursor = /\nmore: --cursor (\S+)\n$/.exec(out)?.[1] ?? "";
  const rest = await bench.json("alerts", "--limit", "2", "--cursor", cursor);
  expect(numbers(rest)).toEqual(["ALR-000001"]);
  expect(rest.next).toBeNull();
});

test("an alert is shown by its number and by its id", async () => {
  const byNumber = await bench.json("alerts", "show", "ALR-000001");
  expect(byNumber).toMatchObject({ number: "ALR-000001", routing: "routed" });
  expect(await bench.json("alerts", "show", byNumber.id)).toEqual(byNumber);
  const { out } = await bench.run("alerts", "show", "ALR-000001");
  expect(out).toMatch(/^ALR-000001 {2}high {2}Odd login\n/);
  expect(out).toMatch(/deliveries +(chat|desk) pending, first_notification \(#\d+\)/);
});

test.each([
  [["alerts", "show", "ALR-000009"], 1, "there is no alert ALR-000009"],
  [["alerts", "show", "nonsense"], 1, "there is no nonsense"],
  [["alerts", "shwo"], 64, "unknown command 'shwo'"],
  [["alerts", "--limit", "none"], 64, "option '--limit <n>' argument 'none' is invalid"],
  [["alerts", "--since", "yesterday"], 64, "is invalid"],
  [["alerts", "--data", "nowhere"], 2, "there is no "],
])("%j fails with %i and a hint", async (argv, expected, message) => {
  const { code, out, err } = await bench.run(...argv);
  expect({ code, out }).toEqual({ code: expected, out: "" });
  expect(err).toContain(message);
  expect(err).toMatch(/\n {2}hint: \S/);
});
