import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  startTelegram,
  TELEGRAM_CHAT,
  TELEGRAM_TOKEN,
  TELEGRAM_TOPIC,
} from "../../../test/peers/telegram.ts";
import type { Message } from "../destination.ts";
import { shownOf } from "../html-cut.ts";
import { createRig, useClosing } from "../testing/conformance-rig.ts";
import { alertWith, digestMessage, hostileAlert, messageWith } from "../testing/messages.ts";
import { createRender } from "./render.ts";
import { telegram } from "./telegram.ts";

const closing = useClosing();
const render = createRender(undefined, "destination soc");

async function start(settings: Record<string, unknown> = {}) {
  const fake = closing(await startTelegram());
  const bot = { token: TELEGRAM_TOKEN, chat_id: TELEGRAM_CHAT, api_url: fake.url, ...settings };
  const peer = { ...fake, settings: bot, secrets: [], kept: () => fake.posts, measure: () => ({}) };
  const rig = createRig(telegram, peer, {}, closing);
  const refuse = (status: number, body: object) =>
    fake.misbehave(
      (_received, response) => void response.writeHead(status).end(JSON.stringify(body)),
    );
  return { fake, refuse, send: async (message: Message) => (await rig.try(message)).verdict };
}

describe("a message to Telegram", () => {
  it("is what stands in the sample", () => {
    const sample = new URL("./samples/brute-force.json", import.meta.url);
    expect(render(messageWith())).toEqual(JSON.parse(readFileSync(sample, "utf8")));
  });

  it.each([
    [
      "an alert",
      messageWith({ alert: hostileAlert("@all #x <b>y</b> https://evil.example t.me/x") }),
    ],
    ["a digest", digestMessage(hostileAlert("@all <b>y</b> https://evil.example t.me/x"), 500)],
  ])("about %s mentions nobody and makes no link of a text", (_what, message) => {
    const shown = shownOf(render(message).text.replace(/<a .*<\/a>/g, ""));
    expect(shown).toContain("<b>y</b>");
    expect(shown).not.toMatch(/@[a-z]|https?:|evil\.|t\.me/);
  });

  it("keeps the operator's markup where it fits, and drops it where it does not", () => {
    const own = createRender({ text: "<u>{{ alert.description }}</u>" }, "soc");
    const text = (description: string) =>
      own(messageWith({ alert: alertWith({ description }) })).text;
    expect(text("a < b")).toContain("\n\n<u>a &lt; b</u>\n\n");
    expect(text("<".repeat(5000))).not.toContain("<u>");
    expect(shownOf(text("<".repeat(5000))).length).toBeLessThanOrEqual(4096);
  });
});

describe("Telegram", () => {
  it("shows an update in the message that is there, and anew where it is gone", async () => {
    const { fake, send } = await start();
    const first = await send(messageWith());
    expect(first).toMatchObject({ kind: "delivered", reference: `${TELEGRAM_CHAT}:41` });
    const memory = `${TELEGRAM_CHAT}:41`;
    const update = messageWith({ kind: "update", memory, alert: alertWith({ status: "closed" }) });
    expect(await send(update)).toMatchObject({ kind: "delivered", reference: memory });
    expect(fake.posts).toMatchObject([{ shown: expect.stringContaining("[CLOSED]") as string }]);
    fake.posts.length = 0;
    expect(await send(update)).toMatchObject({ kind: "delivered" });
    expect(fake.posts).toHaveLength(1);
  });

  it.each([
    [400, "Bad Request: chat not found"],
    [400, "Bad Request: group chat was upgraded to a supergroup chat"],
    [403, "Forbidden: bot was kicked from the supergroup chat"],
  ])("shows an update anew where the chat of before says %i %s", async (status, description) => {
    const { fake, send } = await start();
    fake.misbehave((received, response) => {
      expect(received.path).toMatch(/\/editMessageText$/);
      fake.misbehave(undefined);
      const body = JSON.stringify({ ok: false, error_code: status, description });
      response.writeHead(status).end(body);
    });
    const update = messageWith({ kind: "update", memory: "-42:7" });
    expect(await send(update)).toMatchObject({ reference: `${TELEGRAM_CHAT}:41` });
  });

  it("has delivered a message of which it says more than is read", async () => {
    const { fake, send } = await start();
    const entities = Array.from({ length: 5000 }, (_, offset) => ({ offset, length: 2 }));
    const from = { id: 1, is_bot: true, first_name: "Tocsin" };
    const result = { message_id: 41, from, chat: { id: -1002, type: "group" }, entities };
    fake.misbehave((_received, response) => {
      response.writeHead(200).end(JSON.stringify({ ok: true, result }));
    });
    expect(await send(messageWith({ thread: "c" }))).toEqual({
      kind: "delivered",
      status: 200,
      remember: "41",
      reference: "-1002:41",
    });
  });

  it("that says less than it should has not said it", async () => {
    const { fake, send } = await start();
    fake.misbehave((_received, response) => {
      response.writeHead(200).end('{"ok":true,"result":{"message_id":41,"chat":{"id":1}');
    });
    expect(await send(messageWith())).toMatchObject({ reason: "unexpected_answer" });
  });

  it("is quoted without the token, encoded or not", async () => {
    const { refuse, send } = await start();
    const encoded = encodeURIComponent(TELEGRAM_TOKEN);
    refuse(404, { ok: false, description: `no /bot${encoded} and no ${TELEGRAM_TOKEN}` });
    const verdict = await send(messageWith());
    expect(verdict).toMatchObject({ kind: "reject" });
    expect(JSON.stringify(verdict)).not.toContain(TELEGRAM_TOKEN.split(":")[1]);
  });

  it("that has the update already has it", async () => {
    const { send } = await start();
    await send(messageWith());
    const memory = `${TELEGRAM_CHAT}:41`;
    const again = await send(messageWith({ kind: "update", memory }));
    expect(again).toMatchObject({ kind: "delivered", reference: memory });
  });

  it("threads by answering the first message, also when that is gone", async () => {
    const { fake, send } = await start({ topic_id: TELEGRAM_TOPIC });
    expect(await send(messageWith({ thread: "c" }))).toMatchObject({ remember: "41" });
    const next = messageWith({ thread: "c", memory: "41" });
    expect(await send(next)).toMatchObject({ kind: "delivered", remember: "41" });
    expect(fake.posts[1]?.body).toMatchObject({
      message_thread_id: TELEGRAM_TOPIC,
      reply_parameters: { message_id: 41 },
    });
    fake.posts.length = 0;
    expect(await send(next)).toMatchObject({ kind: "delivered" });
  });

  it("is waited for as long as it says", async () => {
    const { refuse, send } = await start();
    const description = "Too Many Requests: retry after 14";
    refuse(429, { ok: false, error_code: 429, description, parameters: { retry_after: 14 } });
    expect(await send(messageWith())).toMatchObject({ reason: "rate_limited", after: 14_000 });
  });

  it.each([
    [401, "Unauthorized", {}, "unauthorized", "check the token"],
    [403, "Forbidden: bot was blocked by the user", {}, "unauthorized", "start the bot again"],
    [400, "Bad Request: chat not found", {}, "rejected_by_peer", "check chat_id"],
    [
      400,
      "Bad Request: group chat was upgraded to a supergroup chat",
      { migrate_to_chat_id: -1009 },
      "rejected_by_peer",
      'set chat_id to "-1009"',
    ],
  ])(
    "that says %i %s is quoted with a hint",
    async (status, description, parameters, reason, hint) => {
      const { refuse, send } = await start();
      refuse(status, { ok: false, error_code: status, description, parameters });
      const verdict = await send(messageWith());
      expect(verdict).toMatchObject({ kind: "reject", reason });
      expect("error" in verdict && verdict.error).toContain(`HTTP ${status}: ${description} — `);
      expect("error" in verdict && verdict.error).toContain(hint);
    },
  );

  it("has no token in what is said of a connection that fails", async () => {
    const { fake, send } = await start();
    await fake.close();
    const verdict = await send(messageWith());
    expect(verdict).toMatchObject({ kind: "retry", reason: "refused" });
    expect(JSON.stringify(verdict)).not.toContain(TELEGRAM_TOKEN.slice(11));
  });
});

it.each([
  ["-1002003004005", true],
  ["@soc_alerts", true],
  ["soc", false],
  ["-100/x", false],
])("takes %j for a chat: %s", (chat_id, ok) => {
  expect(telegram.config.safeParse({ token: TELEGRAM_TOKEN, chat_id }).success).toBe(ok);
});
