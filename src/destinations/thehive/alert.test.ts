import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { THEHIVE_KEY, THEHIVE_ORGANISATION } from "../../../test/peers/thehive.ts";
import { alertWith, contextWith, messageWith } from "../testing/messages.ts";
import { boundReference } from "./render.ts";
import { scene, sentBy } from "./testing/scene.ts";
import { thehive } from "./thehive.ts";

describe("an alert for TheHive", () => {
  it("is what the sample says", () => {
    const config = thehive.config.parse({ url: "https://hive.lab", api_key: THEHIVE_KEY });
    const destination = thehive.create(config, contextWith().context);
    const { type, text } = destination.show(destination.render(messageWith()));
    const sample = new URL("samples/brute-force.json", import.meta.url);
    expect(type).toBe("application/json");
    expect(JSON.parse(text)).toEqual(JSON.parse(readFileSync(sample, "utf8")));
  });

  it("has the key, the organisation and the alert's key as sourceRef", async () => {
    const { fake, send } = await scene({}, { organisation: THEHIVE_ORGANISATION });
    expect((await send(messageWith())).verdict).toEqual({
      kind: "delivered",
      reference: "~40964096",
    });
    expect(sentBy(fake)["sourceRef"]).toBe("kibana.alert.uuid:6f1c");
    expect(fake.received.at(-1)?.headers).toMatchObject({
      authorization: `Bearer ${THEHIVE_KEY}`,
      "x-organisation": THEHIVE_ORGANISATION,
    });
  });

  it.each([
    ["a key that is too long", `elastic:${"k".repeat(200)}`],
    ["a semicolon, by which TheHive 4 splits names", "splunk:a;b"],
    ["a line break", "splunk:a\nb"],
    ["a blank at its end", "splunk:a "],
  ])("has a hash for %s, always the same", (_why, key) => {
    const reference = boundReference(key);
    expect(reference).toMatch(/^(elastic|splunk):sha256-[0-9a-f]{64}$/);
    expect(boundReference(key)).toBe(reference);
    expect(boundReference(`${key}x`)).not.toBe(reference);
  });

  it.each([
    ["unknown", 2],
    ["informational", 1],
    ["low", 1],
    ["medium", 2],
    ["high", 3],
    ["critical", 4],
  ] as const)("has for %s the severity %i", async (severity, number) => {
    const { fake, send } = await scene();
    await send(messageWith({ alert: alertWith({ severity }) }));
    expect(sentBy(fake)).toMatchObject({ severity: number, date: Date.UTC(2026, 4, 5, 9, 58, 10) });
  });

  it.each([
    ["4.1.24-1", "clear", 0],
    ["4.1.24-1", "amber", 2],
    ["4.1.24-1", "amber+strict", 3],
    ["4.1.24-1", "red", 3],
    ["5.1.9", "red", 3],
    ["5.2.10-1", "clear", 0],
    ["5.2.10-1", "amber+strict", 3],
    ["5.2.10-1", "red", 4],
    ["5.10.0", "red", 4],
  ] as const)(
    "has at %s for TLP %s the number %i, its observables too",
    async (version, tlp, number) => {
      const { fake, send } = await scene({ version });
      await send(messageWith({ alert: alertWith({ tlp, pap: "red" }) }));
      const body = sentBy(fake);
      expect(body).toMatchObject({ tlp: number, pap: 3 });
      const list = (body["artifacts"] ?? body["observables"]) as { tlp: number }[];
      expect(list.map((each) => each.tlp)).toEqual([number, number, number]);
    },
  );

  it("has the configured TLP and PAP where it says none", async () => {
    const { fake, send } = await scene({}, { tlp: "green", pap: "clear" });
    await send(messageWith({ alert: alertWith({ tlp: null, pap: null }) }));
    expect(sentBy(fake)).toMatchObject({ tlp: 1, pap: 0 });
  });

  it("has custom fields in the form of TheHive 5, without those that do not read as their type", async () => {
    const { fake, send } = await scene({ customFields: FIELD_NAMES }, { custom_fields: FIELDS });
    await send(messageWith());
    expect(sentBy(fake)["customFields"]).toEqual([
      { name: "unit", value: "kibana", order: 0 },
      { name: "score", value: 73, order: 1 },
      { name: "seen", value: Date.UTC(2026, 4, 5, 9, 58, 10), order: 2 },
      { name: "vip", value: false, order: 3 },
    ]);
  });

  it("has custom fields in the form of TheHive 4", async () => {
    const hive = { version: "4.1.24-1", customFields: FIELD_NAMES };
    const { fake, send } = await scene(hive, { custom_fields: FIELDS });
    await send(messageWith());
    expect(sentBy(fake)["customFields"]).toEqual({
      unit: { string: "kibana", order: 0 },
      score: { integer: 73, order: 1 },
      seen: { date: Date.UTC(2026, 4, 5, 9, 58, 10), order: 2 },
      vip: { boolean: false, order: 3 },
    });
  });

  it("has techniques as procedures at 5, each once, and as tags at 4", async () => {
    const five = await scene();
    const [attack] = alertWith().attack;
    const alert = alertWith({ attack: [attack!, attack!, { ...attack!, subtechnique: null }] });
    await five.send(messageWith({ alert }));
    const occurDate = Date.UTC(2026, 4, 5, 9, 58, 10);
    expect(sentBy(five.fake)["procedures"]).toEqual([
      { patternId: "T1110.001", occurDate },
      { patternId: "T1110", occurDate },
    ]);
    const four = await scene({ version: "4.1.24-1" });
    await four.send(messageWith({ alert }));
    expect(sentBy(four.fake).tags).toEqual(["ssh", "T1110.001", "T1110"]);
    expect(sentBy(four.fake)).not.toHaveProperty("procedures");
  });

  it("has only types of observables that TheHive comes with, each value once", async () => {
    const { fake, send } = await scene();
    const artifacts = (
      [
        ["ip", "203.0.113.7", "source"],
        ["ip", "203.0.113.7", "target"],
        ["hostname", "web-1", "related"],
        ["hostname", "web-1.corp.example", "related"],
        ["email", "bob@corp.example", "related"],
        ["sha256", "a".repeat(64), "related"],
        ["account", "bob", "actor"],
        ["process", "sshd", "related"],
        ["asn", "AS64500", "related"],
        ["other", "something", "related"],
        ["command_line", "x".repeat(4097), "related"],
      ] as const
    ).map(([type, value, role]) => ({ type, value, role, field: "f" }));
    await send(messageWith({ alert: alertWith({ artifacts }) }));
    const list = sentBy(fake)["observables"] as {
      dataType: string;
      data: string;
      tags: string[];
    }[];
    expect(list.map(({ dataType, data, tags }) => [dataType, data, tags])).toEqual([
      ["ip", "203.0.113.7", ["role:source", "role:target"]],
      ["hostname", "web-1", []],
      ["fqdn", "web-1.corp.example", []],
      ["mail", "bob@corp.example", []],
      ["hash", "a".repeat(64), ["sha256"]],
      ["other", "bob", ["account", "role:actor"]],
      ["other", "sshd", ["process"]],
      ["autonomous-system", "AS64500", []],
      ["other", "something", []],
    ]);
    expect(sentBy(fake).tags).toContain("tocsin:left-out-observable");
    expect(sentBy(fake).description).toContain("Left out: 1 observable");
  });

  it("keeps alert text from being Markdown, and a link from leading elsewhere", async () => {
    const { fake, send } = await scene();
    const description = "# big\n[click](https://evil.example) <img src=x> ![](//t.example/p.png)";
    const external = { id: null, url: "https://evil.example/a>b(c)[d]" };
    await send(messageWith({ alert: alertWith({ description, external }) }));
    const text = sentBy(fake).description;
    expect(text).toContain("\\# big\n\\[click\\]\\(https\\://evil\\.example\\) &lt;img");
    expect(text).toContain("[Open at evil\\.example](<https://evil.example/a%3Eb(c)[d]>)");
  });

  it("is worded by the templates, whose values are no Markdown", async () => {
    const template = { title: "{{ alert.number }}", description: "**{{ alert.title }}**" };
    const { fake, send } = await scene({}, { template });
    await send(messageWith({ alert: alertWith({ title: "*a*" }) }));
    expect(sentBy(fake)).toMatchObject({ title: "ALR-000123", description: "**\\*a\\***" });
  });

  it("fits 256 kB at 4 by losing the largest observables, and says how many", async () => {
    const { fake, send } = await scene({ version: "4.1.24-1" });
    const artifacts = Array.from({ length: 1000 }, (_, index) => {
      const value = `${index} ${"é".repeat(index)}`;
      return { type: "other", value, role: "related", field: "f" } as const;
    });
    expect((await send(messageWith({ alert: alertWith({ artifacts }) }))).verdict.kind).toBe(
      "delivered",
    );
    const kept = sentBy(fake)["artifacts"] as { data: string }[];
    expect(fake.alerts[0]?.writes[0]?.bytes).toBeLessThan(256_000);
    expect(fake.alerts[0]?.writes[0]?.bytes).toBeGreaterThan(250_000);
    expect(kept.map(({ data }) => data)).toEqual(
      artifacts.slice(0, kept.length).map(({ value }) => value),
    );
    expect(sentBy(fake).tags).toContain("tocsin:left-out-observable");
    expect(sentBy(fake).description).toContain(`Left out: ${1000 - kept.length} observables`);
  });
});

const FIELDS = {
  unit: "{{ alert.source.name }}",
  score: { type: "integer", value: "{{ alert.risk_score }}" },
  ratio: { type: "float", value: "{{ alert.title }}" },
  seen: { type: "date", value: "{{ alert.event_time }}" },
  vip: { type: "boolean", value: "no" },
  none: "{{ alert.verdict }}",
};
const FIELD_NAMES = Object.keys(FIELDS);
