import { expect, test } from "vitest";
import { openBench } from "./testing/run.ts";

test("version names the package, Node, the engine and the schemas", async () => {
  const bench = openBench();
  expect(await bench.json("version")).toEqual({
    tocsin: expect.stringMatching(/^\d+\.\d+\.\d+/),
    node: process.version,
    sqlite: { version: expect.stringMatching(/^3\./), engine: expect.any(String) },
    schema: { stream: expect.any(Number), store: expect.any(Number) },
  });
  expect((await bench.run("version")).out).toMatch(
    /^tocsin \d.*\nnode v.*\nsqlite 3.*\nschema stream/,
  );
  bench.dispose();
});
