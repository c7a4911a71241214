import { startTeams, TEAMS_SIGNATURE } from "../../../../test/peers/teams.ts";
import type { HttpSubject } from "../../testing/subject.ts";

export const subjects: readonly HttpSubject[] = [
  {
    transport: "http",
    name: "teams",
    async start(tls) {
      const fake = await startTeams(tls);
      const settings = { webhook_url: fake.webhookUrl };
      const secrets = [fake.webhookUrl, TEAMS_SIGNATURE];
      return { ...fake, settings, secrets, kept: () => fake.posts, measure };
    },
  },
];

function measure(kept: unknown): Record<string, number> {
  return { message: Buffer.byteLength(JSON.stringify(kept)) };
}
