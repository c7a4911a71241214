/**
 * A kind of destination costs its folder and a line in `index.ts`: nothing else in the source may know
 * it by name. So do the fake peer and the guide, which are not part of the program.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { destinations } from "./index.ts";

const SOURCE = fileURLToPath(new URL("../", import.meta.url));

/** Files that name a kind, and why each may. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  // What runs where there is no configuration, and the settings that name programs and paths.
  file: ["app/configuration.ts", "service/plan.ts"],
  log: ["app/configuration.ts"],
  command: ["app/destination-checks.ts"],
};

const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts") && !/\.test\.ts$|(^|\/)testing\//.test(path))
  .map((path) => ({ path, text: readFileSync(join(SOURCE, path), "utf8") }));

it.each(destinations.map(({ kind }) => kind))("%s is known to its folder alone", (kind) => {
  const own = `destinations/${kind}/`;
  const named = new RegExp(`kind:? (===? )?"${kind}"|(from |import\\()"[^"]*/${kind}/`);
  const knowing = files
    .filter(({ path, text }) => !path.startsWith(own) && named.test(text))
    .map(({ path }) => path)
    .filter((path) => path !== "destinations/index.ts" && !path.startsWith("sources/"));
  expect(knowing.filter((path) => !(MAY[kind] ?? []).includes(path))).toEqual([]);
  expect(files.some(({ path }) => path.startsWith(own))).toBe(true);
});
