/** Opens the HTTP servers of a program: the main one, and one for each source with its own listener. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { isLoopback, type ListenAddress } from "../config/listen.ts";
import { fail, messageOf } from "../errors.ts";
import { allows, type Scope } from "../keys/key.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { registerApi, type ApiDependencies } from "../server/api/api.ts";
import type { Commands } from "../server/api/commands.ts";
import { registerCallbacks, type Callbacks } from "../server/callback.ts";
import { presentedKey, requireKey } from "../server/credentials.ts";
import { registerIngest, registerOwnListener, type IngestParts } from "../server/ingest.ts";
import { registerOperations } from "../server/operations.ts";
import { createServer, listenOn } from "../server/server.ts";
import type { Configuration } from "./configuration.ts";

export interface ServerParts {
  readonly configuration: Configuration;
  readonly ingest: IngestParts;
  readonly ledger: Ledger;
  readonly commands: Commands;
  readonly callbacks: Callbacks;
  readonly feedOf: ApiDependencies["feedOf"];
  /** All metrics, of both threads, as Prometheus reads them. */
  readMetrics(): Promise<string>;
}

/** Opens all servers, the main one last; answers its address. What is opened is noted in `undo`. */
export async function openServers(
  parts: ServerParts,
  undo: (() => Promise<void> | void)[],
): Promise<string> {
  const { configuration, ingest } = parts;
  for (const source of configuration.sources.values()) {
    if (!source.listen) continue;
    const own = createServer();
    registerOwnListener(own, ingest, source);
    await open(own, source.listen, undo);
  }
  const main = createServer();
  registerIngest(main, ingest);
  registerCallbacks(main, { ...parts, telemetry: ingest.telemetry, now: ingest.now });
  await registerRest(main, parts);
  return open(main, configuration.listen, undo);
}

async function registerRest(app: FastifyInstance, parts: ServerParts): Promise<void> {
  const { configuration, ingest, ledger, commands, feedOf } = parts;
  const authorise = (request: FastifyRequest, scope: Scope) => requireScope(ingest, request, scope);
  const isLocal = isLoopback(configuration.listen.host);
  registerOperations(app, {
    notReady: () => notReady(ingest),
    // On loopback everybody who can ask is on this machine already.
    authorise: (request) => {
      if (!isLocal) authorise(request, "read");
    },
    metrics: () => parts.readMetrics(),
  });
  await registerApi(app, { ledger, authorise, commands, configuration, feedOf, now: Date.now });
}

/** Who asks. Throws UNAUTHENTICATED, or FORBIDDEN when the request's key lacks the scope. */
function requireScope(ingest: IngestParts, request: FastifyRequest, scope: Scope): string {
  const key = requireKey(ingest.verify(presentedKey(request) ?? ""), "api");
  ingest.noteUse(key.id);
  // Names say more, and ids are sure.
  if (allows(key, scope)) return `${key.name} (${key.id})`;
  throw fail("FORBIDDEN", {
    component: "api",
    message: `key ${key.id} lacks the scope ${scope}`,
    hint: `Make one that has it: tocsin key create --name NAME --scope ${scope}`,
  });
}

async function open(
  app: FastifyInstance,
  address: ListenAddress,
  undo: (() => Promise<void> | void)[],
): Promise<string> {
  const url = await listenOn(app, address);
  undo.push(() => app.close());
  return url;
}

function notReady({ gate }: IngestParts): string | null {
  try {
    gate.checkRoom();
    return null;
  } catch (error) {
    return messageOf(error);
  }
}
