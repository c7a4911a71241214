import { REDIS_PASSWORD, startRedisPeer } from "../../../../test/peers/redis.ts";
import { missingRedis } from "../../../../test/servers/redis.ts";
import type { SocketSubject } from "../../testing/subject.ts";

const STREAM = "tocsin:alerts";

export const subjects: readonly SocketSubject[] = [
  {
    transport: "socket",
    name: "redis-stream",
    tls: true,
    unavailable: missingRedis(),
    faults: {
      refused: { kind: "retry", reason: "refused" },
      slow: { kind: "retry", reason: "timeout" },
      reset: { kind: "retry", reason: "reset" },
      lost_answer: { kind: "retry", reason: "reset" },
      try_later: { kind: "retry", reason: "server_error" },
      refused_for_good: { kind: "reject", reason: "rejected_by_peer" },
      unauthorized: { kind: "reject", reason: "unauthorized" },
    },
    async start(tls) {
      const peer = await startRedisPeer(STREAM, tls);
      const settings = {
        host: "localhost",
        port: peer.port,
        security: tls ? "tls" : "none",
        password: REDIS_PASSWORD,
        stream: STREAM,
      };
      return {
        settings,
        secrets: [REDIS_PASSWORD],
        kept: () => peer.entries(STREAM),
        measure: () => ({}),
        keyOf: (entry) => (entry as Record<string, string>)["key"] ?? "",
        misbehave: (fault) => peer.misbehave(fault),
        close: () => peer.close(),
      };
    },
  },
];
