import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SLACK_PATH, SLACK_TOKEN } from "../../../test/peers/slack.ts";
import { textsOf, useFakeSlack } from "../testing/fake-slack.ts";
import {
  alertWith,
  digestMessage,
  hostileAlert,
  hugeAlert,
  messageWith,
} from "../testing/messages.ts";
import { renderSlack } from "./render.ts";
import { slack } from "./slack.ts";

const peer = useFakeSlack();

/** Every text object of a message. */
function textObjects(part: unknown): Record<string, unknown>[] {
  if (typeof part !== "object" || part === null) return [];
  const object = part as Record<string, unknown>;
  const own = object["type"] === "mrkdwn" || object["type"] === "plain_text" ? [object] : [];
  return [...own, ...Object.values(object).flatMap(textObjects)];
}

const shown = (change: Parameters<typeof messageWith>[0]) =>
  textsOf(renderSlack(messageWith(change)));

describe("a message", () => {
  it("renders its sample as before", () => {
    const sample = new URL("./samples/brute-force.json", import.meta.url);
    const wanted: unknown = JSON.parse(readFileSync(sample, "utf8"));
    expect(renderSlack(messageWith())).toEqual(wanted);
  });

  it("of any severity has a colour of its own", () => {
    const severities = ["unknown", "informational", "low", "medium", "high", "critical"] as const;
    const colours = severities.map(
      (severity) =>
        renderSlack(messageWith({ alert: alertWith({ severity }) })).attachments[0].color,
    );
    expect(new Set(colours).size).toBe(severities.length);
  });

  it("of a test says so in its heading, its notification and its small print", () => {
    const marked = shown({ test: true }).filter((text) => /\[TEST\]|test message/.test(text));
    expect(marked).toHaveLength(3);
  });

  it.each([
    ["https://kibana.lab/x", "Open at kibana.lab"],
    ["https://kibana.lab@evil.example/x", undefined],
    ["javascript:alert(1)", undefined],
    ["/app/security", undefined],
    [`https://kibana.lab/${"x".repeat(3000)}`, undefined],
    [null, undefined],
  ])("links to %s as %s", (url, text) => {
    const alert = alertWith({ external: { id: null, url } });
    const labels = shown({ alert, link: null }).filter((each) => each.startsWith("Open"));
    expect(labels).toEqual(text === undefined ? [] : [text]);
  });

  it("has no clickable observable", () => {
    const all = shown({}).join("\n");
    expect(all).toContain("hxxp://login[.]example/x");
    expect(all).not.toContain("http://login.example/x");
  });

  it("says how much of a list is missing", () => {
    const all = shown({ alert: hugeAlert(10, 500) }).join("\n");
    expect(all).toContain("… and 496 more");
    expect(all).toContain("… and 480 more");
  });
});

describe.each([
  ["an alert", messageWith({ alert: hostileAlert() }), 6],
  ["a reminder", messageWith({ alert: hostileAlert(), kind: "reminder" }), 6],
  ["a digest", digestMessage(hostileAlert(), 500), 5],
])("hostile text in %s", (_what, message, most) => {
  const hostile = renderSlack(message);

  it("mentions nobody and forges no link", () => {
    expect(textsOf(hostile).filter((text) => /[<>]/.test(text))).toEqual([]);
    expect(textsOf(hostile).join("\n")).toContain("&lt;!channel&gt; &lt;@U012AB3CD&gt;");
  });

  it("is turned into no link, mention or emoji by Slack itself", () => {
    const objects = textObjects(hostile);
    expect(objects.length).toBeGreaterThanOrEqual(most);
    for (const { type, emoji, verbatim } of objects)
      expect(type === "mrkdwn" ? verbatim : emoji === false).toBe(true);
  });

  it("cannot leave the backticks around it", () => {
    const markdown = textsOf(hostile).filter((text) => /^(\*|```)/.test(text));
    expect(markdown.length).toBeGreaterThanOrEqual(most);
    for (const text of markdown) {
      const outside = text.replace(/^```\n[^`]*\n```$/, "").replace(/`[^`]+`/g, "");
      expect(outside).toMatch(/^(\*[A-Za-z&; ]+\*\n(, )*)?$/);
    }
  });

  it("holds no control character", () => {
    expect(textsOf(hostile).join("")).not.toMatch(/[^\P{Cc}\n]/u);
  });
});

describe.each([
  ["an incoming webhook", peer.asWebhook],
  ["a bot", peer.asBot],
])("through %s", (_name, settings) => {
  it.each([
    ["plain", alertWith()],
    ["hostile", hostileAlert()],
    ["longest", hugeAlert()],
    ["longest, escaped", hugeAlert(20_000, 200, "<")],
    ["longest, in backticks", hugeAlert(20_000, 200, "`")],
    ["longest, of emoji", hugeAlert(20_000, 200, "😀")],
    ["longest, of line breaks", hugeAlert(20_000, 20, "\n")],
    ["of middling length", hugeAlert(2900, 30)],
    ["with empty texts", hostileAlert("")],
    ["of blanks", hostileAlert(" ")],
  ])("Slack accepts the alert that is %s, and a digest of 500 of it", async (_kind, alert) => {
    for (const message of [messageWith({ alert }), digestMessage(alert, 500)]) {
      const { verdict } = await peer.send(settings(), message);
      expect(verdict).toMatchObject({ kind: "delivered", status: 200 });
    }
    expect(peer.fake.posts).toHaveLength(2);
  });

  it("shows no secret in what is recorded", async () => {
    peer.fake.misbehave((received, response) => {
      const { authorization } = received.headers;
      response.writeHead(400).end(`you said ${authorization} to ${received.path}`);
    });
    const { verdict, exchanges } = await peer.send(settings(), messageWith());
    const all = JSON.stringify([verdict, exchanges]);
    expect(verdict.kind).toBe("reject");
    expect(exchanges).toHaveLength(1);
    for (const secret of [SLACK_TOKEN, ...SLACK_PATH.split("/").slice(2)])
      expect(all).not.toContain(secret);
  });
});

describe("an incoming webhook", () => {
  it.each([
    ["", "unexpected_answer"],
    ["<html>Sign in to the guest network</html>", "unexpected_answer"],
    ['{"ok":true}', "unexpected_answer"],
  ])("that answers 200 with '%s' has not delivered", async (body, reason) => {
    peer.fake.misbehave((_received, response) => void response.end(body));
    const { verdict } = await peer.send(peer.asWebhook(), messageWith());
    expect(verdict).toMatchObject({ kind: "retry", reason, status: 200 });
  });

  it("knows no threads", async () => {
    const message = messageWith({ thread: "case 1", memory: "1777975200.000001" });
    expect((await peer.send(peer.asWebhook(), message)).verdict).toEqual({
      kind: "delivered",
      status: 200,
    });
  });
});

describe("the configuration", () => {
  const url = "https://hooks.slack.com/services/a";
  it.each([
    [{}, false],
    [{ webhook_url: url }, true],
    [{ token: "xoxb-1", channel: "C1" }, true],
    [{ token: "xoxb-1" }, false],
    [{ channel: "C1" }, false],
    [{ webhook_url: url, channel: "C1" }, false],
    [{ webhook_url: url, token: "xoxb-1", channel: "C1" }, false],
    [{ webhook_url: "hooks.slack.com" }, false],
    [{ token: "xoxb-1\n", channel: "C1" }, false],
    [{ webhook_url: url, api_url: "slack.com" }, false],
  ])("%j is valid: %s", (given, ok) => {
    expect(slack.config.safeParse(given).success).toBe(ok);
  });

  it("can update only as a bot", () => {
    const can = (given: object) => slack.canUpdate(slack.config.parse(given));
    expect(can({ token: "xoxb-1", channel: "C1" })).toBe(true);
    expect(can({ webhook_url: url })).toBe(false);
  });

  it("hides its secrets when printed", () => {
    const config = slack.config.parse({ webhook_url: url });
    expect(JSON.stringify(config)).not.toContain("services");
  });
});
