/** A real Redis on a free port of the loopback, with nothing on disk. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { freePort } from "../peers/free-port.ts";
import type { PeerTls } from "../peers/peer.ts";

const COMMAND = "redis-server";

export interface RedisServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Why there is no Redis to test with; null where there is. */
export function missingRedis(): string | null {
  const { status } = spawnSync(COMMAND, ["--version"], { stdio: "ignore" });
  return status === 0 ? null : `${COMMAND} is not installed`;
}

/** Starts a server that wants this password, with TLS only where a certificate is named. */
export async function startRedis(password: string, tls?: PeerTls): Promise<RedisServer> {
  const port = await freePort();
  const secure = ["--port", "0", "--tls-port", String(port), "--tls-auth-clients", "no"];
  const where = tls
    ? [
        ...secure,
        "--tls-cert-file",
        pem(`${tls.name}.crt`),
        "--tls-key-file",
        pem(`${tls.name}.key`),
      ]
    : ["--port", String(port)];
  const nowhere = ["--save", "", "--appendonly", "no", "--bind", "127.0.0.1"];
  const secret = ["--requirepass", password];
  const server = spawn(COMMAND, [...where, ...nowhere, ...secret], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await untilPrinted(server.stdout, "Ready to accept connections");
  return {
    port,
    async close() {
      if (server.exitCode !== null) return;
      server.kill("SIGKILL");
      await once(server, "exit");
    },
  };
}

function pem(name: string): string {
  return fileURLToPath(new URL(`../peers/tls/${name}`, import.meta.url));
}

async function untilPrinted(output: AsyncIterable<Buffer>, wanted: string): Promise<void> {
  let printed = "";
  for await (const chunk of output) {
    printed += chunk.toString();
    if (printed.includes(wanted)) return;
  }
  throw new Error(`${COMMAND} ended:\n${printed}`);
}
