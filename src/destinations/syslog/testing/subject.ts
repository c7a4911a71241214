import type { PeerTls } from "../../../../test/peers/peer.ts";
import {
  startCollector,
  startUdpCollector,
  type FakeCollector,
  type KeptLine,
} from "../../../../test/peers/syslog.ts";
import type { SocketSubject, SocketSubjectPeer } from "../../testing/subject.ts";

/** A collector that says nothing is one that works: what it cannot take it does not say. */
const FAULTS = {
  refused: { kind: "retry", reason: "refused" },
  reset: { kind: "retry", reason: "reset" },
  lost_answer: { kind: "retry", reason: "reset" },
} as const;

export const subjects: readonly SocketSubject[] = [
  overTcp("syslog over TCP and TLS, as CEF", "cef", true),
  overTcp("syslog over TCP, as JSON", "json", false),
  overUdp("syslog over UDP, as CEF", "cef"),
  overUdp("syslog over UDP, as JSON", "json"),
];

function overTcp(name: string, format: string, tls: boolean): SocketSubject {
  const start = async (using?: PeerTls) => {
    const collector = await startCollector(using);
    return subjectPeer(collector, { format, transport: using ? "tls" : "tcp" });
  };
  return { transport: "socket", name, tls, faults: FAULTS, start };
}

function overUdp(name: string, format: string): SocketSubject {
  const start = async () => {
    const collector = await startUdpCollector();
    // As long as over TCP, so that both are measured by the same limit.
    return subjectPeer(collector, { format, transport: "udp", max_size: "8KiB" });
  };
  return { transport: "socket", name, tls: false, faults: {}, start };
}

/** What was sent is underway for a moment, and nothing says when it has arrived. */
async function arrival({ lines, refused }: FakeCollector): Promise<void> {
  for (let tries = 0; tries < 20 && lines.length + refused.length === 0; tries++)
    await new Promise((resolve) => setTimeout(resolve, 10));
}

function subjectPeer(
  collector: FakeCollector,
  settings: Record<string, unknown>,
): SocketSubjectPeer {
  const { host, port } = collector;
  return {
    ...collector,
    settings: { host, port, hostname: "soc-1", ...settings },
    secrets: [],
    async kept() {
      await arrival(collector);
      if (collector.refused.length > 0) throw new RangeError(collector.refused.join("\n"));
      return collector.lines;
    },
    measure: (kept) => ({ message: (kept as KeptLine).bytes }),
    keyOf: (kept) => {
      const { cef, json } = kept as KeptLine;
      return cef?.pairs["cs6"] ?? String(json?.["key"]);
    },
  };
}
