/** Reading files of timeline tests. */
import { readFileSync } from "node:fs";
import { loadConfig } from "../config/load.ts";
import type { Problem } from "../config/problem.ts";
import { fail, messageOf } from "../errors.ts";
import { scenarioFileSchema, type Scenario } from "./scenario-schema.ts";

export type ScenarioFile =
  | { readonly ok: true; readonly file: string; readonly tests: readonly Scenario[] }
  | { readonly ok: false; readonly file: string; readonly problems: readonly Problem[] };

/** Reads one file. Throws CONFIG_NOT_FOUND when it cannot be read. */
export function readScenarioFile(path: string, file: string): ScenarioFile {
  const loaded = loadConfig({
    text: readText(path),
    file,
    schema: scenarioFileSchema,
    // A test must come to the same everywhere, so it refers to nothing outside.
    resolver: () => ({ ok: true, value: "" }),
  });
  if (!loaded.ok) return { ok: false, file, problems: loaded.problems };
  return { ok: true, file, tests: loaded.value.tests };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw fail("CONFIG_NOT_FOUND", {
      component: "test",
      message: `${path} cannot be read: ${messageOf(cause)}`,
      hint: "name the files of tests, or keep them as *.test.yaml beside the configuration",
      cause,
    });
  }
}
