import { describe, expect, it } from "vitest";
import { registries } from "./registries.ts";
import { sourceOfEntry } from "./sources.ts";

describe("the source of an entry", () => {
  it.each(registries.sources.map(({ kind }) => kind))(
    "reads entries of kind %s after the source is gone from the configuration",
    (kind) => {
      const source = sourceOfEntry(new Map(), { source: "gone", kind });
      expect(source).toMatchObject({ name: "gone", kind });
    },
  );

  it("is unknown for a kind that there is not", () => {
    expect(sourceOfEntry(new Map(), { source: "gone", kind: "carrier-pigeon" })).toBeUndefined();
  });
});
