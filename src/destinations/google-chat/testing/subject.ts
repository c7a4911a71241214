import {
  CHAT_KEY,
  CHAT_TOKEN,
  startGoogleChat,
  type ChatPost,
} from "../../../../test/peers/google-chat.ts";
import type { HttpSubject } from "../../testing/subject.ts";

export const subjects: readonly HttpSubject[] = [
  {
    transport: "http",
    name: "google-chat",
    async start(tls) {
      const fake = await startGoogleChat(tls);
      const settings = { webhook_url: fake.webhookUrl };
      const secrets = [fake.webhookUrl, CHAT_KEY, CHAT_TOKEN];
      return { ...fake, settings, secrets, kept: () => fake.posts, measure };
    },
  },
];

function measure(kept: unknown): Record<string, number> {
  return { message: Buffer.byteLength(JSON.stringify((kept as ChatPost).payload)) };
}
