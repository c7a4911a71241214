/** A Slack for the tests of a file, and sending to it both ways. */
import { afterAll, beforeAll, beforeEach } from "vitest";
import {
  SLACK_CHANNEL,
  SLACK_TOKEN,
  startSlack,
  type FakeSlack,
} from "../../../test/peers/slack.ts";
import { createHttp } from "../../net/client.ts";
import type { Http } from "../../net/http.ts";
import type { Message } from "../destination.ts";
import { slack } from "../slack/slack.ts";
import { contextWith, sendingWith } from "./messages.ts";

/** Starts a Slack before the tests of a file and empties it before each. */
export function useFakeSlack() {
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
    fake.updates.length = 0;
    fake.told.length = 0;
  });
  afterAll(async () => {
    await http.close();
    await fake.close();
  });
  return {
    get fake() {
      return fake;
    },
    asBot: () => ({ token: SLACK_TOKEN, channel: SLACK_CHANNEL, api_url: fake.apiUrl }),
    asWebhook: () => ({ webhook_url: fake.webhookUrl }),
    async send(settings: Record<string, unknown>, message: Message) {
      const config = slack.config.parse({ ...settings });
      const destination = slack.create(config, contextWith({ http }).context);
      const { sending, exchanges } = sendingWith();
      const verdict = await destination.send(destination.render(message), message, sending);
      return { verdict, exchanges };
    },
  };
}

/** Every string in a message or a part of it: what Slack shows or follows. */
export function textsOf(part: unknown): string[] {
  if (typeof part === "string") return [part];
  return typeof part === "object" && part !== null ? Object.values(part).flatMap(textsOf) : [];
}
