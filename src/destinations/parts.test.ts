import { expect, it } from "vitest";
import { compileParts, templateSetting } from "./parts.ts";
import { aDigest, alertWith, caseWith, messageWith } from "./testing/messages.ts";

const escape = (text: string) => text.replaceAll("<", "&lt;");
const compile = (templates: { title?: string; text?: string }) =>
  compileParts(templates, { title: null, text: escape }, "destination soc");

it("renders the parts that have a template and no others", () => {
  expect(compile({ title: "{{ alert.number }}" })(messageWith())).toEqual({ title: "ALR-000123" });
  expect(compile({})(messageWith())).toEqual({});
});

it("escapes values where the part stands in a markup, and not what the template says itself", () => {
  const message = messageWith({ alert: alertWith({ title: "<i>" }) });
  const same = "<b>{{ alert.title }}</b>";
  expect(compile({ title: same, text: same })(message)).toEqual({
    title: "<b><i></b>",
    text: "<b>&lt;i></b>",
  });
});

it("writes links to Tocsin as such, and no other address", () => {
  const part = { text: (text: string) => text.replace("http", "hxxp"), link: (url: string) => url };
  const text = "{{ links.alert }} {{ case.link }} {{ links.vendor }} {{ alert.title }}";
  const render = compileParts({ title: text }, { title: part }, "destination soc");
  const alert = alertWith({ title: "https://tocsin.lab/alerts/ALR-000123 or not" });
  expect(render(messageWith({ alert, case: caseWith() })).title).toBe(
    "https://tocsin.lab/alerts/ALR-000123 https://tocsin.lab/cases/CASE-000012 " +
      "hxxps://kibana.lab:5601/app/security/alerts/6f1c " +
      "hxxps://tocsin.lab/alerts/ALR-000123 or not",
  );
  expect(render(messageWith({ link: null })).title).not.toContain("https:");
});

it("knows the alert, its case, counts and links", () => {
  const text =
    "{{ case.id }} {{ counts.alerts }}/{{ counts.seen }}/{{ counts.case }} " +
    "{{ links.alert }} {{ links.case }} {{ links.vendor }} {{ kind }} {{ test }}";
  const message = messageWith({
    case: caseWith(),
    digest: aDigest({ total: 7 }),
    alert: alertWith({ count: 4 }),
  });
  expect(compile({ title: text })(message).title).toBe(
    "CASE-000012 7/4/3 https://tocsin.lab/alerts/ALR-000123 " +
      "https://tocsin.lab/cases/CASE-000012 " +
      "https://kibana.lab:5601/app/security/alerts/6f1c alert false",
  );
  expect(compile({ title: "{{ case.id }}{{ counts.case }}" })(messageWith()).title).toBe("0");
});

it("cuts values that no peer would show whole, before escapes make them longer", () => {
  const message = messageWith({ alert: alertWith({ title: "<".repeat(1_000_000) }) });
  const { text = "" } = compile({ text: "{{ alert.title }}" })(message);
  expect(text.length).toBeLessThan(200_000);
  expect(text).toMatch(/(&lt;)+… 968,\d{3} characters more$/);
});

it("cuts values where a part wants them shorter, before they are escaped", () => {
  const parts = { text: { text: (text: string) => text.replaceAll("<", "&lt;"), max: 50 } };
  const render = (title: string) =>
    compileParts(
      { text: "{{ alert.title }}" },
      parts,
      "destination soc",
    )(messageWith({ alert: alertWith({ title }) })).text;
  expect(render("<<")).toBe("&lt;&lt;");
  expect(render("<".repeat(1000))).toMatch(/^(&lt;)+… 9\d\d characters more$/);
  // Of a value that is cut, the count is of all of it.
  expect(render("<".repeat(100_000))).toMatch(/^(&lt;)+… 99,9\d\d characters more$/);
});

it("names the part that does not parse", () => {
  expect(() => compile({ text: "{{ alert.title" })).toThrow(
    expect.objectContaining({
      code: "TEMPLATE_INVALID",
      component: "destination soc: template.text",
    }),
  );
});

it("is a setting that knows its parts", () => {
  const setting = templateSetting({ title: "The heading.", text: "The body." });
  expect(setting.parse({ title: "x" })).toEqual({ title: "x" });
  expect(setting.safeParse({ titel: "x" }).success).toBe(false);
  expect(setting.safeParse({ title: "" }).success).toBe(false);
});
