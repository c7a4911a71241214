import {
  MATTERMOST_CHANNEL,
  MATTERMOST_HOOK,
  MATTERMOST_TOKEN,
  startMattermost,
  type FakeMattermost,
  type MattermostPost,
} from "../../../../test/peers/mattermost.ts";
import type { HttpSubject, HttpSubjectPeer } from "../../testing/subject.ts";

export const subjects: readonly HttpSubject[] = [
  {
    transport: "http",
    name: "mattermost through an incoming webhook",
    start: async (tls) => {
      const fake = await startMattermost(tls);
      const { webhookUrl } = fake;
      return subjectPeer(fake, { webhook_url: webhookUrl }, [webhookUrl, MATTERMOST_HOOK]);
    },
  },
  {
    transport: "http",
    name: "mattermost as a bot",
    start: async (tls) => {
      const fake = await startMattermost(tls);
      const bot = { token: MATTERMOST_TOKEN, channel_id: MATTERMOST_CHANNEL };
      return subjectPeer(fake, { url: fake.url, ...bot }, [MATTERMOST_TOKEN]);
    },
  },
];

function subjectPeer(
  fake: FakeMattermost,
  settings: Record<string, unknown>,
  secrets: readonly string[],
): HttpSubjectPeer {
  return { ...fake, settings, secrets, kept: () => fake.posts, measure };
}

function measure(kept: unknown): Record<string, number> {
  return { message: (kept as MattermostPost).message.length };
}
