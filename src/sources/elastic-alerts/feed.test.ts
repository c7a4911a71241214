import { describe, expect, it } from "vitest";
import { TocsinError } from "../../errors.ts";
import { IDENTITY_FIELDS } from "./decode.ts";
import { feedSettings } from "./feed.ts";
import { alertsSettings } from "./settings.ts";

const read = (settings: object) =>
  feedSettings(alertsSettings.parse({ cluster: "lab", ...settings }));

const NO_BUILDING_BLOCKS = {
  bool: {
    must_not: [
      { exists: { field: "kibana.alert.building_block_type" } },
      { exists: { field: "signal.rule.building_block_type" } },
    ],
  },
};

describe("what elastic-alerts reads", () => {
  it("follows from the cluster alone: detection alerts of the default space, new and changed", () => {
    expect(read({})).toEqual({
      cluster: "lab",
      index: ".alerts-security.alerts-default",
      size: 1000,
      overlap: 600_000,
      settle: 5000,
      startTime: null,
      consume: "keep",
      timeless: false,
      tracks: [
        { name: "created", field: "@timestamp", filter: [] },
        {
          name: "grown",
          field: "kibana.alert.last_detected",
          filter: [{ range: { "kibana.alert.suppression.docs_count": { gt: 0 } } }],
          since: "origin",
        },
        { name: "changed", field: "kibana.alert.workflow_status_updated_at", since: "origin" },
      ],
      filter: [NO_BUILDING_BLOCKS],
      identityFields: IDENTITY_FIELDS,
    });
  });

  it("names an alias for each space and origin, each once", () => {
    const spaces = ["default", "blue"];
    expect(read({ spaces, from: ["security", "signals", "security"] }).index.split(",")).toEqual([
      ".alerts-security.alerts-default",
      ".alerts-security.alerts-blue",
      ".siem-signals-default",
      ".siem-signals-blue",
    ]);
  });

  it("finds the alerts of stack rules of a space in the one alias they all have", () => {
    const { index, filter } = read({ spaces: ["blue"], from: ["security", "stack"] });
    expect(index).toBe(".alerts-security.alerts-blue,.alerts-stack.alerts-default");
    expect(filter).toContainEqual({
      bool: {
        should: [
          { terms: { "kibana.space_ids": ["blue"] } },
          { bool: { must_not: [{ exists: { field: "kibana.space_ids" } }] } },
        ],
        minimum_should_match: 1,
      },
    });
  });

  it("takes an index for what it is, whatever space and origin say", () => {
    const { index, filter } = read({ index: "my-alerts-*", from: ["stack"], spaces: ["blue"] });
    expect(index).toBe("my-alerts-*");
    expect(filter).toEqual([NO_BUILDING_BLOCKS]);
  });

  it("reads building blocks when it is asked to", () => {
    expect(read({ building_blocks: true }).filter).toEqual([]);
  });

  it("asks for the status of new alerts only, in the words of every version", () => {
    const [created, grown, changed] = read({ status: ["acknowledged", "closed"] }).tracks;
    const terms = ["acknowledged", "in-progress", "closed"];
    const should = [
      { terms: { "kibana.alert.workflow_status": terms } },
      { terms: { "signal.status": terms } },
    ];
    expect(created?.filter).toEqual([{ bool: { should, minimum_should_match: 1 } }]);
    expect([grown?.filter, changed?.filter]).toEqual([read({}).tracks[1]?.filter, undefined]);
  });

  it("takes an alert without a status for open", () => {
    const without = ["kibana.alert.workflow_status", "signal.status"].map((field) => ({
      exists: { field },
    }));
    expect(read({ status: ["open"] }).tracks[0]?.filter).toMatchObject([
      { bool: { should: [{}, {}, { bool: { must_not: without } }] } },
    ]);
  });

  it("has the cluster filter by KQL, on all tracks", () => {
    const { filter } = read({ filter: "kibana.alert.severity: high", building_blocks: true });
    expect(filter).toHaveLength(1);
    expect(JSON.stringify(filter)).toContain("kibana.alert.severity");
  });

  it("refuses KQL that cannot be read", () => {
    const opening = () => read({ filter: "severity: (" });
    expect(opening).toThrow(TocsinError);
    expect(opening).toThrow(expect.objectContaining({ code: "KQL_INVALID" }));
  });

  it.each(["My Space", "a/b", "*", ""])("knows no space %j", (space) => {
    expect(alertsSettings.safeParse({ cluster: "lab", spaces: [space] }).success).toBe(false);
  });
});
