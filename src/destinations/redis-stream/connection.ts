/**
 * One connection to Redis, made when it is needed and made again after it broke. While it lives, all
 * messages go through it; when it breaks, every command that was not answered fails, and their
 * deliveries try again. One that does not answer in time, or leads to what is a replica by now, is given
 * up: the host's name may lead elsewhere.
 */
import type { Redis, RedisOptions } from "ioredis";
import type { Secret } from "../../config/secret.ts";
import type { Peer, Sockets } from "../../net/sockets.ts";
import type { DestinationContext } from "../destination.ts";

export interface RedisSettings extends Peer {
  readonly security: "none" | "tls";
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
  readonly database: number;
}

export interface RedisConnection {
  /**
   * Runs a command. Throws what Redis answers (an error whose message begins with its code), or what
   * `Sockets` throws.
   */
  call(name: string, args: readonly string[], signal: AbortSignal): Promise<unknown>;
  close(): Promise<void>;
}

/** Opens nothing yet. */
export function openRedis(settings: RedisSettings, context: DestinationContext): RedisConnection {
  let current: Promise<Redis> | null = null;
  const forget = (gone: Promise<Redis>) => {
    if (current === gone) current = null;
  };
  const connect = (signal: AbortSignal): Promise<Redis> => {
    const made = openClient(settings, context, signal);
    made.then(
      (redis) => redis.once("end", () => forget(made)),
      () => forget(made),
    );
    return made;
  };
  return {
    async call(name, args, signal) {
      // Whoever comes first connects; if that fails, each finds out and the next one tries again.
      const used = (current ??= connect(signal));
      const redis = await used;
      try {
        return await abortable(redis.call(name, ...args), signal);
      } catch (error) {
        if (isUseless(error)) {
          forget(used);
          redis.disconnect();
        }
        throw failureOf(error, settings, context.sockets);
      }
    },
    async close() {
      const redis = await current?.catch(() => null);
      redis?.disconnect();
    },
  };
}

async function openClient(
  settings: RedisSettings,
  { sockets, name }: DestinationContext,
  signal: AbortSignal,
): Promise<Redis> {
  const { security, username, password, database } = settings;
  // Loaded here: nobody who has no Redis has to wait for its code.
  const { Redis, AbstractConnector } = await import("ioredis");
  const socket = await (security === "tls" ? sockets.tls : sockets.tcp)(settings, signal);
  class Connector extends AbstractConnector {
    async connect() {
      this.connecting = true;
      this.stream = socket;
      return socket;
    }
  }
  const redis = new Redis({
    // Its type wants the options that other connectors take.
    Connector: Connector as unknown as NonNullable<RedisOptions["Connector"]>,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: password.reveal() }),
    db: database,
    connectionName: `tocsin-${name}`,
    // A user that may do the least is not allowed to say what client it is.
    disableClientInfo: true,
    commandTimeout: sockets.timeout,
    // Every failure is a try of a delivery; who tries again and when is not for the client to say.
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    lazyConnect: true,
  });
  // Each failure reaches the command that it concerns; of connecting only this says why it failed.
  let why: unknown;
  redis.on("error", (error: unknown) => void (why = error));
  try {
    await redis.connect();
    return redis;
  } catch (error) {
    socket.destroy();
    throw failureOf(why ?? error, settings, sockets);
  }
}

/** What Redis answered, as it is; that it did not answer, as any other peer's silence. */
function failureOf(error: unknown, peer: Peer, sockets: Sockets): unknown {
  return isReply(error) ? error : sockets.explain(asReset(error), peer, abortOf(error));
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason as Error);
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** Whether the connection is one that only another may replace. */
function isUseless(error: unknown): boolean {
  if (isReply(error)) return error.message.startsWith("READONLY");
  return abortOf(error) === "timeout";
}

/** An error that Redis answered, as opposed to no answer. */
export function isReply(error: unknown): error is Error {
  return error instanceof Error && error.name === "ReplyError";
}

function abortOf(error: unknown): "timeout" | "cancelled" | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.name === "AbortError") return "cancelled";
  return error.message === "Command timed out" ? "timeout" : undefined;
}

/** The client's own words for a connection that is gone have no code. */
function asReset(error: unknown): unknown {
  if (!(error instanceof Error) || "code" in error) return error;
  return Object.assign(new RangeError(error.message, { cause: error }), { code: "ECONNRESET" });
}
