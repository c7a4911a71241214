import { describe, expect, it } from "vitest";
import { TocsinError } from "../errors.ts";
import { compileTemplate, isTemplate } from "./template.ts";

const render = (text: string, scope: Record<string, unknown> = {}) =>
  compileTemplate(text, { component: "destination test" }).render(scope);

function failureOf(act: () => unknown): TocsinError {
  try {
    act();
  } catch (error) {
    if (error instanceof TocsinError) return error;
    throw error;
  }
  throw new Error("did not fail");
}

describe("compileTemplate", () => {
  it("renders fields, loops and conditions", () => {
    const text = "{{ alert.title }}{% for h in hosts %}{% if h %} {{ h }}{% endif %}{% endfor %}";
    expect(render(text, { alert: { title: "Boom" }, hosts: ["a", null, "b"] })).toBe("Boom a b");
  });

  it("renders unknown variables as nothing", () => {
    expect(render("<{{ no.such.thing }}>")).toBe("<>");
  });

  it("reads keys with dots in them", () => {
    expect(render('{{ event["host.name"] }}', { event: { "host.name": "ws-7" } })).toBe("ws-7");
  });

  it("renders dates in UTC", () => {
    const scope = { at: "2026-03-01T10:00:00+02:00" };
    expect(render("{{ at | date: '%Y-%m-%d %H:%M' }}", scope)).toBe("2026-03-01 08:00");
  });

  it("names line, column and a way out when the text does not parse", () => {
    const error = failureOf(() => compileTemplate("ok\n  {{ a | nope }}", { component: "x" }));
    expect(error.code).toBe("TEMPLATE_INVALID");
    expect(error.component).toBe("x");
    expect(error.message).toMatch(/^2:\d+ undefined filter: nope$/);
    expect(error.hint).toContain("defang");
  });

  it.each([
    ["{% if a %}", /not closed/],
    ["{{ a", /not closed/],
    ["{% nope %}", /not found/],
  ])("refuses %s", (text, message) => {
    expect(failureOf(() => render(text)).message).toMatch(message);
  });

  it.each([
    "{% include '/etc/passwd' %}",
    "{% render 'other' %}",
    "{% layout 'page' %}",
    "{% block a %}{% endblock %}",
  ])("refuses to read another template: %s", (text) => {
    expect(failureOf(() => render(text)).message).toContain("cannot read other templates");
  });
});

describe("hostile templates", () => {
  const swollen = "x".repeat(1000);
  it.each([
    ["an endless range", "{% for i in (1..1000000000) %}{{ i }}{% endfor %}"],
    ["a range without a body", "{% for i in (1..1000000000) %}{% endfor %}"],
    ["nested loops", nest(6, "{% for i in (1..1000) %}", "{% endfor %}", "")],
    ["a doubled capture", `{% assign a = '${swollen}' %}${double(24)}{{ a }}`],
    ["a capture that is never shown", `{% assign a = '${swollen}' %}${double(13)}`],
    ["a doubled append", `{% assign a = '${swollen}' %}${append(24)}{{ a }}`],
    ["much output", `{% for i in (1..100000) %}${swollen}{% endfor %}`],
    ["a wide pad", "{{ 0 | date: '%999999999Y' }}"],
    ["deep nesting", nest(8000, "{% if a %}", "{% endif %}", "x")],
    ["a long text", "x".repeat(200_000)],
  ])("stops %s quickly", (_name, text) => {
    const before = performance.now();
    const error = failureOf(() => render(text, { a: true }));
    expect(error.code).toBe("TEMPLATE_INVALID");
    expect(error.hint).toBeTypeOf("string");
    expect(performance.now() - before).toBeLessThan(3000);
  });

  it.each([
    "{{ a.constructor }}",
    "{{ a.__proto__ }}",
    "{{ a.toString }}",
    "{{ a.hasOwnProperty }}",
    '{{ a["constructor"]["constructor"] }}',
    "{{ constructor }}{{ __proto__ }}",
    "{{ list.map }}",
    "{{ list | map: 'constructor' | first }}",
  ])("cannot reach a prototype: %s", (text) => {
    expect(render(text, { a: { b: 1 }, list: [{ c: 1 }] })).toBe("");
  });

  it("treats what a field holds as text, not as a template", () => {
    expect(render("{{ a }}", { a: "{{ b }}{% include 'x' %}", b: "leak" })).toBe(
      "{{ b }}{% include 'x' %}",
    );
  });

  it.each(["{{ 'now' | date: '%s' }}", "{{ 'today' | date_to_string }}"])(
    "cannot read the clock: %s",
    (text) => {
      expect(failureOf(() => render(text)).message).toContain("not available");
    },
  );

  it("cannot pick at random", () => {
    expect(failureOf(() => render("{{ a | sample }}")).message).toContain("undefined filter");
  });
});

describe("a template with an escape", () => {
  const escape = (value: string) => value.replaceAll("<", "&lt;");
  const escaped = (text: string, scope: Record<string, unknown>) =>
    compileTemplate(text, { component: "x", escape }).render(scope);

  it.each([
    ["<b>{{ a }}</b>", "<b>&lt;i></b>"],
    ["{{ a | upcase | append: '<' }}", "&lt;I>&lt;"],
    ["{{ list }}", "&lt;i>&lt;i>"],
    ["{% for x in list %}{{ x }}{% endfor %}", "&lt;i>&lt;i>"],
    ["{% assign b = a %}{{ b }}", "&lt;i>"],
    ["{{ nothing }}{{ n }}", "7"],
  ])("renders %s as %s", (text, wanted) => {
    expect(escaped(text, { a: "<i>", list: ["<i>", "<i>"], n: 7 })).toBe(wanted);
  });

  it.each(["{{ a | raw }}", "{% echo a %}", "{% cycle a, a %}", "{% liquid\n echo a\n%}"])(
    "has no way around it: %s",
    (text) => {
      expect(failureOf(() => escaped(text, { a: "<i>" })).code).toBe("TEMPLATE_INVALID");
    },
  );
});

describe("filters", () => {
  it("json quotes what would break out of a JSON body", () => {
    expect(render("{{ a | json }}", { a: 'say "hi"\n' })).toBe('"say \\"hi\\"\\n"');
    expect(render("{{ a | json }} {{ nothing | json }}", { a: { b: [1] } })).toBe('{"b":[1]} null');
  });

  it.each([
    ["https://evil.example/a.php?b=c", "hxxps://evil[.]example/a[.]php?b=c"],
    ["HTTP://EVIL.EXAMPLE", "HxxP://EVIL[.]EXAMPLE"],
    ["192.0.2.7", "192[.]0[.]2[.]7"],
    ["mallory@evil.example", "mallory[@]evil[.]example"],
    ["Done. Next.", "Done. Next."],
  ])("defang makes %s unclickable", (value, expected) => {
    expect(render("{{ a | defang }}", { a: value })).toBe(expected);
  });

  it("defang joins lists", () => {
    expect(render("{{ a | defang }}", { a: ["a.example", "b.example"] })).toBe(
      "a[.]example, b[.]example",
    );
  });
});

describe("isTemplate", () => {
  it("tells a template from a path", () => {
    expect(isTemplate("rule.name")).toBe(false);
    expect(isTemplate("{{ rule.name }}")).toBe(true);
    expect(isTemplate("{% if a %}b{% endif %}")).toBe(true);
  });
});

function nest(depth: number, open: string, close: string, inner: string): string {
  return open.repeat(depth) + inner + close.repeat(depth);
}

function double(times: number): string {
  return "{% capture a %}{{ a }}{{ a }}{% endcapture %}".repeat(times);
}

function append(times: number): string {
  return "{% assign a = a | append: a %}".repeat(times);
}
