import { describe, expect, it } from "vitest";
import { artifactLines, factsOf, linkUrl } from "./facts.ts";
import { aDigest, alertWith, caseWith, hostileAlert, messageWith } from "./testing/messages.ts";

describe("the facts", () => {
  it("of an alert are those that it has", () => {
    expect(factsOf(messageWith({ case: caseWith() }))).toEqual([
      { label: "Severity", values: ["high"] },
      { label: "Source", values: ["kibana"] },
      { label: "Rule", values: ["Brute force"] },
      { label: "Host", values: ["web-1"] },
      { label: "User", values: ["bob"] },
      { label: "IP", values: ["203.0.113.7"] },
      { label: "ATT&CK", values: ["T1110.001"] },
      { label: "Time", values: ["2026-05-05T09:58:10.000Z"] },
      { label: "TLP", values: ["amber"] },
      { label: "Case", values: ["CASE-000012 Brute force on web-1"] },
    ]);
  });

  it("of a digest are its counts", () => {
    expect(factsOf(messageWith({ digest: aDigest() }))).toEqual([
      { label: "Alerts", values: ["3"] },
      { label: "Highest severity", values: ["high"] },
      { label: "Top rules", values: ["2 × Brute force", "1 × New service"] },
      { label: "Top hosts", values: ["3 × web-1"] },
    ]);
  });

  it("have few values, each once and in one line of bounded length", () => {
    const hosts = ["a", "a", "b", "c", "d", "e", "f"];
    const alert = {
      ...alertWith(),
      entities: { hosts, users: ["x\r\ny"], ips: ["z".repeat(500)] },
    };
    const facts = factsOf(messageWith({ alert }), 50);
    const valuesOf = (label: string) => facts.find((fact) => fact.label === label)?.values;
    expect(valuesOf("Host")).toEqual(["a", "b", "c", "d", "… and 2 more"]);
    expect(valuesOf("User")).toEqual(["x y"]);
    expect(valuesOf("IP")?.[0]?.length).toBeLessThanOrEqual(50);
  });

  it("hold nothing that moves the cursor or reorders text", () => {
    const shown = JSON.stringify(factsOf(messageWith({ alert: hostileAlert() })));
    // oxlint-disable-next-line no-control-regex -- finding control characters is the point
    expect(shown).not.toMatch(/[\u0000-\u001f\u202e]/);
  });
});

it("artifacts are lines that nobody opens by accident", () => {
  expect(artifactLines(alertWith().artifacts)).toEqual([
    "ip           203[.]0[.]113[.]7",
    "url          hxxp://login[.]example/x",
    "account      bob",
  ]);
});

it.each([
  ["https://kibana.lab/x?a=1", "https://kibana.lab/x?a=1"],
  ["https://kibana.lab@evil.example/x", undefined],
  ["javascript:alert(1)", undefined],
  ["/relative", undefined],
  [`https://kibana.lab/${"x".repeat(3000)}`, undefined],
  [null, undefined],
])("%s is a link: %s", (text, wanted) => {
  expect(linkUrl(text)?.href).toBe(wanted);
});
