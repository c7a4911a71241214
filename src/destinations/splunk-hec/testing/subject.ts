import { HEC_INDEX, HEC_TOKEN, startSplunk } from "../../../../test/peers/splunk-hec.ts";
import type { HttpSubject } from "../../testing/subject.ts";

export const subjects: readonly HttpSubject[] = [
  {
    transport: "http",
    name: "splunk-hec",
    async start(tls) {
      const splunk = await startSplunk({ tls });
      return {
        ...splunk,
        settings: { url: splunk.url, token: HEC_TOKEN, index: HEC_INDEX },
        secrets: [HEC_TOKEN],
        kept: () => splunk.events,
        measure: (kept) => ({ event: Buffer.byteLength(JSON.stringify(kept)) }),
        keyOf: (kept) => (kept as { fields: { message_key: string } }).fields.message_key,
      };
    },
  },
];
