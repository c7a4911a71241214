import { expect, it } from "vitest";
import { parseConfiguration } from "../app/configuration.ts";
import { compilePipeline } from "../app/pipeline-configuration.ts";
import { registries } from "../app/registries.ts";
import { aCompiledSilence } from "../silence/testing/silences.ts";
import { rehearse } from "./rehearse.ts";

const START = Date.parse("2026-03-02T09:00:00Z");
const HOUR = 3_600_000;

/** What is told up to a time, and what waits then. */
async function tellOf(until: number) {
  const text = "sources: { s: { kind: generic } }\ndestinations: { d: { kind: log } }\n";
  const routes = "routes: [{ name: operators, to: [d] }]\n";
  const read = parseConfiguration({
    text: text + routes,
    file: null,
    env: {},
    registries,
    cwd: "/",
  });
  if (!read.ok) throw new RangeError(text);
  const end = new Date(START + 24 * HOUR).toISOString();
  const told: string[] = [];
  const waiting: string[] = [];
  await rehearse({
    entries: [],
    configuration: compilePipeline(read.configuration),
    silences: [aCompiledSilence({ id: "S-1", until: end, remind: HOUR })],
    since: START,
    until,
    documents: () => new Map(),
    onMessage: ({ alerts }) => told.push(...alerts.map(({ title }) => title)),
    onWaiting: ({ alerts }) => waiting.push(...alerts.map(({ title }) => title)),
  });
  return { told, waiting };
}

it("tells operators of a silence that ends soon", async () => {
  const title = expect.stringContaining("Silence S-1 ends");
  expect(await tellOf(START + 23 * HOUR)).toEqual({ told: [title], waiting: [] });
});

it("does not take for waiting what nobody has raised yet", async () => {
  expect(await tellOf(START + 22 * HOUR)).toEqual({ told: [], waiting: [] });
});
