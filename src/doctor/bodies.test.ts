import { expect, it } from "vitest";
import { readPage } from "../../test/docs/blocks.ts";
import { CONNECTOR_DOCUMENTS, indexTemplate } from "./bodies.ts";
import { wantedRole, writeRole } from "./role.ts";
import { aReader } from "./testing/reader.ts";

const guide = readPage("docs/guides/elastic.md").blocks.map(({ text }) => text.trimEnd());

it("prints the index template of the guide", () => {
  expect(guide).toContain(indexTemplate("siem-alert"));
});

it.each(Object.entries(CONNECTOR_DOCUMENTS))(
  "prints the document of the guide for a rule of the kind %s",
  (_kind, document) => {
    expect(guide).toContain(document);
  },
);

it("prints the role of the guide for what the guide reads", () => {
  const readers = [
    aReader({ indices: [".alerts-security.alerts-default"] }),
    aReader({ reads: "actions", indices: ["siem-alert"] }),
  ];
  const role = wantedRole(
    readers.map((reader) => ({ reader, behind: [] })),
    false,
  );
  expect(guide).toContain(writeRole(role));
});

it("names the index in its template, with what follows it", () => {
  const patterns = (index: string) => JSON.parse(indexTemplate(index)).index_patterns;
  expect(patterns("siem-alert")).toEqual(["siem-alert*"]);
  expect(patterns("siem-*")).toEqual(["siem-*"]);
});
