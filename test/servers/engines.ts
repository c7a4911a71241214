/**
 * Which search engines the tests of this folder run against: one that starts fast, or those that the
 * environment names: `TOCSIN_SEARCH_ENGINES=opensearch:2.19.6,elasticsearch:9.5.3`.
 */
import { describe, expect, it } from "vitest";
import type { Engine, Flavour } from "./distribution.ts";
import { missingFor } from "./search-engine.ts";

/** Milliseconds; enough for the first download on a slow line. */
export const START_TIMEOUT = 600_000;

const ENGINES = (process.env["TOCSIN_SEARCH_ENGINES"] ?? "elasticsearch:7.17.29")
  .split(",")
  .map(readEngine);

/** Declares the tests for each engine. Without the tools it needs they are skipped, and fail in CI. */
export function describeEngines(declareTests: (engine: Engine) => void): void {
  for (const engine of ENGINES) {
    const name = `${engine.flavour} ${engine.version}`;
    const missing = missingFor(engine);
    if (missing === undefined) describe(name, () => declareTests(engine));
    else if (process.env["CI"])
      it(`has ${name}`, () => expect.unreachable(`${missing} is missing`));
    else it.skip(`${name} — SKIPPED: ${missing} is missing`, () => undefined);
  }
}

function readEngine(text: string): Engine {
  const [flavour, version = ""] = text.split(":");
  return { flavour: flavour as Flavour, version };
}
