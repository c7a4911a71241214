/**
 * Every fenced block of the README and the guides is checked, in the order of its page:
 *
 * | block | check |
 * |---|---|
 * | `yaml` | is a whole configuration, without errors or warnings |
 * | `json` | is JSON; with `source=KIND` that kind of source makes `events=N` (1) events of it |
 * | `mustache source=KIND context=NAME` | the same, after rendering as Kibana does: as the body of its
 *   webhook connector, or for `elastic-actions` as a document of its index connector |
 * | `kql` | every line is a query |
 * | `sh` | runs, and exits with `exit=N` (0); `server` starts the page's server, `background` stays |
 * | `text output` | is what the `sh` block before it printed; `…` stands for anything |
 * | `text delivery` | is what the server prints; `…` as above |
 * | `text`, `js` | nothing by itself |
 *
 * A block with `doctor=NAME` is also, letter by letter, what `tocsin doctor elastic` prints.
 *
 * `file=NAME` writes the block into the folder of the page first. `skip="why"` leaves a block out;
 * those are counted and printed. Blocks of other languages fail.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseConfiguration } from "../../src/app/configuration.ts";
import { registries } from "../../src/app/registries.ts";
import { formatProblem } from "../../src/config/problem.ts";
import { parseKql } from "../../src/kql/index.ts";
import { decodeReceipt } from "../../src/sources/decode.ts";
import { neededSettings } from "../../src/sources/testing/settings.ts";
import { listPages, readPages, ROOT, type Block, type Page } from "./blocks.ts";
import { DOCTOR_TEXTS } from "./doctor-texts.ts";
import { KIBANA_CONTEXTS } from "./kibana-contexts.ts";
import { renderKibana, renderKibanaDocument } from "./mustache.ts";
import { missingPeer } from "./peers.ts";
import { sampleEnv } from "./sample-env.ts";
import { requireBuild, until } from "./tocsin.ts";
import { Walk } from "./walk.ts";

const pages = readPages();

beforeAll(requireBuild);

describe.each(pages.filter(isWalked))("$path", (page) => {
  const walk = new Walk(page.path, page.text);
  beforeAll(() => walk.open());
  afterAll(() => walk.close());

  it.each(page.blocks.filter(isChecked))("$place $language", async (block) => {
    await CHECKS[block.language]?.(block, walk);
  });

  const shown = page.blocks.find(({ text }) => text.includes("INGEST_KEY"));
  if (!shown) return;
  it("shows the line that the first start prints", () => {
    expect(walk.printed).toContain(walk.fill(shown.text).replaceAll(/\\\n\s*/g, ""));
  });
});

/** Outside CI, pages whose peer cannot be had on this machine are left out, and said so. */
function isWalked({ path, text, blocks }: Page): boolean {
  const missing = process.env["CI"] ? null : missingPeer(text);
  if (missing !== null) process.stderr.write(`${path} is not walked: ${missing}\n`);
  return blocks.length > 0 && missing === null;
}

const CHECKS: Readonly<Record<string, (block: Block, walk: Walk) => Promise<void> | void>> = {
  yaml: checkConfiguration,
  json: checkJson,
  mustache: checkTemplate,
  kql: checkQueries,
  sh: checkCommands,
  text: checkText,
  js: writeFile,
};

function isChecked({ words }: Block): boolean {
  return !words.has("skip");
}

function writeFile({ text, words }: Block, walk: Walk): void {
  const name = words.get("file");
  if (name) walk.write(name, text);
}

function checkQueries({ text }: Block): void {
  for (const line of text.split("\n")) expect(() => parseKql(line), line).not.toThrow();
}

function checkConfiguration(block: Block, walk: Walk): void {
  const read = parseConfiguration({
    text: block.text,
    file: "tocsin.yaml",
    env: { ...sampleEnv(block.text), ...walk.env },
    registries,
    cwd: walk.folder,
  });
  expect(read.problems.map(formatProblem)).toEqual([]);
  writeFile(block, walk);
}

function checkJson(block: Block, walk: Walk): void {
  expect(() => void JSON.parse(block.text)).not.toThrow();
  if (block.words.has("source")) checkBody(block, block.text);
  checkDoctor(block);
  writeFile(block, walk);
}

function checkTemplate(block: Block): void {
  const name = block.words.get("context") as keyof typeof KIBANA_CONTEXTS;
  checkBody(block, renderAction(block, KIBANA_CONTEXTS[name]));
  checkDoctor(block);
}

/** What the connector that the source is made for sends or stores. */
function renderAction({ text, words }: Block, context: object): string {
  if (words.get("source") !== "elastic-actions") return renderKibana(text, context);
  const _source = renderKibanaDocument(text, context);
  return JSON.stringify({ _index: "siem-alert", _id: "d1", _source });
}

function checkDoctor({ words, text }: Block): void {
  const name = words.get("doctor");
  if (name !== undefined) expect(text.trimEnd()).toBe(DOCTOR_TEXTS.get(name));
}

function checkBody({ words }: Block, text: string): void {
  const kind = words.get("source") ?? "";
  const definition = registries.sources.find((source) => source.kind === kind);
  if (!definition) return expect.unreachable(`no kind of source ${kind}`);
  const context = { name: kind, config: definition.config.parse(neededSettings(definition)) };
  const { events, rejected } = decodeReceipt(definition, context, { bytes: Buffer.from(text) });
  expect({ events: events.length, rejected }).toEqual({
    events: Number(words.get("events") ?? 1),
    rejected: [],
  });
  for (const { stream, document, repaired } of events) {
    const event = { stream, document, repaired, received_at: 0 };
    const { alert } = definition.normalise(event, { ...context, kind });
    expect(alert.title).not.toBe("");
    expect(alert.provenance.flags).toEqual([]);
  }
}

async function checkCommands(block: Block, walk: Walk): Promise<void> {
  const { code, out, err } = await walk.runBlock(block);
  expect(code, `${out}\n${err}`).toBe(Number(block.words.get("exit") ?? 0));
}

async function checkText(block: Block, walk: Walk): Promise<void> {
  if (block.words.has("output")) expect(walk.output).toMatch(patternOf(block, "^", "\\s*$"));
  if (!block.words.has("delivery")) return;
  const pattern = patternOf(block, "^", "$");
  await until(() => pattern.test(walk.printed), `${block.place}: the server prints it`);
}

function patternOf({ text }: Block, before: string, after: string): RegExp {
  const escaped = text.trim().replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`${before}${escaped.replaceAll("…", "[^]*?")}${after}`, "m");
}

/** What looks like a metric of ours and is a label of alerts at Alertmanager. */
const LABELS = ["tocsin_id"];

describe("pages", () => {
  it("have no block in a language that nothing checks", () => {
    const blocks = pages.flatMap((page) => page.blocks);
    expect(blocks.filter(({ language }) => !(language in CHECKS))).toEqual([]);
  });

  it("give a reason for every block that is not run", () => {
    const skipped = pages.flatMap(({ blocks }) => blocks.filter((block) => !isChecked(block)));
    const reasons = skipped.map(({ place, words }) => `${place}: ${words.get("skip")}`);
    process.stderr.write(`${skipped.length} blocks are not run\n${reasons.join("\n")}\n`);
    expect(reasons.filter((reason) => !/: \S{3,}/.test(reason))).toEqual([]);
  });

  it("name only metrics that there are", () => {
    const known = readFileSync(join(ROOT, "docs/reference/metrics.md"), "utf8");
    const named = pages.flatMap(({ text }) => text.match(/\btocsin_[a-z_]+/g) ?? []);
    const metrics = named.filter((name) => !LABELS.includes(name));
    expect(metrics.filter((name) => !known.includes(`\`${name}\``))).toEqual([]);
    expect(named.length).toBeGreaterThan(0);
  });

  it.each(listPages())("%s links to files that are there", (path) => {
    const text = readFileSync(join(ROOT, path), "utf8");
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
    const files = targets.filter((target) => !/^(https?:|#)/.test(target));
    const missing = files.filter(
      (target) => !existsSync(resolve(ROOT, dirname(path), target.replace(/#.*/, ""))),
    );
    expect(missing).toEqual([]);
  });
});
