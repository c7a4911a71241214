/** A TheHive for one test, and sending to it. */
import { afterEach } from "vitest";
import {
  startTheHive,
  THEHIVE_KEY,
  type FakeTheHive,
  type TheHiveOptions,
} from "../../../../test/peers/thehive.ts";
import type { Responder } from "../../../../test/peers/peer.ts";
import { createHttp } from "../../../net/client.ts";
import type { Message } from "../../destination.ts";
import { contextWith, NOW, sendingWith } from "../../testing/messages.ts";
import { thehive } from "../thehive.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** A fake of this version (5.7.3), and a destination with these settings. */
export async function scene(
  hive: Partial<TheHiveOptions> = {},
  settings: Record<string, unknown> = {},
  timeout = 10_000,
) {
  const fake = await startTheHive({ version: "5.7.3", ...hive });
  const options = { component: "destination cases", connections: 1, timeout };
  const http = createHttp({ ...options, egress: { allow: [], deny: [] } });
  closing.push(fake.close, http.close);
  const config = thehive.config.parse({ url: fake.url, api_key: THEHIVE_KEY, ...settings });
  const clock = { now: NOW };
  const now = () => clock.now;
  const destination = thehive.create(config, contextWith({ http, now, name: "cases" }).context);
  const send = async (message: Message) => {
    const { sending, exchanges } = sendingWith();
    const verdict = await destination.send(destination.render(message), message, sending);
    return { verdict, exchanges };
  };
  return { fake, send, clock };
}

/** The requests that were made: `POST /api/v1/alert`. */
export const calls = ({ received }: FakeTheHive) =>
  received.map(({ method, path }) => `${method} ${path}`);
export const bodies = ({ received }: FakeTheHive) =>
  received.filter(({ body }) => body !== "").map(({ body }) => JSON.parse(body) as Body);
export type Body = Record<string, unknown> & { tags: string[]; description: string; title: string };
/** What created the first alert that is there. */
export const sentBy = ({ alerts }: FakeTheHive) => alerts[0]?.writes[0]?.body as Body;
/** A fault that answers with an error of TheHive. */
export const tell = (said: object, status: number): Responder => {
  return (_received, response) =>
    void response
      .writeHead(status, { "content-type": "application/json" })
      .end(JSON.stringify(said));
};
