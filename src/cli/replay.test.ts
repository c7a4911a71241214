import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FLUSHED, openBusyFolder } from "../ledger/testing/busy.ts";
import { NOON } from "../ledger/testing/folder.ts";
import type { Position } from "../pipeline/entry.ts";
import { Database } from "../sqlite/database.ts";
import { changeAlert } from "../store/sqlite/alert-changes.ts";
import { saveWriteBackTargets } from "../store/sqlite/write-back.ts";
import { openDataBench, type DataBench } from "./testing/data.ts";
import { openBench } from "./testing/run.ts";

const LAB = "write-back:lab";

let bench: DataBench;
beforeEach(async () => {
  bench = await openDataBench(NOON);
  await bench.data.deliver("chat", "delivered");
  await bench.data.deliver("desk", "rejected");
});
afterEach(() => bench.close());

test("what was delivered and what died is put back; what a shadow route held back is not", async () => {
  expect(await bench.json("replay", "--since", "1h")).toEqual({
    dry_run: false,
    alerts: 2,
    deliveries: 3,
    replayed: 3,
    destinations: { chat: 2, desk: 1 },
  });
  expect(await bench.data.deliver("chat", "delivered")).toBe(2);
  expect(await bench.data.deliver("desk", "delivered")).toBe(1);
});

test("a dry run says how many and puts nothing back", async () => {
  const { code, out } = await bench.run("replay", "--since", "1h", "--dry-run");
  expect(code).toBe(0);
  expect(out).toMatch(/^would put back 3 deliveries of 2 alerts\nDESTINATION +DELIVERIES\n/);
  expect(await bench.data.deliver("chat", "delivered")).toBe(0);
});

test.each([
  [["--destination", "desk"], 1],
  [["--query", "severity: medium"], 1],
  [["--query", "severity: medium", "--destination", "desk"], 0],
  [["--until", "30m"], 0],
  [["--until", "2026-05-04T12:00:01Z"], 3],
])("replay --since 1h %j", async (argv, expected) => {
  expect(await bench.json("replay", "--since", "1h", ...argv)).toMatchObject({
    replayed: expected,
  });
});

test("a status that was written back goes again only when its destination is named", async () => {
  const database = new Database(bench.data.paths.store);
  saveWriteBackTargets(database, new Map([["sensor", "lab"]]));
  changeAlert(database, 1 as Position, { status: "acknowledged" }, "ann", NOON);
  database.close();
  await bench.data.deliver(LAB, "delivered");
  expect(await bench.json("replay", "--since", "1h")).toMatchObject({
    deliveries: 3,
    destinations: { chat: 2, desk: 1 },
  });
  expect(await bench.data.deliver(LAB, "delivered")).toBe(0);
  const named = ["--live", "--destination", LAB];
  expect(await bench.json("replay", "--since", "1h", ...named)).toMatchObject({ replayed: 1 });
  expect(await bench.data.store.claimDeliveries(LAB, NOON, 9)).toMatchObject([{ kind: "status" }]);
});

test("a dead one is listed and put back like any other", async () => {
  const database = new Database(bench.data.paths.store);
  saveWriteBackTargets(database, new Map([["sensor", "lab"]]));
  changeAlert(database, 1 as Position, { status: "acknowledged" }, "ann", NOON);
  database.close();
  await bench.data.deliver(LAB, "rejected");
  const { out } = await bench.run("dead", "--destination", LAB);
  expect(out).toMatch(/status +write-back:lab/);
  expect((await bench.run("dead", "replay", "--destination", LAB)).code).toBe(0);
  expect(await bench.data.deliver(LAB, "delivered")).toBe(1);
});

test("the tries so far stay on record", async () => {
  await bench.run("replay", "--since", "1h");
  await bench.data.deliver("desk", "delivered");
  const [{ id }] = (await bench.json("deliveries", "--destination", "desk", "--state", "delivered"))
    .items;
  expect((await bench.json("deliveries", "show", String(id))).attempts).toHaveLength(2);
});

test("what was folded into a digest is replayed through its carrier, once", async () => {
  const data = await openBusyFolder();
  const busy = openBench({ env: { TOCSIN_DATA: data.path }, now: () => FLUSHED });
  const only = ["--destination", "chat"];
  expect(await busy.json("replay", "--since", "1h", "--live", ...only)).toMatchObject({
    alerts: 2,
    deliveries: 1,
    replayed: 1,
    destinations: { chat: 1 },
  });
  expect((await busy.run("deliveries", "show", "1")).out).toContain(
    "digest of 2 alerts (group_digest grouped): ALR-000001, ALR-000002",
  );
  expect(await data.deliver("chat", "delivered", FLUSHED)).toBe(1);
  busy.dispose();
  await data.remove();
});

const CONFIGURATION = `
sources: { sensor: { kind: generic } }
destinations: { chat: { kind: log }, desk: { kind: log } }
routes:
  - { name: each, match: "host.name: *", to: [chat], continue: true }
  - { name: grouped, match: "not host.name: *", to: [desk], group_by: [source.name] }
`;

function configure(text: string): string {
  const file = join(bench.folder, "other.yaml");
  writeFileSync(file, text);
  return file;
}

test("--shadow shows what the configuration as it is would send, and sends nothing", async () => {
  const argv = ["replay", "--since", "1h", "--shadow", "--config", configure(CONFIGURATION)];
  const { code, out, err } = await bench.runWith({ now: () => NOON + 60_000 }, ...argv);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toMatch(/^would send 2 messages\nTIME +DESTINATION +KIND +ALERTS +TITLE\n/);
  expect(out).toMatch(/\n2026-05-04 12:00:00Z +chat +alert +ALR-000001 +/);
  expect(out).toMatch(/\n2026-05-04 12:00:30Z +desk +digest of 2 +ALR-000002 ALR-000003 +/);
  expect(await bench.data.deliver("chat", "delivered")).toBe(0);
  const only = await bench.json(
    ...argv,
    "--until",
    "2026-05-04T12:00:01Z",
    "--destination",
    "chat",
  );
  expect(only).toMatchObject({
    left_out: { own: 0, quarantined: 1, pruned: 0 },
    messages: [
      {
        at: "2026-05-04T12:00:00.000Z",
        destination: "chat",
        route: "each",
        kind: "alert",
        reason: "first_notification",
        alerts: [{ number: "ALR-000001", count: 1 }],
      },
    ],
  });
});

test("--shadow asks for destinations of the configuration", async () => {
  const argv = ["replay", "--since", "1h", "--shadow", "--config", configure(CONFIGURATION)];
  const { code, err } = await bench.run(...argv, "--destination", "desc");
  expect(code).toBe(1);
  expect(err).toMatch(/no destination desc\n {2}hint: .*desk/);
});

test.each([
  [[], 64, "required option '--since <time>' not specified"],
  [["--since", "1h", "--until", "2h"], 64, "--until is not behind --since"],
  [["--since", "1h", "--live", "--shadow"], 64, "--live and --shadow exclude each other"],
  [["--since", "1h", "--shadow", "--query", "a: b"], 64, "--query goes with --live only"],
  [["--since", "soon"], 64, "argument 'soon' is invalid"],
  [["--since", "1h", "--query", "a: ("], 2, ""],
])("replay %j fails with %i and a hint", async (argv, expected, message) => {
  const { code, err } = await bench.run("replay", ...argv);
  expect(code).toBe(expected);
  expect(err).toContain(message);
  expect(err).toMatch(/\n {2}hint: \S/);
});
