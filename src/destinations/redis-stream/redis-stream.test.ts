import { afterEach, describe, expect, it } from "vitest";
import { REDIS_PASSWORD, startRedisPeer } from "../../../test/peers/redis.ts";
import { missingRedis } from "../../../test/servers/redis.ts";
import { openSockets } from "../../net/socket-client.ts";
import type { Message } from "../destination.ts";
import {
  alertWith,
  contextWith,
  digestMessage,
  messageWith,
  sendingWith,
} from "../testing/messages.ts";
import { redisStream } from "./redis-stream.ts";
import { renderEntry } from "./render.ts";

const STREAM = "tocsin:alerts";

describe("an entry", () => {
  it("has the fields that consumers choose by, and the whole message", () => {
    const message = messageWith();
    const { kind, key, alert, link } = message;
    const fields = Object.fromEntries(renderEntry(message, 1e6).fields);
    expect({ ...fields, message: JSON.parse(fields["message"] ?? "") as unknown }).toEqual({
      key: "d_01JTFYX3M0_7",
      kind: "alert",
      alert: "01JTFYX3M0QK7T1B0S7N9V5R4E",
      number: "ALR-000123",
      severity: "high",
      status: "new",
      message: { type: "alert", kind, key, alert, link },
    });
  });

  it("of a test says so", () => {
    const { fields } = renderEntry(messageWith({ test: true }), 1e6);
    expect(Object.fromEntries(fields)["kind"]).toBe("test");
  });

  it("of a large digest has as many alerts as have room, and counts all", () => {
    const message = digestMessage(alertWith(), 500);
    const text = Object.fromEntries(renderEntry(message, 20_000).fields)["message"] ?? "";
    const { digest } = JSON.parse(text) as { digest: { total: number; alerts: unknown[] } };
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(20_000);
    expect(digest.total).toBe(500);
    expect(digest.alerts.length).toBeGreaterThan(2);
  });
});

const missing = missingRedis();
describe.skipIf(missing && !process.env["CI"])(
  `a real Redis${missing ? `: ${missing}` : ""}`,
  () => {
    const open: { close(): Promise<void> }[] = [];
    afterEach(async () => {
      for (const each of open.splice(0).toReversed()) await each.close();
    });

    async function start(settings: Record<string, unknown> = {}, timeout = 10_000) {
      const peer = await startRedisPeer(STREAM);
      const sockets = openSockets({
        component: "destination soc",
        egress: { allow: [], deny: [] },
        timeout,
      });
      const config = redisStream.config.parse({
        host: "127.0.0.1",
        port: peer.port,
        password: REDIS_PASSWORD,
        ...settings,
      });
      const destination = redisStream.create(config, contextWith({ sockets }).context);
      open.push(peer, destination);
      const send = (message: Message) =>
        destination.send(destination.render(message), message, sendingWith().sending);
      return { peer, send };
    }

    it("gets entries in the order in which they are sent, and says their ids", async () => {
      const { peer, send } = await start();
      const verdicts = [];
      for (const key of ["d_1", "d_2", "d_3"]) verdicts.push(await send(messageWith({ key })));
      expect(verdicts[0]).toMatchObject({
        kind: "delivered",
        reference: expect.stringMatching(/^\d+-\d+$/) as string,
      });
      expect((await peer.entries(STREAM)).map(({ key }) => key)).toEqual(["d_1", "d_2", "d_3"]);
    });

    it("keeps about as many as it is told", async () => {
      const { peer, send } = await start({ max_length: 100 });
      for (let index = 0; index < 500; index += 1) await send(messageWith({ key: `d_${index}` }));
      const { length } = await peer.entries(STREAM);
      expect(length).toBeGreaterThanOrEqual(100);
      // It trims whole nodes, each of at most 100 entries or 4 kB.
      expect(length).toBeLessThan(300);
    });

    it.each([
      [{ password: "wrong-password" }, "WRONGPASS"],
      [{ password: undefined }, "NOAUTH"],
    ])("refuses %j with a hint", async (settings, code) => {
      const { send } = await start(settings);
      const verdict = await send(messageWith());
      expect(verdict).toMatchObject({
        kind: "reject",
        reason: "unauthorized",
        error: expect.stringMatching(`^${code}.* — `) as string,
      });
    });

    it("gets what it has no memory for another time", async () => {
      const { peer, send } = await start();
      await peer.limitMemory(1);
      expect(await send(messageWith())).toMatchObject({
        kind: "retry",
        reason: "server_error",
        error: expect.stringMatching(/^OOM.* — .*max_length/) as string,
      });
      await peer.limitMemory(0);
      expect(await send(messageWith())).toMatchObject({ kind: "delivered" });
    });

    it("gets entries in the database that is named", async () => {
      const { peer, send } = await start({ database: 3 });
      expect(await send(messageWith())).toMatchObject({ kind: "delivered" });
      expect(await peer.entries(STREAM)).toEqual([]);
    });

    it("is connected to again after a connection went dead without a word", async () => {
      const { peer, send } = await start({}, 1000);
      await send(messageWith({ key: "d_1" }));
      peer.stall();
      expect(await send(messageWith({ key: "d_2" }))).toMatchObject({ reason: "timeout" });
      expect(await send(messageWith({ key: "d_2" }))).toMatchObject({ kind: "delivered" });
      expect((await peer.entries(STREAM)).map(({ key }) => key)).toEqual(["d_1", "d_2"]);
    });

    it("is connected to anew when it is a replica by now, for its name may lead elsewhere", async () => {
      const { peer, send } = await start();
      await send(messageWith({ key: "d_1" }));
      await peer.demote(true);
      const verdict = await send(messageWith({ key: "d_2" }));
      expect(verdict).toMatchObject({ kind: "retry", reason: "server_error" });
      await peer.demote(false);
      expect(await send(messageWith({ key: "d_2" }))).toMatchObject({ kind: "delivered" });
      expect(peer.connections()).toBe(2);
    });

    it("is connected to again after it went away", async () => {
      const { peer, send } = await start();
      await send(messageWith({ key: "d_1" }));
      await peer.misbehave("refused");
      expect(await send(messageWith({ key: "d_2" }))).toMatchObject({ kind: "retry" });
      await peer.misbehave(undefined);
      expect(await send(messageWith({ key: "d_2" }))).toMatchObject({ kind: "delivered" });
      expect((await peer.entries(STREAM)).map(({ key }) => key)).toEqual(["d_1", "d_2"]);
    });
  },
);
