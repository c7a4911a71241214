import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  SLACK_CHANNEL,
  SLACK_PATH,
  SLACK_TOKEN,
  startSlack,
  type FakeSlack,
} from "../../../test/peers/slack.ts";
import { createHttp } from "../../net/client.ts";
import type { Http } from "../../net/http.ts";
import type { Message } from "../destination.ts";
import {
  alertWith,
  contextWith,
  hostileAlert,
  hugeAlert,
  messageWith,
  sendingWith,
} from "../testing/messages.ts";
import { renderSlack } from "./render.ts";
import { slack } from "./slack.ts";

let fake: FakeSlack;
let http: Http;
beforeAll(async () => {
  fake = await startSlack();
  const egress = { allow: [], deny: [] };
  http = createHttp({ component: "destination soc", egress, connections: 1 });
});
beforeEach(() => {
  fake.misbehave(undefined);
  fake.posts.length = 0;
});
afterAll(async () => {
  await http.close();
  await fake.close();
});

const asBot = () => ({ token: SLACK_TOKEN, channel: SLACK_CHANNEL, api_url: fake.apiUrl });
const asWebhook = () => ({ webhook_url: fake.webhookUrl });

async function send(settings: Record<string, unknown>, message: Message) {
  const config = slack.config.parse({ ...settings });
  const destination = slack.create(config, contextWith({ http }).context);
  const { sending, exchanges } = sendingWith();
  const verdict = await destination.send(destination.render(message), message, sending);
  return { verdict, exchanges };
}

/** Every string of a message that Slack shows or follows. */
function texts(part: unknown): string[] {
  if (typeof part === "string") return [part];
  return typeof part === "object" && part !== null ? Object.values(part).flatMap(texts) : [];
}

/** Every text object of a message. */
function textObjects(part: unknown): Record<string, unknown>[] {
  if (typeof part !== "object" || part === null) return [];
  const object = part as Record<string, unknown>;
  const own = object["type"] === "mrkdwn" || object["type"] === "plain_text" ? [object] : [];
  return [...own, ...Object.values(object).flatMap(textObjects)];
}

const shown = (change: Parameters<typeof messageWith>[0]) =>
  texts(renderSlack(messageWith(change)));

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

describe("hostile text", () => {
  const hostile = renderSlack(messageWith({ alert: hostileAlert() }));

  it("mentions nobody and forges no link", () => {
    expect(texts(hostile).filter((text) => /[<>]/.test(text))).toEqual([]);
    expect(texts(hostile).join("\n")).toContain("&lt;!channel&gt; &lt;@U012AB3CD&gt;");
  });

  it("is turned into no link, mention or emoji by Slack itself", () => {
    const objects = textObjects(hostile);
    expect(objects.length).toBeGreaterThan(8);
    for (const { type, emoji, verbatim } of objects)
      expect(type === "mrkdwn" ? verbatim : emoji === false).toBe(true);
  });

  it("cannot leave the backticks around it", () => {
    const markdown = texts(hostile).filter((text) => /^(\*|```)/.test(text));
    expect(markdown.length).toBeGreaterThan(5);
    for (const text of markdown) {
      const outside = text.replace(/^```\n[^`]*\n```$/, "").replace(/`[^`]+`/g, "");
      expect(outside).toMatch(/^(\*[A-Za-z&;]+\*\n(, )*)?$/);
    }
  });

  it("holds no control character", () => {
    expect(texts(hostile).join("")).not.toMatch(/[^\P{Cc}\n]/u);
  });
});

describe.each([
  ["an incoming webhook", asWebhook],
  ["a bot", asBot],
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
  ])("Slack accepts the alert that is %s", async (_kind, alert) => {
    const { verdict } = await send(settings(), messageWith({ alert }));
    expect(verdict).toMatchObject({ kind: "delivered", status: 200 });
    expect(fake.posts).toHaveLength(1);
  });

  it("shows no secret in what is recorded", async () => {
    fake.misbehave((received, response) => {
      const { authorization } = received.headers;
      response.writeHead(400).end(`you said ${authorization} to ${received.path}`);
    });
    const { verdict, exchanges } = await send(settings(), messageWith());
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
    fake.misbehave((_received, response) => void response.end(body));
    const { verdict } = await send(asWebhook(), messageWith());
    expect(verdict).toMatchObject({ kind: "retry", reason, status: 200 });
  });

  it("knows no threads", async () => {
    const message = messageWith({ thread: "case 1", memory: "1777975200.000001" });
    expect((await send(asWebhook(), message)).verdict).toEqual({ kind: "delivered", status: 200 });
  });
});

describe("a bot", () => {
  it("starts a thread and remembers it, then answers in it and still remembers it", async () => {
    const thread = "case 1";
    const first = await send(asBot(), messageWith({ thread }));
    expect(first.verdict).toMatchObject({ kind: "delivered", remember: "1777975200.000001" });
    const second = await send(asBot(), messageWith({ thread, memory: "1777975200.000001" }));
    expect(second.verdict).toMatchObject({ kind: "delivered", remember: "1777975200.000001" });
    expect(fake.posts.map(({ payload }) => payload["thread_ts"])).toEqual([
      undefined,
      "1777975200.000001",
    ]);
  });

  it("remembers nothing without a thread", async () => {
    const { verdict } = await send(asBot(), messageWith({ memory: "1777975200.000001" }));
    expect(verdict).toEqual({ kind: "delivered", status: 200 });
  });

  it("starts a new thread where the old one was deleted", async () => {
    const message = messageWith({ thread: "case 1", memory: "1600000000.000001" });
    const { verdict, exchanges } = await send(asBot(), message);
    expect(verdict).toMatchObject({ kind: "delivered", remember: "1777975200.000001" });
    expect(exchanges).toHaveLength(2);
  });

  it.each([
    ["ratelimited", "retry", "rate_limited"],
    ["internal_error", "retry", "server_error"],
    ["fatal_error", "retry", "server_error"],
    ["service_unavailable", "retry", "server_error"],
    ["request_timeout", "retry", "timeout"],
    ["invalid_auth", "reject", "unauthorized"],
    ["token_revoked", "reject", "unauthorized"],
    ["not_in_channel", "reject", "unauthorized"],
    ["channel_not_found", "reject", "not_found"],
    ["is_archived", "reject", "not_found"],
    ["msg_too_long", "reject", "rejected_by_peer"],
    ["a_name_of_next_year", "reject", "rejected_by_peer"],
  ])("that is told ok:false with %s answers %s %s", async (error, kind, reason) => {
    fake.misbehave((_received, response) => {
      response.writeHead(200, { "retry-after": "3" }).end(JSON.stringify({ ok: false, error }));
    });
    const { verdict } = await send(asBot(), messageWith());
    expect(verdict).toMatchObject({
      kind,
      reason,
      error: expect.stringContaining(error) as string,
    });
    if (kind === "retry") expect(verdict).toMatchObject({ after: 3000 });
  });

  it.each(["", "ok", "<html></html>", "null", "[]", '{"ok":"yes"}', '{"ok":tru'])(
    "that is answered 200 with '%s' has not delivered",
    async (body) => {
      fake.misbehave((_received, response) => void response.end(body));
      const { verdict } = await send(asBot(), messageWith());
      expect(verdict).toMatchObject({ kind: "retry", reason: "unexpected_answer" });
    },
  );

  it("has delivered though the answer is too long to be read whole", async () => {
    fake.misbehave((_received, response) => {
      const message = { text: "x".repeat(100_000) };
      response.end(JSON.stringify({ ok: true, channel: "C0123", ts: "1.000002", message }));
    });
    const { verdict } = await send(asBot(), messageWith({ thread: "case 1" }));
    expect(verdict).toEqual({ kind: "delivered", status: 200, remember: "1.000002" });
  });

  it("with a wrong token or channel is refused by Slack", async () => {
    const token = await send({ ...asBot(), token: "xoxb-other" }, messageWith());
    expect(token.verdict).toMatchObject({ kind: "reject", reason: "unauthorized" });
    const channel = await send({ ...asBot(), channel: "C0" }, messageWith());
    expect(channel.verdict).toMatchObject({ kind: "reject", reason: "not_found" });
    expect(fake.posts).toEqual([]);
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

  it("hides its secrets when printed", () => {
    const config = slack.config.parse({ webhook_url: url });
    expect(JSON.stringify(config)).not.toContain("services");
  });
});
