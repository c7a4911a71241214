import {
  SERVICENOW_PASSWORD,
  SERVICENOW_TOKEN,
  SERVICENOW_USER,
  startServiceNow,
  type IncidentRow,
} from "../../../../test/peers/servicenow.ts";
import type { HttpSubject } from "../../testing/subject.ts";

const BASIC = Buffer.from(`${SERVICENOW_USER}:${SERVICENOW_PASSWORD}`).toString("base64");

export const subjects: readonly HttpSubject[] = [
  subjectOf("servicenow with a password", [SERVICENOW_PASSWORD, BASIC], {
    username: SERVICENOW_USER,
    password: SERVICENOW_PASSWORD,
  }),
  subjectOf("servicenow with a token", [SERVICENOW_TOKEN], { token: SERVICENOW_TOKEN }),
];

function subjectOf(name: string, secrets: readonly string[], account: object): HttpSubject {
  return {
    transport: "http",
    name,
    // A search, and the incident.
    requests: 2,
    async start(tls) {
      const fake = await startServiceNow(tls);
      const settings = { url: fake.url, ...account };
      return { ...fake, settings, secrets, kept: () => fake.incidents, measure };
    },
  };
}

/** The longest text is that of the description or of a work note. */
function measure(kept: unknown): Record<string, number> {
  const { fields, notes } = kept as IncidentRow;
  const lengthOf = (name: string) => fields[name]?.length ?? 0;
  return {
    short_description: lengthOf("short_description"),
    text: Math.max(lengthOf("description"), ...notes.map((note) => note.length)),
    correlation_id: lengthOf("correlation_id"),
  };
}
