import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { DISCORD_THREAD, startDiscord } from "../../../test/peers/discord.ts";
import type { Message } from "../destination.ts";
import { createRig, useClosing } from "../testing/conformance-rig.ts";
import { alertWith, digestMessage, hostileAlert, messageWith } from "../testing/messages.ts";
import { discord } from "./discord.ts";
import { createRender } from "./render.ts";

const closing = useClosing();
const render = createRender(undefined, "destination soc");

async function start(settings: Record<string, unknown> = {}) {
  const fake = closing(await startDiscord());
  const peer = {
    ...fake,
    settings: { webhook_url: fake.webhookUrl, ...settings },
    secrets: [],
    kept: () => fake.posts,
    measure: () => ({}),
  };
  const rig = createRig(discord, peer, {}, closing);
  return { fake, send: async (message: Message) => (await rig.try(message)).verdict };
}

describe("a message to Discord", () => {
  it("is what stands in the sample", () => {
    const sample = new URL("./samples/brute-force.json", import.meta.url);
    expect(render(messageWith())).toEqual(JSON.parse(readFileSync(sample, "utf8")));
  });

  it.each([
    ["an alert", messageWith({ alert: hostileAlert() })],
    ["a digest", digestMessage(hostileAlert(), 500)],
  ])("about %s mentions nobody and is no markup", (_what, message) => {
    const { content, embeds, allowed_mentions } = render(message);
    expect(allowed_mentions).toEqual({ parse: [] });
    const [{ description = "", fields }] = embeds;
    const outside = `${content.slice(2, -2)}\n${description.replace(/```\n[^`]*\n```|\(http[^)]*\)/g, "")}`;
    expect(outside).not.toMatch(/@[a-z]/i);
    expect(outside).not.toMatch(/(?<!\\)[*`<>_~|:]/);
    for (const { value } of fields) expect(value).toMatch(/^`[^`]+`(, `[^`]+`)*$/);
  });

  it("says the operator's words in Markdown, and the alert's as text", () => {
    const own = createRender(
      { title: "**{{ alert.title }}**", text: "_{{ alert.title }}_" },
      "soc",
    );
    const made = own(messageWith({ alert: alertWith({ title: "*x* <@1>" }), link: null }));
    expect(made.content).toBe("**\\*x\\* \\<\\@\u200b1\\>**");
    expect(made.embeds[0].description).toMatch(/^_\\\*x\\\* /);
    expect(made.embeds[0].fields).toEqual([]);
  });
});

describe("Discord", () => {
  it("shows an update in the message that is there, and anew where it is gone", async () => {
    const { fake, send } = await start({ thread_id: DISCORD_THREAD });
    const first = await send(messageWith());
    const reference = first.kind === "delivered" ? (first.reference ?? null) : null;
    expect(reference).toBe(fake.posts[0]?.id);
    const alert = alertWith({ status: "acknowledged" });
    const update = messageWith({ kind: "update", alert, memory: reference, key: "d_1~1" });
    expect(await send(update)).toMatchObject({ kind: "delivered", reference });
    expect(fake.posts).toHaveLength(1);
    expect(JSON.stringify(fake.posts[0]?.payload)).toContain("ACKNOWLEDGED");
    fake.posts.length = 0;
    expect(await send(update)).toMatchObject({ kind: "delivered" });
    expect(fake.posts).toMatchObject([{ thread: DISCORD_THREAD }]);
  });

  it("is waited for as long as it says, to the millisecond", async () => {
    const { fake, send } = await start();
    fake.misbehave((_received, response) => {
      const body = { message: "You are being rate limited.", retry_after: 1.337, global: false };
      response.writeHead(429, { "retry-after": "2" }).end(JSON.stringify(body));
    });
    expect(await send(messageWith())).toMatchObject({ reason: "rate_limited", after: 1337 });
  });

  it("is not believed when it does not say the message's id", async () => {
    const { fake, send } = await start();
    fake.misbehave((_received, response) => void response.writeHead(204).end());
    expect(await send(messageWith())).toMatchObject({ reason: "unexpected_answer" });
  });

  it.each([
    [
      404,
      '{"message":"Unknown Webhook","code":10015}',
      "not_found",
      /Unknown Webhook .* — .*deleted/,
    ],
    [401, '{"message":"Invalid Webhook Token","code":50027}', "unauthorized", / — copy/],
  ])("that says %i %s is quoted with a hint", async (status, body, reason, error) => {
    const { fake, send } = await start();
    fake.misbehave((_received, response) => void response.writeHead(status).end(body));
    const text = expect.stringMatching(error) as string;
    expect(await send(messageWith())).toMatchObject({ kind: "reject", reason, error: text });
  });
});

it.each([
  ["https://discord.com/api/webhooks/1/a-B_c", true],
  ["https://discord.com/api/v10/webhooks/1/abc", true],
  ["https://discord.com/api/webhooks/1/abc/slack", false],
  ["https://discord.com/api/webhooks/1/abc?wait=true", false],
  ["https://discord.com/api/webhooks/1/abc\n", false],
  ["https://bob@discord.com/api/webhooks/1/abc", false],
])("takes %j for a webhook: %s", (webhook_url, ok) => {
  expect(discord.config.safeParse({ webhook_url }).success).toBe(ok);
});
