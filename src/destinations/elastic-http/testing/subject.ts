import { gunzipSync } from "node:zlib";
import {
  AGENT_HMAC_HEADER,
  AGENT_HMAC_KEY,
  AGENT_PASSWORD,
  AGENT_SECRET,
  AGENT_SECRET_HEADER,
  AGENT_USER,
  startAgent,
  type AgentOptions,
} from "../../../../test/peers/elastic-http.ts";
import type { Received } from "../../../../test/peers/peer.ts";
import type { HttpSubject } from "../../testing/subject.ts";

const BASIC = { username: AGENT_USER, password: AGENT_PASSWORD };
const SECRET = { headers: { [AGENT_SECRET_HEADER]: AGENT_SECRET } };
const HMAC = { header: AGENT_HMAC_HEADER, secret: AGENT_HMAC_KEY, prefix: "sha256=" };

export const subjects: readonly HttpSubject[] = [
  subjectFor("elastic-http", { basic: true }, BASIC),
  subjectFor(
    "elastic-http in lines, compressed and signed",
    { secret: true, hmac: { type: "sha256", prefix: "sha256=" } },
    { ...SECRET, batch: "ndjson", gzip: true, hmac: HMAC },
  ),
  subjectFor(
    "elastic-http with Superna's fields in arrays",
    { secret: true },
    {
      ...SECRET,
      batch: "array",
      format: "superna",
    },
  ),
];

function subjectFor(
  name: string,
  options: AgentOptions,
  own: Readonly<Record<string, unknown>>,
): HttpSubject {
  return {
    transport: "http",
    name,
    async start(tls) {
      const agent = await startAgent({ ...options, tls });
      const basic = Buffer.from(`${AGENT_USER}:${AGENT_PASSWORD}`).toString("base64");
      return {
        ...agent,
        get received() {
          return agent.received.map(readable);
        },
        settings: { url: `${agent.url}/`, ...own },
        secrets: [AGENT_PASSWORD, basic, AGENT_SECRET, AGENT_HMAC_KEY],
        kept: () => agent.events,
        measure: (kept) => ({ event: Buffer.byteLength(JSON.stringify(kept)) }),
        keyOf,
      };
    },
  };
}

function readable(received: Received): Received {
  if (received.headers["content-encoding"] !== "gzip") return received;
  return { ...received, body: gunzipSync(received.bytes).toString("utf8") };
}

/** Superna's fields have no key: a repeat can be told by being the same in all of them. */
function keyOf(kept: unknown): string {
  const { tocsin } = kept as { tocsin?: { message: { key: string } } };
  return tocsin?.message.key ?? JSON.stringify(kept);
}
