/** What pages and examples show of a preset is what `tocsin init --preset` writes, without its comments. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { supernaPreset } from "../../src/config/presets/superna.ts";
import { readPage, ROOT } from "./blocks.ts";

it("the guide shows the preset of Superna", () => {
  const { blocks } = readPage("docs/guides/superna.md");
  const shown = blocks.find(({ language }) => language === "yaml")?.text ?? "";
  expect(parse(shown)).toEqual(parse(supernaPreset.text));
});

it("the example runs the preset of Superna", () => {
  const text = readFileSync(join(ROOT, "examples/superna-listener/tocsin.yaml"), "utf8");
  expect(parse(text)).toEqual(parse(supernaPreset.text));
});
