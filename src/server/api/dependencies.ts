/** What the API needs of the program. */
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { Configuration } from "../../app/configuration.ts";
import type { Scope } from "../../keys/key.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { FeedStatus } from "../../polling/status.ts";
import type { Commands } from "./commands.ts";

export interface ApiDependencies {
  readonly ledger: Ledger;
  readonly commands: Commands;
  readonly configuration: Pick<Configuration, "sources" | "destinations" | "routes" | "operators">;
  /** How the reading of a source goes; null for one that is sent to. */
  feedOf(source: string): FeedStatus | null;
  /** Answers who asks. Throws UNAUTHENTICATED, or FORBIDDEN when the key lacks the scope. */
  authorise(request: FastifyRequest, scope: Scope): string;
  /** Epoch milliseconds. */
  now(): number;
}

/** A server whose routes have their types from their schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks: name and id of the key. Empty on routes that ask for none. */
    who: string;
  }
  interface FastifyContextConfig {
    /** What a key must have to call the route; `none` for everybody. */
    readonly scope?: Scope | "none";
  }
}
