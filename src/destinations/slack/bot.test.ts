import { describe, expect, it } from "vitest";
import { SLACK_CHANNEL, SLACK_CHANNEL_NAME } from "../../../test/peers/slack.ts";
import type { Message } from "../destination.ts";
import { useFakeSlack } from "../testing/fake-slack.ts";
import {
  alertWith,
  digestMessage,
  hostileAlert,
  hugeAlert,
  messageWith,
} from "../testing/messages.ts";

const peer = useFakeSlack();

describe("a bot", () => {
  it("starts a thread and remembers it, then answers in it and still remembers it", async () => {
    const thread = "case 1";
    const first = await peer.send(peer.asBot(), messageWith({ thread }));
    expect(first.verdict).toMatchObject({ kind: "delivered", remember: "1777975200.000001" });
    const second = await peer.send(
      peer.asBot(),
      messageWith({ thread, memory: "1777975200.000001" }),
    );
    expect(second.verdict).toMatchObject({ kind: "delivered", remember: "1777975200.000001" });
    expect(peer.fake.posts.map(({ payload }) => payload["thread_ts"])).toEqual([
      undefined,
      "1777975200.000001",
    ]);
  });

  it("remembers no thread without one, but always the message itself", async () => {
    const reference = `${SLACK_CHANNEL}:1777975200.000001`;
    const { verdict } = await peer.send(peer.asBot(), messageWith({ memory: "1600000000.000001" }));
    expect(verdict).toEqual({ kind: "delivered", status: 200, reference });
  });

  it("answers in a thread with a reference of its own", async () => {
    const root = "1777975200.000001";
    await peer.send(peer.asBot(), messageWith({ thread: "case 1" }));
    const message = messageWith({ thread: "case 1", memory: root });
    const { verdict } = await peer.send(peer.asBot(), message);
    const reference = `${SLACK_CHANNEL}:1777975200.000002`;
    expect(verdict).toEqual({ kind: "delivered", status: 200, remember: root, reference });
  });

  it("starts a new thread where the old one was deleted", async () => {
    const message = messageWith({ thread: "case 1", memory: "1600000000.000001" });
    const { verdict, exchanges } = await peer.send(peer.asBot(), message);
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
    peer.fake.misbehave((_received, response) => {
      response.writeHead(200, { "retry-after": "3" }).end(JSON.stringify({ ok: false, error }));
    });
    const { verdict } = await peer.send(peer.asBot(), messageWith());
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
      peer.fake.misbehave((_received, response) => void response.end(body));
      const { verdict } = await peer.send(peer.asBot(), messageWith());
      expect(verdict).toMatchObject({ kind: "retry", reason: "unexpected_answer" });
    },
  );

  it("has delivered though the answer is too long to be read whole", async () => {
    peer.fake.misbehave((_received, response) => {
      const message = { text: "x".repeat(100_000) };
      response.end(JSON.stringify({ ok: true, channel: "C0123", ts: "1.000002", message }));
    });
    const { verdict } = await peer.send(peer.asBot(), messageWith({ thread: "case 1" }));
    const reference = "C0123:1.000002";
    const remember = "1.000002";
    expect(verdict).toEqual({ kind: "delivered", status: 200, remember, reference });
  });

  it("with a wrong token or channel is refused by Slack", async () => {
    const token = await peer.send({ ...peer.asBot(), token: "xoxb-other" }, messageWith());
    expect(token.verdict).toMatchObject({ kind: "reject", reason: "unauthorized" });
    const channel = await peer.send({ ...peer.asBot(), channel: "C0" }, messageWith());
    expect(channel.verdict).toMatchObject({ kind: "reject", reason: "not_found" });
    expect(peer.fake.posts).toEqual([]);
  });
});

describe("an update", () => {
  const thrice = alertWith({ count: 3, last_seen: "2026-05-05T12:00:00.000Z" });

  async function sendFirst(change: Parameters<typeof messageWith>[0] = {}, settings = {}) {
    const { verdict } = await peer.send({ ...peer.asBot(), ...settings }, messageWith(change));
    if (verdict.kind !== "delivered") throw new RangeError("the first message was not delivered");
    return verdict.reference ?? null;
  }

  it("changes the message that it names, and keeps its reference", async () => {
    const memory = await sendFirst();
    const update = messageWith({ kind: "update", alert: thrice, memory });
    const { verdict } = await peer.send(peer.asBot(), update);
    expect(verdict).toEqual({ kind: "delivered", status: 200, reference: memory });
    expect(peer.fake.posts).toHaveLength(1);
    expect(JSON.stringify(peer.fake.posts[0]?.payload)).toContain("`3 times`");
    expect(peer.fake.updates).toMatchObject([{ ts: "1777975200.000001", parse: "none" }]);
  });

  it("changes an answer in a thread, and not what the thread remembers", async () => {
    const root = "1777975200.000001";
    await sendFirst({ thread: "case 1" });
    const memory = await sendFirst({ thread: "case 1", memory: root });
    const update = messageWith({ kind: "update", alert: thrice, thread: "case 1", memory });
    const { verdict } = await peer.send(peer.asBot(), update);
    expect(verdict).toEqual({ kind: "delivered", status: 200, reference: memory });
    expect(peer.fake.updates).toMatchObject([{ ts: "1777975200.000002" }]);
  });

  it("finds its message where the channel is configured by its name", async () => {
    const byName = { channel: SLACK_CHANNEL_NAME };
    const memory = await sendFirst({}, byName);
    const update = messageWith({ kind: "update", alert: thrice, memory });
    await peer.send({ ...peer.asBot(), ...byName }, update);
    expect([peer.fake.posts.length, peer.fake.updates.length]).toEqual([1, 1]);
  });

  it.each([
    ["was deleted", `${SLACK_CHANNEL}:1600000000.000001`, 2],
    ["stands in a channel that is gone", "C0:1600000000.000001", 2],
    ["is not known", null, 1],
    ["is not known by channel", "1600000000.000001", 1],
  ])("is a new message where the old one %s", async (_why, memory, requests) => {
    const update = messageWith({ kind: "update", alert: thrice, thread: "case 1", memory });
    const { verdict, exchanges } = await peer.send(peer.asBot(), update);
    const reference = `${SLACK_CHANNEL}:1777975200.000001`;
    expect(verdict).toEqual({ kind: "delivered", status: 200, reference });
    expect(exchanges).toHaveLength(requests);
    expect(peer.fake.posts.map(({ payload }) => payload["thread_ts"])).toEqual([undefined]);
  });

  it("is a new message where the old one may not be changed", async () => {
    await peer.send(peer.asWebhook(), messageWith());
    const memory = `${SLACK_CHANNEL}:1777975200.000001`;
    const update = messageWith({ kind: "update", alert: thrice, memory });
    const { verdict } = await peer.send(peer.asBot(), update);
    const reference = `${SLACK_CHANNEL}:1777975200.000002`;
    expect(verdict).toEqual({ kind: "delivered", status: 200, reference });
  });

  it("that Slack has no time for is tried again, not sent anew", async () => {
    peer.fake.misbehave((_received, response) => {
      response.end(JSON.stringify({ ok: false, error: "ratelimited" }));
    });
    const memory = `${SLACK_CHANNEL}:1777975200.000001`;
    const update = messageWith({ kind: "update", memory });
    const { verdict, exchanges } = await peer.send(peer.asBot(), update);
    expect(verdict).toMatchObject({ kind: "retry", reason: "rate_limited" });
    expect(exchanges).toHaveLength(1);
  });

  it.each([
    ["longest", hugeAlert()],
    ["hostile", hostileAlert()],
  ])("of a digest that is %s is accepted", async (_kind, alert) => {
    const memory = await sendFirst();
    const update: Message = { ...digestMessage(alert, 500), kind: "update", memory };
    await peer.send(peer.asBot(), update);
    expect([peer.fake.posts.length, peer.fake.updates.length]).toEqual([1, 1]);
  });

  it("is not what a reminder is: that is a new message in its thread", async () => {
    const root = "1777975200.000001";
    await sendFirst({ thread: "case 1" });
    const reminder = messageWith({ kind: "reminder", thread: "case 1", memory: root });
    await peer.send(peer.asBot(), reminder);
    expect(peer.fake.posts.map(({ payload }) => payload["thread_ts"])).toEqual([undefined, root]);
    expect(peer.fake.updates).toEqual([]);
  });
});
