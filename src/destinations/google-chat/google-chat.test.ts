import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { startGoogleChat } from "../../../test/peers/google-chat.ts";
import type { Message } from "../destination.ts";
import { jsonBytes } from "../fit.ts";
import { createRig, useClosing } from "../testing/conformance-rig.ts";
import {
  alertWith,
  digestMessage,
  hostileAlert,
  hugeAlert,
  messageWith,
} from "../testing/messages.ts";
import { googleChat } from "./google-chat.ts";
import { createRender } from "./render.ts";

const closing = useClosing();
const render = createRender(undefined, "destination soc");

async function start() {
  const fake = closing(await startGoogleChat());
  const settings = { webhook_url: fake.webhookUrl };
  const peer = { ...fake, settings, secrets: [], kept: () => fake.posts, measure: () => ({}) };
  const rig = createRig(googleChat, peer, {}, closing);
  return { fake, send: async (message: Message) => (await rig.try(message)).verdict };
}

/** Every string in a part of a message. */
function textsOf(part: unknown): string[] {
  if (typeof part === "string") return [part];
  return typeof part === "object" && part !== null ? Object.values(part).flatMap(textsOf) : [];
}

describe("a card", () => {
  it("is what stands in the sample", () => {
    const sample = new URL("./samples/brute-force.json", import.meta.url);
    expect(render(messageWith())).toEqual(JSON.parse(readFileSync(sample, "utf8")));
  });

  it.each([
    ["an alert", messageWith({ alert: hostileAlert("<users/all> <https://evil.example|x> @all") })],
    ["a digest", digestMessage(hostileAlert("<users/all> <https://evil.example|x> @all"), 500)],
  ])("about %s mentions nobody and makes no link of a text", (_what, message) => {
    const texts = textsOf(render(message)).filter((text) => !text.startsWith("http"));
    const all = texts
      .map((text) => text.replace(/<\/?(b|i|font)( color="#\w+")?>/g, ""))
      .join("\n");
    expect(all).toContain("&lt;users/all&gt;");
    expect(all).not.toMatch(/[<>]|https?:|@[a-z]/);
  });

  it.each(["本", "😀", "<", '"'])("fits whatever it is made of: %j", (letter) => {
    const made = render(messageWith({ alert: hugeAlert(50_000, 500, letter) }));
    expect(jsonBytes(made)).toBeLessThanOrEqual(32_000);
    expect(jsonBytes(made)).toBeGreaterThan(28_000);
  });

  it("says the operator's words in HTML, and the alert's as text", () => {
    const own = createRender(
      { title: "<u>{{ alert.title }}</u>", text: "<b>{{ alert.title }}</b>" },
      "soc",
    );
    const texts = textsOf(own(messageWith({ alert: alertWith({ title: "<a>" }) })));
    expect(texts).toEqual(expect.arrayContaining(["<u>&lt;a&gt;</u>", "<b>&lt;a&gt;</b>"]));
  });
});

describe("a space", () => {
  it("shows a message once, however often it is sent", async () => {
    const { fake, send } = await start();
    expect(await send(messageWith())).toMatchObject({ kind: "delivered" });
    expect(await send(messageWith())).toMatchObject({ kind: "delivered" });
    expect(fake.posts).toHaveLength(1);
    await send(messageWith({ key: "d_2" }));
    expect(fake.posts).toHaveLength(2);
  });

  it("has a thread for each thread, and its key is short and holds nothing of the alert", async () => {
    const { fake, send } = await start();
    for (const [key, thread] of [
      ["a", "web-1"],
      ["b", "web-1"],
      ["c", `web-2${"x".repeat(9000)}`],
    ] as const)
      await send(messageWith({ key, thread }));
    const threads = fake.posts.map((post) => post.thread);
    expect(threads[0]).toBe(threads[1]);
    expect(threads[2]).not.toBe(threads[0]);
    for (const thread of threads) expect(thread).toMatch(/^[0-9a-f]{64}$/);
  });

  it("that refuses is quoted with a hint", async () => {
    const { fake, send } = await start();
    const error = { code: 403, message: "Webhooks are disabled.", status: "PERMISSION_DENIED" };
    fake.misbehave(
      (_received, response) => void response.writeHead(403).end(JSON.stringify({ error })),
    );
    expect(await send(messageWith())).toMatchObject({
      kind: "reject",
      reason: "unauthorized",
      error: expect.stringMatching(
        /Webhooks are disabled\. \(PERMISSION_DENIED\) — copy/,
      ) as string,
    });
  });
});

it.each([
  ["https://chat.googleapis.com/v1/spaces/A/messages?key=k&token=t", true],
  ["https://chat.googleapis.com/v1/spaces/A/messages?key=k", false],
  ["https://chat.googleapis.com/v1/spaces/A?key=k&token=t", false],
  ["https://chat.googleapis.com/v1/spaces/A/messages?key=k&token=t\n", false],
])("takes %j for a webhook: %s", (webhook_url, ok) => {
  expect(googleChat.config.safeParse({ webhook_url }).success).toBe(ok);
});
