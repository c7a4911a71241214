import {
  JIRA_EMAIL,
  JIRA_PROJECT,
  JIRA_TOKEN,
  startJira,
  type JiraIssue,
} from "../../../../test/peers/jira.ts";
import type { HttpSubject } from "../../testing/subject.ts";

export const subjects: readonly HttpSubject[] = [subjectOf("cloud"), subjectOf("server")];

function subjectOf(api: "cloud" | "server"): HttpSubject {
  return {
    transport: "http",
    name: `jira ${api}`,
    // A search, and the issue.
    requests: 2,
    async start(tls) {
      const fake = await startJira(api, tls);
      const account = api === "cloud" ? { email: JIRA_EMAIL } : {};
      const settings = { url: fake.url, api, ...account, token: JIRA_TOKEN, project: JIRA_PROJECT };
      const basic = Buffer.from(`${JIRA_EMAIL}:${JIRA_TOKEN}`).toString("base64");
      return { ...fake, settings, secrets: [JIRA_TOKEN, basic], kept: () => fake.issues, measure };
    },
  };
}

/** The longest text is that of the description or of a comment. */
function measure(kept: unknown): Record<string, number> {
  const { fields, comments } = kept as JiraIssue;
  const { summary, description, labels } = fields as {
    readonly summary: string;
    readonly description: unknown;
    readonly labels: readonly string[];
  };
  const lengths = [description, ...comments].map((text) =>
    typeof text === "string" ? text.length : JSON.stringify(text).length,
  );
  return {
    summary: summary.length,
    text: Math.max(...lengths),
    label: Math.max(...labels.map((label) => label.length)),
  };
}
