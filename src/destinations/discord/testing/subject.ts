import {
  DISCORD_TOKEN,
  embedLength,
  startDiscord,
  type DiscordPost,
} from "../../../../test/peers/discord.ts";
import type { HttpSubject } from "../../testing/subject.ts";
import type { DiscordMessage } from "../render.ts";

export const subjects: readonly HttpSubject[] = [
  {
    transport: "http",
    name: "discord",
    async start(tls) {
      const fake = await startDiscord(tls);
      const settings = { webhook_url: fake.webhookUrl };
      const secrets = [fake.webhookUrl, DISCORD_TOKEN];
      return { ...fake, settings, secrets, kept: () => fake.posts, measure };
    },
  },
];

function measure(kept: unknown): Record<string, number> {
  const { content, embeds } = (kept as DiscordPost).payload as unknown as DiscordMessage;
  const [{ description = "", fields }] = embeds;
  return {
    content: content.length,
    description: description.length,
    field: Math.max(0, ...fields.map(({ value }) => value.length)),
    fields: fields.length,
    embed: embedLength({ ...embeds[0] }),
  };
}
