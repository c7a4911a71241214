/**
 * A real Redis behind a door that can be shut: what a network and a server can do wrong, done on purpose.
 */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { Redis } from "ioredis";
import type { SocketFault } from "../../src/destinations/testing/subject.ts";
import { startRedis } from "../servers/redis.ts";
import { freePort } from "./free-port.ts";
import type { PeerTls } from "./peer.ts";

export const REDIS_PASSWORD = "pass-0123456789-of-redis";

export interface RedisPeer {
  readonly port: number;
  /** The entries of a stream, oldest first, as `{ field: value }`. */
  entries(stream: string): Promise<Record<string, string>[]>;
  misbehave(fault: SocketFault | undefined): Promise<void>;
  /** Nothing comes through the connections that are there, and nobody is told. */
  stall(): void;
  /** Makes it a replica, or a primary again. */
  demote(isReplica: boolean): Promise<void>;
  /** As much memory as it may use, in bytes; 0 for all. */
  limitMemory(bytes: number): Promise<void>;
  /** How many connections were made. */
  connections(): number;
  close(): Promise<void>;
}

/** Starts a Redis whose `stream` can be broken. Close it after the test. */
export async function startRedisPeer(stream: string, tls?: PeerTls): Promise<RedisPeer> {
  const server = await startRedis(REDIS_PASSWORD, tls);
  const admin = new Redis({
    port: server.port,
    password: REDIS_PASSWORD,
    ...(tls ? { tls: { rejectUnauthorized: false } } : {}),
  });
  const door = new Door(server.port);
  await door.open();
  return {
    port: door.port,
    async entries(name) {
      const found = await admin.xrange(name, "-", "+");
      return found.map(([, fields]) => toObject(fields));
    },
    async misbehave(fault) {
      await door.set(fault);
      await admin.config("SET", "min-replicas-to-write", fault === "try_later" ? 1 : 0);
      await admin.config(
        "SET",
        "requirepass",
        fault === "unauthorized" ? "another" : REDIS_PASSWORD,
      );
      if (fault === "refused_for_good") await admin.set(stream, "no stream");
      else if ((await admin.type(stream)) === "string") await admin.del(stream);
      // A connection that is there stays allowed, whatever the password is by now.
      if (fault === "unauthorized") door.breakAll();
    },
    stall: () => door.stall(),
    async demote(isReplica) {
      await (isReplica ? admin.replicaof("127.0.0.1", 1) : admin.replicaof("NO", "ONE"));
    },
    async limitMemory(bytes) {
      await admin.config("SET", "maxmemory", bytes);
    },
    connections: () => door.connections,
    async close() {
      await door.close();
      admin.disconnect();
      await server.close();
    },
  };
}

function toObject(fields: readonly string[]): Record<string, string> {
  const pairs = fields.flatMap((name, index) =>
    index % 2 === 0 ? [[name, fields[index + 1] ?? ""] as const] : [],
  );
  return Object.fromEntries(pairs);
}

/** Passes bytes on to a port, unless it is told to do it wrongly. */
class Door {
  port = 0;
  readonly #behind: number;
  readonly #sockets = new Set<Socket>();
  readonly #stalled = new WeakSet<Socket>();
  connections = 0;
  #server: Server | null = null;
  #fault: SocketFault | undefined;

  constructor(behind: number) {
    this.#behind = behind;
  }

  async open(): Promise<void> {
    this.port ||= await freePort();
    this.#server = createServer((socket) => this.#pass(socket)).listen(this.port, "127.0.0.1");
    await once(this.#server, "listening");
  }

  async set(fault: SocketFault | undefined): Promise<void> {
    this.#fault = fault;
    if (fault === "refused") return this.close();
    if (!this.#server) await this.open();
  }

  stall(): void {
    for (const socket of this.#sockets) this.#stalled.add(socket);
  }

  breakAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.breakAll();
    const server = this.#server;
    this.#server = null;
    if (!server) return;
    server.close();
    await once(server, "close");
  }

  #pass(front: Socket): void {
    this.#sockets.add(front);
    this.connections += 1;
    front.on("error", () => {});
    if (this.#fault === "reset") return void front.resetAndDestroy();
    if (this.#fault === "slow") return void front.resume();
    const back = connect(this.#behind, "127.0.0.1");
    back.on("error", () => {});
    let asked = false;
    front.on("data", (bytes) => {
      if (this.#stalled.has(front)) return;
      asked ||= bytes.includes("XADD");
      back.write(bytes);
    });
    back.on("data", (bytes) => {
      // Redis has done it by now.
      if (asked && this.#fault === "lost_answer") return void front.resetAndDestroy();
      front.write(bytes);
    });
    front.on("close", () => {
      this.#sockets.delete(front);
      back.destroy();
    });
    back.on("close", () => front.destroy());
  }
}

/**
 * For the guide: its user is made by the very line of its page, so that the rights that the page names
 * are those that are needed. Where it says `host: redis-stream.example.org`, entries go here.
 */
export async function startForDocs() {
  const server = await startRedis(REDIS_PASSWORD);
  const admin = new Redis({ port: server.port, password: REDIS_PASSWORD });
  try {
    const [command = "", ...args] = userOfGuide();
    await admin.call(command, ...args);
  } catch (error) {
    await server.close();
    throw error;
  } finally {
    admin.disconnect();
  }
  return {
    url: `redis://127.0.0.1:${server.port}`,
    replace: { "host: redis-stream.example.org": `host: 127.0.0.1\n    port: ${server.port}` },
    env: { REDIS_STREAM_PASSWORD: REDIS_PASSWORD },
    close: () => server.close(),
  };
}

function userOfGuide(): string[] {
  const guide = new URL("../../docs/guides/redis-stream.md", import.meta.url);
  const [line = ""] = /^ACL SETUSER .*$/m.exec(readFileSync(guide, "utf8")) ?? [];
  return line.replace("a-long-password", REDIS_PASSWORD).split(" ");
}
