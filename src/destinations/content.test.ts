import { describe, expect, it } from "vitest";
import { contentOf, quiet, writePassages } from "./content.ts";
import { fitBytes, jsonBytes } from "./fit.ts";
import { secretsOfUrl, secretUrl } from "./secret-url.ts";
import { aDigest, alertWith, messageWith } from "./testing/messages.ts";

describe("the content of a message", () => {
  it("says the reason first, then what was observed, then the description", () => {
    const { passages } = contentOf(messageWith());
    expect(passages.map(({ kind }) => kind)).toEqual(["prose", "lines", "prose"]);
    expect(passages[0]?.text).toMatch(/^authentication event/);
    expect(passages[1]?.text).toContain("hxxp://login[.]example/x");
  });

  it("says the same text once, and nothing of a blank one", () => {
    const alert = alertWith({ reason: "because", description: "because", artifacts: [] });
    expect(contentOf(messageWith({ alert })).passages).toHaveLength(1);
    const blank = alertWith({ reason: " ", description: null, artifacts: [] });
    expect(contentOf(messageWith({ alert: blank })).passages).toEqual([]);
  });

  it("of a digest lists its alerts and links to Tocsin only", () => {
    const { passages, links } = contentOf(messageWith({ digest: aDigest() }));
    expect(passages[0]?.text.split("\n")).toHaveLength(3);
    expect(links.map(({ label }) => label)).toEqual(["Open in Tocsin"]);
  });

  it.each([
    ["https://kibana.lab/x", ["Open at kibana.lab"]],
    ["https://kibana.lab@evil.example/x", []],
    ["javascript:alert(1)", []],
    [null, []],
  ])("links to %s as %j", (url, labels) => {
    const alert = alertWith({ external: { id: null, url } });
    const { links } = contentOf(messageWith({ alert, link: null }));
    expect(links.map(({ label }) => label)).toEqual(labels);
  });
});

it("gives the first passages the room, and leaves out what has none", () => {
  const passages = ["a", "b", "c"].map((letter) => {
    return { kind: "prose", text: letter.repeat(300) } as const;
  });
  const written = writePassages(passages, 450, ({ text }, max) => text.slice(0, max));
  expect(written.map((text) => text.length)).toEqual([300, 150]);
});

it.each([
  ["@all see https://a.example", "@\u200ball see hxxps://a[.]example"],
  ["bob@b.example", "bob@\u200bb[.]example"],
  ["bob[@]b[.]example", "bob[@]b[.]example"],
  ["ftp://a.example, tel:1", "ftp[:]//a[.]example, tel:1"],
  ["HTTP://203.0.113.7/x", "HxxP://203[.]0[.]113[.]7/x"],
  ["at 09:58:10.000Z, 3.5 times. Then T1110.001", "at 09:58:10.000Z, 3.5 times. Then T1110.001"],
])("leaves no link and no mention in %j", (text, quietText) => {
  expect(quiet(text)).toBe(quietText);
});

it("quiets an endless text in no time", () => {
  for (const part of ["a.bc.", "1.1.", "a:/", "@"]) {
    const text = part.repeat(200_000);
    expect(quiet(text).length).toBeGreaterThanOrEqual(text.length);
  }
}, 5000);

it.each(["x", "é", "😀", '"', "\n"])("fits a text of %j into bytes, and uses them", (letter) => {
  const text = letter.repeat(50_000);
  const made = fitBytes((room) => ({ fixed: "as it is", text: text.slice(0, room) }), 10_000);
  expect(jsonBytes(made)).toBeLessThanOrEqual(10_000);
  expect(jsonBytes(made)).toBeGreaterThan(8500);
});

describe("a URL that is a secret", () => {
  it("is named with what a peer may repeat of it", () => {
    const secrets = secretsOfUrl("https://peer.test/hook/3f2a?sig=abc%2Fd&v=12");
    expect(secrets).toEqual(expect.arrayContaining(["/hook/3f2a?sig=abc%2Fd&v=12", "abc%2Fd"]));
  });

  it.each(["peer.test/hook", "ftp://peer.test/", "https://bob@peer.test/"])("is not %j", (url) =>
    expect(secretUrl().safeParse(url).success).toBe(false),
  );
});
