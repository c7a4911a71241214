import { expect, it } from "vitest";
import { parseApplied, recordableConfiguration } from "./applied-configuration.ts";
import { registries } from "./registries.ts";

const CONFIGURATION = `
sources: { s: { kind: generic } }
clusters: { lab: { url: "https://es.lab:9200", api_key: "\${env:ES_KEY}" } }
destinations:
  written: { kind: slack, webhook_url: "https://hooks.test/s3cret" }
  referred: { kind: slack, webhook_url: "\${env:SLACK}" }
routes: [{ name: all, to: [written, referred] }]
`;

it("what ran last is kept as it was written, without the secrets that stand in it", () => {
  const kept = JSON.parse(recordableConfiguration(CONFIGURATION, registries)) as unknown;
  expect(kept).toMatchObject({
    clusters: { lab: { api_key: "${env:ES_KEY}" } },
    destinations: {
      written: { webhook_url: expect.not.stringContaining("s3cret") },
      referred: { webhook_url: "${env:SLACK}" },
    },
    routes: [{ name: "all", to: ["written", "referred"] }],
  });
});

it("it can be read again where none of its references leads anywhere", () => {
  const text = recordableConfiguration(CONFIGURATION, registries);
  const read = parseApplied(text, { file: null, env: {}, registries, cwd: "/nowhere" });
  expect(read.ok && [...read.configuration.destinations.keys()]).toEqual(["written", "referred"]);
});
