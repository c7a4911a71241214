import { expect, it } from "vitest";
import { describeSupport, SUPPORTED_VERSIONS } from "./support.ts";

it.each([
  ["elasticsearch", "7.10.0"],
  ["elasticsearch", "7.17.29"],
  ["elasticsearch", "9.5.3-SNAPSHOT"],
  ["opensearch", "2.0.1"],
  ["opensearch", "3.6.0"],
] as const)("supports %s %s", (flavour, version) => {
  expect(describeSupport({ flavour, version })).toBeNull();
});

it("takes the version that OpenSearch pretends to have for no version", () => {
  expect(describeSupport({ flavour: "opensearch", version: "7.10.2" })).toBeNull();
});

it.each([
  ["elasticsearch", "6.8.23", "Elasticsearch 6.8.23 is too old: versions 7.10 to 9"],
  ["elasticsearch", "7.9.3", "Elasticsearch 7.9.3 is too old: versions 7.10 to 9"],
  ["opensearch", "1.3.20", "OpenSearch 1.3.20 is too old: versions 2.0 to 3"],
  ["elasticsearch", "10.0.0", "Elasticsearch 10.0.0 is newer than what was tested"],
  ["opensearch", "4.0.0", "OpenSearch 4.0.0 is newer than what was tested"],
  ["elasticsearch", "?", "Elasticsearch ? is too old"],
] as const)("says of %s %s that it is not supported", (flavour, version, words) => {
  expect(describeSupport({ flavour, version })).toContain(words);
});

it("names a range for each flavour", () => {
  expect(Object.keys(SUPPORTED_VERSIONS)).toEqual(["elasticsearch", "opensearch"]);
});
