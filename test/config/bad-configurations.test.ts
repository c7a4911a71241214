/**
 * Every `x.yaml` of this folder is a configuration with something wrong in it; `x.expected` beside it
 * holds all that has to be said about it, line for line.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readConfiguration } from "../../src/app/configuration.ts";
import { registries } from "../../src/app/registries.ts";
import { formatProblem } from "../../src/config/problem.ts";

const folder = dirname(fileURLToPath(import.meta.url));
const names = readdirSync(folder)
  .filter((name) => name.endsWith(".yaml"))
  .map((name) => name.slice(0, -".yaml".length));
const env = { SECRET: "s3cret-value", EMPTY: "" };

function read(name: string) {
  return readConfiguration({ file: `${name}.yaml`, env, registries, cwd: folder });
}

/** A kind more changes no file of this folder. */
function fillKinds(text: string): string {
  const { sources, destinations } = registries;
  return text
    .replaceAll("<kinds of source>", sources.map(({ kind }) => kind).join(", "))
    .replaceAll("<kinds of destination>", destinations.map(({ kind }) => kind).join(", "));
}

describe("bad configurations", () => {
  it("are all here, each with what is expected", () => {
    const expected = readdirSync(folder).filter((name) => name.endsWith(".expected"));
    expect(expected).toEqual(names.map((name) => `${name}.expected`));
    expect(names.length).toBeGreaterThanOrEqual(25);
  });

  it.each(names)("%s", (name) => {
    const expected = fillKinds(readFileSync(`${folder}/${name}.expected`, "utf8"))
      .trimEnd()
      .split("\n");
    const result = read(name);
    expect(result.problems.map(formatProblem)).toEqual(expected);
    // Warnings alone do not keep a configuration from being used.
    expect(result.ok).toBe(expected.every((line) => /^\S+ warning: /.test(line)));
    expect(expected.join("\n")).not.toContain(env.SECRET);
  });
});
