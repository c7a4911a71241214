import {
  startTelegram,
  TELEGRAM_CHAT,
  TELEGRAM_TOKEN,
  type TelegramPost,
} from "../../../../test/peers/telegram.ts";
import type { HttpSubject } from "../../testing/subject.ts";

export const subjects: readonly HttpSubject[] = [
  {
    transport: "http",
    name: "telegram",
    async start(tls) {
      const fake = await startTelegram(tls);
      const settings = { token: TELEGRAM_TOKEN, chat_id: TELEGRAM_CHAT, api_url: fake.url };
      return { ...fake, settings, secrets: [TELEGRAM_TOKEN], kept: () => fake.posts, measure };
    },
  },
];

function measure(kept: unknown): Record<string, number> {
  return { text: (kept as TelegramPost).shown.length };
}
