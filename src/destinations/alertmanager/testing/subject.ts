import {
  ALERTMANAGER_PASSWORD,
  ALERTMANAGER_TOKEN,
  ALERTMANAGER_USER,
  startAlertmanager,
} from "../../../../test/peers/alertmanager.ts";
import type { HttpSubject } from "../../testing/subject.ts";

const BASIC = Buffer.from(`${ALERTMANAGER_USER}:${ALERTMANAGER_PASSWORD}`).toString("base64");

export const subjects: readonly HttpSubject[] = [
  subjectWith("alertmanager with a user", [ALERTMANAGER_PASSWORD, BASIC], {
    username: ALERTMANAGER_USER,
    password: ALERTMANAGER_PASSWORD,
  }),
  subjectWith("alertmanager with a token", [ALERTMANAGER_TOKEN], { token: ALERTMANAGER_TOKEN }),
];

function subjectWith(
  name: string,
  secrets: readonly string[],
  credentials: Readonly<Record<string, string>>,
): HttpSubject {
  return {
    transport: "http",
    name,
    async start(tls) {
      const fake = await startAlertmanager(tls);
      const settings = { url: fake.url, ...credentials };
      return { ...fake, settings, secrets, kept: () => fake.alerts, measure: () => ({}) };
    },
  };
}
