import {
  PAGERDUTY_KEY,
  startPagerDuty,
  type PagerDutyAlert,
} from "../../../../test/peers/pagerduty.ts";
import type { HttpSubject } from "../../testing/subject.ts";

export const subjects: readonly HttpSubject[] = [
  {
    transport: "http",
    name: "pagerduty",
    async start(tls) {
      const fake = await startPagerDuty(tls);
      const settings = { routing_key: PAGERDUTY_KEY, url: fake.enqueueUrl };
      return { ...fake, settings, secrets: [PAGERDUTY_KEY], kept: () => fake.alerts, measure };
    },
  },
];

/** The largest of all events that an alert is made of. */
function measure(kept: unknown): Record<string, number> {
  const { key, events } = kept as PagerDutyAlert;
  const summaries = events.map(({ payload }) => (payload as { summary: string }).summary.length);
  const sizes = events.map((event) => Buffer.byteLength(JSON.stringify(event)));
  return { summary: Math.max(...summaries), dedup_key: key.length, event: Math.max(...sizes) };
}
