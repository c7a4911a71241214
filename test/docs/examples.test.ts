/**
 * Every example is run as its README says: the program is started, what is to be sent is sent, and
 * `expected.json` holds a part of what must arrive, by place: a kind of destination with a peer in
 * `peers.ts` (what that shows: messages of `slack`, alerts of `thehive` and `pagerduty`, mails of `email`,
 * documents of `elasticsearch`), `webhook` (requests to addresses at `example.org`), `kibana` (changes of
 * status that a strict fake of Kibana accepted), `terminal` (parts of lines that the server prints), or the
 * name of a file (its lines, as JSON). No more may arrive than stands there. Then the audit must balance
 * with nothing left in flight.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { readPage, ROOT } from "./blocks.ts";
import { requireBuild, until } from "./tocsin.ts";
import { Walk } from "./walk.ts";

const FOLDER = join(ROOT, "examples");
const names = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

const read = (name: string, file: string) => readFileSync(join(FOLDER, name, file), "utf8");

type Expected = Readonly<Record<string, readonly unknown[]>>;

let walk: Walk;
beforeAll(requireBuild);
afterEach(() => walk.close());

describe("examples", () => {
  it.each(names)("%s does what it is there for", async (name) => {
    const page = readPage(`examples/${name}/README.md`);
    walk = new Walk(page.path, page.text + read(name, "tocsin.yaml"));
    await walk.open();
    for (const file of readdirSync(join(FOLDER, name))) walk.write(file, read(name, file));

    for (const block of page.blocks) {
      const { code, out, err } = await walk.runBlock(block);
      expect(code, `${out}\n${err}`).toBe(0);
    }
    await expectArrivals(JSON.parse(read(name, "expected.json")) as Expected);

    const { balanced, gaps, in_flight: flying } = await walk.audit();
    expect({ balanced, gaps }).toEqual({ balanced: true, gaps: [] });
    expect(flying).toMatchObject({ entries: 0, deliveries: 0 });
  });
});

async function expectArrivals(expected: Expected): Promise<void> {
  for (const [place, wanted] of Object.entries(expected)) {
    const isThere = () => arrivalsAt(place).length >= wanted.length;
    await until(isThere, `${wanted.length} arrivals at ${place}`);
  }
  // What is recorded is over, so nothing more can come.
  const isOver = async () => (await walk.audit()).in_flight.deliveries === 0;
  await until(isOver, "nothing is left to be sent");
  for (const [place, wanted] of Object.entries(expected)) {
    const arrived = arrivalsAt(place);
    expect(arrived, place).toHaveLength(wanted.length);
    wanted.forEach((part, index) => expectPart(arrived[index], part));
  }
}

function expectPart(arrived: unknown, part: unknown): void {
  if (typeof part === "string") expect(arrived).toContain(part);
  else expect(arrived).toMatchObject(part as object);
}

function arrivalsAt(place: string): unknown[] {
  if (place === "webhook")
    return walk.received.map(({ path, body }) => ({ path, body: JSON.parse(body) }));
  if (place === "kibana") return [...walk.statusChanges];
  if (place === "terminal")
    return walk.printed.split("\n").filter((line) => line.includes(" ALR-"));
  return [...(walk.keptBy(place) ?? readLines(join(walk.folder, place)))];
}

/** Lines of a file in the order of their alerts: a destination sends in no particular order. */
function readLines(path: string): unknown[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  const entries = lines.map((line) => JSON.parse(line) as { alert: { number: string } });
  return entries.toSorted((a, b) => (a.alert.number < b.alert.number ? -1 : 1));
}
