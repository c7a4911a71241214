/**
 * Which search engines the tests of this folder run against: one that starts fast, or those that the
 * environment names: `TOCSIN_SEARCH_ENGINES=opensearch:2.19.6,elasticsearch:9.5.3`, or `all`.
 */
import { describe, expect, it } from "vitest";
import type { Engine, Flavour } from "./distribution.ts";
import { missingFor } from "./search-engine.ts";

/** Milliseconds; enough for the first download on a slow line. */
export const START_TIMEOUT = 600_000;

const ALL = [
  "elasticsearch:7.17.29",
  "elasticsearch:8.19.21",
  "elasticsearch:9.5.3",
  "opensearch:2.19.6",
  "opensearch:3.6.0",
];
const USUAL = "elasticsearch:7.17.29";

const asked = process.env["TOCSIN_SEARCH_ENGINES"];
const ENGINES = (asked === "all" ? ALL : (asked || USUAL).split(",")).map(readEngine);

/**
 * Declares the tests for each engine, in a block named `elasticsearch 7.17.29`: the table of engines
 * in docs/reference is read from these names. Without the tools that an engine needs its tests are
 * skipped; they fail in CI and where the engine was asked for.
 */
export function describeEngines(declareTests: (engine: Engine) => void): void {
  for (const engine of ENGINES) {
    const name = `${engine.flavour} ${engine.version}`;
    const missing = missingFor(engine);
    if (missing === undefined) describe(name, () => declareTests(engine));
    else if (process.env["CI"] || asked)
      describe(name, () => it("can run here", () => expect.unreachable(`${missing} is missing`)));
    else it.skip(`${name} — SKIPPED: ${missing} is missing`, () => undefined);
  }
}

function readEngine(text: string): Engine {
  const [flavour = "", version = ""] = text.split(":");
  if (!isFlavour(flavour) || !/^\d+(\.\d+)+$/.test(version))
    throw new RangeError(`"${text}" is no engine; write one of ${ALL.join(", ")}`);
  return { flavour, version };
}

function isFlavour(text: string): text is Flavour {
  return text === "elasticsearch" || text === "opensearch";
}
