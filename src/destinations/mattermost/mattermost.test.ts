import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  MATTERMOST_CHANNEL,
  MATTERMOST_TOKEN,
  startMattermost,
} from "../../../test/peers/mattermost.ts";
import type { Message } from "../destination.ts";
import { createRig, useClosing } from "../testing/conformance-rig.ts";
import { alertWith, digestMessage, hostileAlert, messageWith } from "../testing/messages.ts";
import { breakMarks, code, linkTo } from "./markdown.ts";
import { mattermost } from "./mattermost.ts";
import { createRender } from "./render.ts";

const closing = useClosing();
const render = createRender(undefined, "destination soc");

async function startBot(settings: Record<string, unknown> = {}) {
  const fake = closing(await startMattermost());
  const bot = { url: `${fake.url}/`, token: MATTERMOST_TOKEN, channel_id: MATTERMOST_CHANNEL };
  const peer = {
    ...fake,
    settings: { ...bot, ...settings },
    secrets: [],
    kept: () => fake.posts,
    measure: () => ({}),
  };
  const rig = createRig(mattermost, peer, {}, closing);
  return { fake, send: async (message: Message) => (await rig.try(message)).verdict };
}

describe("a post", () => {
  it("is what stands in the sample", () => {
    const sample = new URL("./samples/brute-force.json", import.meta.url);
    expect(render(messageWith())).toEqual(JSON.parse(readFileSync(sample, "utf8")));
  });

  it.each([
    ["an alert", messageWith({ alert: hostileAlert() })],
    ["a digest", digestMessage(hostileAlert(), 500)],
  ])("of %s mentions nobody and makes no link of a text", (_what, message) => {
    const { text, attachments } = render(message);
    const outside = text.replace(/```\n[^`]*\n```/g, "");
    const all = [outside, attachments[0].fallback, attachments[0].footer].join("\n");
    expect(all).not.toMatch(/@[a-z]/i);
    expect(all).not.toContain("://evil.example|");
    expect(outside).not.toMatch(/(?<!\\)[*`<>]/);
    expect(outside.match(/(?<!\\)\]\(/g)?.length ?? 0).toBeLessThanOrEqual(2);
    for (const { value } of attachments[0].fields) expect(value).toMatch(/^`[^`]+`(, `[^`]+`)*$/);
  });

  it("breaks emoji and headings, and leaves times alone", () => {
    expect(breakMarks("at 10:00:00 :fire: x\n==")).toBe("at 10:00:00 :\u200bfire: x\n\u200b==");
  });

  it("cannot leave its code or its link", () => {
    expect(code("a`b", 100)).toBe("`aˋb`");
    expect(linkTo({ label: "a]b", url: "https://a.example/x)(y|z" })).toBe(
      "[a\\]b](https://a.example/x%29%28y%7Cz)",
    );
  });

  it("says the operator's words in Markdown, and the alert's as text", () => {
    const own = createRender(
      { title: "**{{ alert.title }}**", text: "_{{ alert.title }}_" },
      "soc",
    );
    const made = own(messageWith({ alert: alertWith({ title: "*x* @all" }), link: null }));
    expect(made.text).toContain("#### **\\*x\\* @\u200ball**\n\n_\\*x\\* @\u200ball_");
    expect(made.attachments[0].fields).toEqual([]);
  });
});

describe("a bot", () => {
  it("changes its post, and posts anew what is gone", async () => {
    const { fake, send } = await startBot();
    const first = await send(messageWith());
    expect(first).toMatchObject({ kind: "delivered", reference: fake.posts[0]?.id });
    const reference = first.kind === "delivered" ? (first.reference ?? null) : null;
    const alert = alertWith({ status: "closed" });
    const update = { kind: "update", alert, key: "d_1~1", memory: reference } as const;
    expect(await send(messageWith(update))).toMatchObject({ kind: "delivered", reference });
    expect(fake.posts).toHaveLength(1);
    expect(fake.posts[0]?.message).toContain("CLOSED");
    fake.posts.length = 0;
    expect(await send(messageWith({ ...update, key: "d_1~2" }))).toMatchObject({
      kind: "delivered",
    });
    expect(fake.posts).toHaveLength(1);
  });

  it("posts into the thread, and begins another where it is gone", async () => {
    const { fake, send } = await startBot();
    const first = await send(messageWith({ thread: "case 1" }));
    const memory = first.kind === "delivered" ? (first.remember ?? null) : null;
    expect(memory).toBe(fake.posts[0]?.id);
    const second = await send(messageWith({ thread: "case 1", memory, key: "d_2" }));
    expect(second).toMatchObject({ kind: "delivered", remember: memory });
    expect(fake.posts[1]?.root).toBe(memory);
    fake.posts.shift();
    const third = await send(messageWith({ thread: "case 1", memory, key: "d_3" }));
    expect(third).toMatchObject({ kind: "delivered", remember: fake.posts.at(-1)?.id });
  });

  it("is not shown twice when it tries again at once", async () => {
    const { fake, send } = await startBot();
    fake.loseAnswer();
    expect(await send(messageWith())).toMatchObject({ kind: "retry" });
    expect(await send(messageWith())).toMatchObject({ kind: "delivered" });
    expect(fake.posts).toHaveLength(1);
  });

  it("that may not post says what to do", async () => {
    const { send } = await startBot({ channel_id: "a".repeat(26) });
    expect(await send(messageWith())).toMatchObject({
      kind: "reject",
      reason: "unauthorized",
      error: expect.stringContaining("add the bot to the team") as string,
    });
  });
});

describe("the configuration", () => {
  const bot = { url: "https://chat.example", token: "t", channel_id: "a".repeat(26) };
  it.each([
    [{}, false],
    [{ webhook_url: "https://chat.example/hooks/x" }, true],
    [bot, true],
    [{ ...bot, webhook_url: "https://chat.example/hooks/x" }, false],
    [{ ...bot, channel_id: "town-square" }, false],
    [{ token: "t", channel_id: "a".repeat(26) }, false],
    [{ url: "https://chat.example", token: "t" }, false],
    [{ webhook_url: "https://chat.example/hooks/x", url: "https://chat.example" }, false],
    [{ ...bot, token: "t\n" }, false],
  ])("%j is valid: %s", (given, ok) => {
    expect(mattermost.config.safeParse(given).success).toBe(ok);
  });

  it("can update only as a bot", () => {
    const can = (given: object) => mattermost.canUpdate(mattermost.config.parse(given));
    expect(can(bot)).toBe(true);
    expect(can({ webhook_url: "https://chat.example/hooks/x" })).toBe(false);
  });
});
