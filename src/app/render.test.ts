import { expect, it } from "vitest";
import { alertWith, caseWith } from "../destinations/testing/messages.ts";
import { parseConfiguration } from "./configuration.ts";
import { registries } from "./registries.ts";
import { renderMessage, type RenderParts } from "./render.ts";

const TEXT = `
public_url: https://tocsin.example.org
sources: { kibana: { kind: kibana } }
destinations:
  line: { kind: log, template: { line: "{{ key }} {{ case.id }} {{ case.title }} {{ links.case }}" } }
routes:
  - { name: all, to: [line] }
`;

it("a message has the key of the first delivery, and tells of the alert's case with its link", async () => {
  const options = { env: {}, registries, cwd: "/", file: "tocsin.yaml", text: TEXT };
  const result = parseConfiguration(options);
  if (!result.ok) return expect.unreachable(JSON.stringify(result.problems));
  const { configuration } = result;
  const ledger = {
    getAlert: async () => alertWith({ case_id: "CASE-000012" }),
    getCase: async () => caseWith({ link: null }),
  } as unknown as RenderParts["ledger"];
  const line = configuration.destinations.get("line");
  if (!line) return expect.unreachable("it is not there");
  const asked = { alert: "ALR-000123", kind: "alert" } as const;
  const shown = await renderMessage(line, asked, { configuration, ledger, now: () => 0 });
  const link = "https://tocsin.example.org/api/v1/cases/CASE-000012";
  const key = `${alertWith().id}-line`;
  expect(shown.text).toContain(`${key} CASE-000012 Brute force on web-1 ${link}`);
});
