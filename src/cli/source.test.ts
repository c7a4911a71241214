import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDataBench, type DataBench } from "./testing/data.ts";
import { NOON } from "../ledger/testing/folder.ts";
import { openBench } from "./testing/run.ts";

const CONFIGURATION = `
clusters: { lab: { url: "https://es.lab:9200" } }
sources:
  kibana: { kind: kibana }
  detections: { kind: elastic-alerts, cluster: lab }
  actions: { kind: elastic-actions, cluster: lab }
`;

let bench: DataBench;
beforeEach(async () => {
  bench = await openDataBench(NOON + 90_000);
  writeFileSync(join(bench.folder, "tocsin.yaml"), CONFIGURATION);
  const cursor = { cursor: "{}", readTo: NOON, at: NOON + 60_000 };
  await bench.data.stream.setCursor("detections", cursor);
});
afterEach(() => bench.close());

test("sources are listed with how far they were read", async () => {
  const { code, out } = await bench.run("source");
  expect(code).toBe(0);
  const [header, ...rows] = out.trimEnd().split("\n");
  expect(header).toMatch(/^NAME +KIND +VENDOR +READ TO +LAG +WHEN$/);
  const read = new Date(NOON).toISOString().slice(0, 16).replace("T", " ");
  expect(rows).toEqual([
    expect.stringMatching(/^kibana +kibana +Elastic +- +- +-$/),
    expect.stringMatching(
      new RegExp(`^detections +elastic-alerts +Elastic +${read}:00Z +1m +${read.slice(0, -2)}`),
    ),
    expect.stringMatching(/^actions +elastic-actions +Elastic +- +- +-$/),
  ]);
});

test("source list --json tells what is sent to from what was never read", async () => {
  const { items } = await bench.json("source", "list");
  expect(items).toEqual([
    { name: "kibana", kind: "kibana", vendor: "Elastic", feed: null },
    {
      name: "detections",
      kind: "elastic-alerts",
      vendor: "Elastic",
      feed: {
        read_to: new Date(NOON).toISOString(),
        lag_seconds: 90,
        at: new Date(NOON + 60_000).toISOString(),
      },
    },
    {
      name: "actions",
      kind: "elastic-actions",
      vendor: "Elastic",
      feed: { read_to: null, lag_seconds: null, at: null },
    },
  ]);
});

test("it works before there is data", async () => {
  const empty = openBench();
  writeFileSync(join(empty.folder, "tocsin.yaml"), CONFIGURATION);
  const { code, out } = await empty.run("source", "list");
  expect(code).toBe(0);
  expect(out).toContain("detections");
  empty.dispose();
});
