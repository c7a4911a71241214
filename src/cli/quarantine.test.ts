import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { aRejectedEntry } from "../ledger/testing/folder.ts";
import { EVIL, openDataBench, type DataBench } from "./testing/data.ts";

const CONFIGURATION = `
sources: { sensor: { kind: generic } }
destinations: { file: { kind: file, path: out.ndjson } }
routes: [{ name: all, to: [file] }]
`;

/** Readable to the source, and to the simple pipeline of the test folder. */
const MENDED = '{"title": "Mended", "alert": {"title": "Mended"}}';

let bench: DataBench;
let id: string;
beforeEach(async () => {
  bench = await openDataBench();
  writeFileSync(join(bench.folder, "tocsin.yaml"), CONFIGURATION);
  id = (await bench.json("quarantine")).items[0].id;
});
afterEach(() => bench.close());

const repaired = (text: string) => {
  writeFileSync(join(bench.folder, "repaired.json"), text);
  return bench.run("quarantine", "replay", id, "--file", "repaired.json");
};
const open = async () => (await bench.json("quarantine")).items.length;

test("the quarantine is listed with reason and detail", async () => {
  const { code, out } = await bench.run("quarantine", "list");
  expect(code).toBe(0);
  expect(out).toMatch(/^ID +RECEIVED +SOURCE +BYTES +STATE +REASON +DETAIL\n/);
  expect(out).toMatch(new RegExp(`\\n${id} .* sensor +\\d+ +open +unreadable +not JSON\\n`));
});

test("an item is shown without commanding the terminal", async () => {
  const { code, out } = await bench.run("quarantine", "show", id);
  expect(code).toBe(0);
  expect(out).toContain("reason    unreadable");
  expect(out).toContain("cleared");
  // oxlint-disable-next-line no-control-regex -- that is what is looked for
  expect(out).not.toMatch(/[\u0007\u001b\u202e]/);
});

test("--raw writes the bytes as they came and nothing else", async () => {
  const { out } = await bench.run("quarantine", "show", id, "--raw");
  expect(out).toBe(`{"broken": ${EVIL}`);
});

test("a repaired body is taken in, and the item resolved", async () => {
  const { code, out } = await repaired(MENDED);
  expect(code).toBe(0);
  expect(out).toMatch(/^taken in as 1 event\n {2}\S{26} {2}\S+\n$/);
  expect(await open()).toBe(0);
  const [item] = (await bench.json("quarantine", "--state", "resolved")).items;
  expect(item).toMatchObject({ id, resolution: expect.stringMatching(/^replayed as \S{26}$/) });
  await bench.data.decide();
  expect((await bench.json("alerts")).items[0]).toMatchObject({ title: "Mended" });
  expect((await bench.run("audit")).code).toBe(0);
});

test("what still cannot be read changes nothing", async () => {
  const { code, err } = await bench.run("quarantine", "replay", id);
  expect(code).toBe(2);
  expect(err).toMatch(/^tocsin: source sensor: it still cannot be read: .*\n {2}hint: .*--file/);
  expect(await open()).toBe(1);
  expect((await bench.json("audit")).newest).toBe(4);
});

test("an item that was resolved is not taken in again by mistake", async () => {
  await repaired(MENDED);
  const { code, err } = await bench.run("quarantine", "replay", id);
  expect(code).toBe(1);
  expect(err).toContain("was resolved at");
});

test("an item that is not recorded yet has to wait", async () => {
  await bench.data.receive([aRejectedEntry("q:2", "{")]);
  const [newest] = (await bench.json("quarantine")).items;
  writeFileSync(join(bench.folder, "repaired.json"), MENDED);
  const argv = ["quarantine", "replay", newest.id, "--file", "repaired.json"];
  const { code, err } = await bench.run(...argv);
  expect(code).toBe(1);
  expect(err).toContain("waits to be recorded");
  expect((await bench.json("audit")).newest).toBe(5);
});

test("an item of a source that is gone says so", async () => {
  writeFileSync(join(bench.folder, "tocsin.yaml"), CONFIGURATION.replace("sensor:", "other:"));
  const { code, err } = await repaired(MENDED);
  expect(code).toBe(1);
  expect(err).toContain('its source "sensor" is not configured');
});

test.each([
  [["show", "01ARZ3NDEKTSV4RRFFQ69G5FAV"], 1, "there is no "],
  [["replay", "nonsense"], 1, "there is no nonsense"],
  [["replay", "nonsense", "--file", "missing.json"], 2, "cannot read "],
  [["--state", "closed"], 64, "argument 'closed' is invalid"],
])("quarantine %j fails with %i and a hint", async (argv, expected, message) => {
  const { code, err } = await bench.run("quarantine", ...argv);
  expect(code).toBe(expected);
  expect(err).toContain(message);
  expect(err).toMatch(/\n {2}hint: \S/);
});
