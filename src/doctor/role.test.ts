import { describe, expect, it } from "vitest";
import { wantedOf, wantedRole, writeRole } from "./role.ts";
import { aReader } from "./testing/reader.ts";

const namesOf = (indices: readonly string[], behind: readonly string[] = []) =>
  wantedOf({ reader: aReader({ indices }), behind }, false).names;

describe("the names of a role", () => {
  it("are the alias of alerts and the indices that Kibana keeps them in", () => {
    const alerts = ".alerts-security.alerts-soc";
    expect(namesOf([alerts])).toEqual([alerts, ".internal.alerts-security.alerts-soc-*"]);
    expect(namesOf([".siem-signals-soc"])).toEqual([".siem-signals-soc", ".siem-signals-soc-*"]);
  });

  it("are what was found behind an alias, with its successors, once", () => {
    expect(namesOf(["siem-alert"], ["alerts-000001", "alerts-000002", "other"])).toEqual([
      "siem-alert",
      "alerts-*",
      "other",
    ]);
  });

  it("leave out what the pattern of the source covers, and what comes with a data stream", () => {
    expect(namesOf(["siem-*"], ["siem-a-000001", "siem-b"])).toEqual(["siem-*"]);
    expect(namesOf(["siem-alert"], [".ds-siem-alert-2026.05.05-000001"])).toEqual(["siem-alert"]);
    // A dot is a dot.
    expect(namesOf(["a.b*"], ["aXbc"])).toEqual(["a.b*", "aXbc"]);
  });
});

describe("the privileges of a role", () => {
  const privilegesOf = (given: Parameters<typeof aReader>[0], write = false) =>
    wantedOf({ reader: aReader(given), behind: [] }, write).privileges;

  it("are to read, and what the source does beyond it", () => {
    expect(privilegesOf({})).toEqual(["read"]);
    expect(privilegesOf({ deletes: true })).toEqual(["read", "delete"]);
    expect(privilegesOf({ writesBack: true })).toEqual([
      "read",
      "write",
      "maintenance",
      "view_index_metadata",
    ]);
  });

  it("are to write a test document into the action index only", () => {
    expect(privilegesOf({ reads: "actions" }, true)).toEqual(["read", "create_doc"]);
    expect(privilegesOf({}, true)).toEqual(["read"]);
  });
});

it("is one entry for sources that read the same", () => {
  const indices = ["siem-alert"];
  const readers = [aReader({ indices }), aReader({ indices, deletes: true })];
  const { indices: entries } = wantedRole(
    readers.map((reader) => ({ reader, behind: [] })),
    false,
  );
  expect(entries).toEqual([{ names: indices, privileges: ["read", "delete"] }]);
});

it("is written as JSON with short lines", () => {
  const reader = aReader({ indices: ["siem-alert"] });
  const text = writeRole(wantedRole([{ reader, behind: [] }], false));
  expect(text).toBe(`{
  "cluster": ["monitor"],
  "indices": [{ "names": ["siem-alert"], "privileges": ["read"] }]
}`);
});
