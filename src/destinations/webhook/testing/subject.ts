import { startFaultyPeer } from "../../../../test/peers/peer.ts";
import type { HttpSubject } from "../../testing/subject.ts";

const SECRET = "a signing secret of the receiver";
const TOKEN = "Bearer token-of-the-receiver";

export const subjects: readonly HttpSubject[] = [
  {
    transport: "http",
    name: "webhook",
    anyAnswer: true,
    async start(tls) {
      const kept: { readonly key: string; readonly body: string }[] = [];
      const peer = await startFaultyPeer(({ headers, body }, response) => {
        kept.push({ key: String(headers["idempotency-key"]), body });
        response.end("thanks");
      }, tls);
      const settings = {
        url: `${peer.url}/in`,
        secret: SECRET,
        headers: { authorization: TOKEN },
      };
      return {
        ...peer,
        settings,
        secrets: [SECRET, TOKEN],
        kept: () => kept,
        measure: () => ({}),
        keyOf: (one) => (one as { key: string }).key,
      };
    },
  },
];
