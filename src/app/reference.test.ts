import { describe, expect, it } from "vitest";
import { configurationJsonSchema, generateReference, referencePage } from "./reference.ts";
import { registries } from "./registries.ts";

describe("the reference page", () => {
  const page = referencePage();

  it("has a section for every kind", () => {
    const kinds = [...registries.sources, ...registries.destinations].map(({ kind }) => kind);
    expect(kinds.filter((kind) => !page.includes(`### \`kind: ${kind}\``))).toEqual([]);
  });

  it("tells type, default and meaning of a setting", () => {
    expect(page).toContain(
      "| `limits.body` | size | `10MiB` | Longest request body as it comes. |",
    );
    expect(page).toContain("| `routes[].to` | list of text | *required* |");
    expect(page).toContain("| `hmac.secret` | secret | *required* |");
  });

  it("tells apart what is for sources that are sent to, and for those that are read", () => {
    const sectionOf = (heading: string) => page.split(`### ${heading}\n`)[1]?.split("\n##")[0];
    expect(sectionOf("Every source that is sent to")).toContain("| `auth` |");
    expect(sectionOf("Every source that is read")).toContain(
      "| `reconcile.every` | duration | `1h` | How often. |",
    );
    expect(sectionOf("`kind: elastic-alerts`")).toMatch(/^\nIt is read\.\n/);
    expect(sectionOf("`kind: elastic-alerts`")).not.toContain("| `interval` |");
  });

  it("tells of policies and of how fast a route speaks", () => {
    expect(page).toContain(
      "| `fold[].window` | duration | `1h` | Longest time between two of them. |",
    );
    expect(page).toContain("| `routes[].hours.outside` | `hold` or list of text | `hold` |");
    const groups = ["cases", "correlate", "inhibit", "silences", "calendars", "stop_values"];
    expect(groups.filter((group) => !page.includes(`| \`${group}\` |`))).toEqual([]);
  });

  it("describes every setting outside of sources and destinations", () => {
    const settings = page.slice(page.indexOf("## Settings"), page.indexOf("## Sources"));
    const rows = settings.split("\n").filter((line) => line.startsWith("| `"));
    expect(rows.length).toBeGreaterThan(30);
    expect(rows.filter((row) => row.endsWith("|  |"))).toEqual([]);
  });
});

describe("the JSON Schema", () => {
  const schema = configurationJsonSchema() as {
    additionalProperties: boolean;
    properties: Record<string, { properties?: Record<string, unknown> }>;
    required?: string[];
  };

  it("describes the file as it is written: nothing required, units in text, no key unknown", () => {
    expect(schema.required).toBeUndefined();
    expect(schema.additionalProperties).toBe(false);
    expect(schema.properties["limits"]?.properties?.["body"]).toMatchObject({ type: "string" });
  });

  it("has no `duration` in the sense of ISO 8601", () => {
    expect(JSON.stringify(schema)).not.toContain('"format":"duration"');
    expect(JSON.stringify(schema)).toContain("(ms|s|m|h|d)");
  });

  it("is generated the same each time, beside the page", () => {
    expect(generateReference().map(({ path }) => path)).toEqual([
      "docs/reference/configuration.md",
      "docs/reference/tocsin.schema.json",
    ]);
    expect(generateReference()).toEqual(generateReference());
  });
});
