import {
  startTheHive,
  THEHIVE_KEY,
  THEHIVE_ORGANISATION,
  type HiveAlertKept,
  type TheHiveOptions,
} from "../../../../test/peers/thehive.ts";
import type { HttpSubject } from "../../testing/subject.ts";

const SETTINGS = {
  api_key: THEHIVE_KEY,
  organisation: THEHIVE_ORGANISATION,
  type: "alerts of the whole company",
  source: "tocsin of the security team",
  custom_fields: { score: { type: "integer", value: "{{ alert.risk_score }}" } },
};

function subject(
  name: string,
  hive: TheHiveOptions,
  requests: number,
  settings: Record<string, unknown> = {},
): HttpSubject {
  return {
    transport: "http",
    name,
    requests,
    async start(tls) {
      const fake = await startTheHive({ customFields: ["score"], ...hive }, tls);
      return {
        ...fake,
        settings: { ...SETTINGS, url: fake.url, ...settings },
        secrets: [THEHIVE_KEY],
        kept: () => fake.alerts,
        measure: (kept) => measure(kept as HiveAlertKept, hive.version.startsWith("4")),
      };
    },
  };
}

export const subjects: readonly HttpSubject[] = [
  // The first request asks which version it is.
  subject("thehive 5", { version: "5.7.3" }, 2),
  subject("thehive 4", { version: "4.1.24-1" }, 1, { version: 4 }),
  subject("thehive 5 with cases", { version: "5.2.10-1" }, 2, { case: "merge" }),
];

interface Written {
  readonly type?: string;
  readonly source?: string;
  readonly sourceRef?: string;
  readonly title?: string;
  readonly description?: string;
  readonly externalLink?: string;
  readonly tags?: readonly string[];
  readonly addTags?: readonly string[];
  readonly observables?: readonly { readonly data: string }[];
  readonly artifacts?: readonly { readonly data: string }[];
}

/** The largest of everything that was ever written of the alert: updates replace what was there. */
function measure({ writes }: HiveAlertKept, isOld: boolean): Record<string, number> {
  const bodies = writes.map(({ body }) => body as Written);
  const longest = (textsOf: (body: Written) => readonly (string | undefined)[]) =>
    Math.max(0, ...bodies.flatMap(textsOf).map((text) => text?.length ?? 0));
  const tags = (body: Written) => body.tags ?? body.addTags ?? [];
  const size = Math.max(...writes.map(({ bytes }) => bytes));
  return {
    type: longest((body) => [body.type]),
    source: longest((body) => [body.source]),
    sourceRef: longest((body) => [body.sourceRef]),
    title: longest((body) => [body.title]),
    description: longest((body) => [body.description]),
    link: longest((body) => [body.externalLink]),
    tag: longest(tags),
    tags: Math.max(...bodies.map((body) => tags(body).length)),
    observable: longest((body) => {
      return (body.observables ?? body.artifacts ?? []).map(({ data }) => data);
    }),
    "body for 4": isOld ? size : 0,
    "body for 5": isOld ? 0 : size,
  };
}
