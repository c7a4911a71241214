/**
 * What a destination is: `render` says what would be sent (pure), `send` sends it and answers with
 * a verdict. `send` throws only for bugs; whatever the peer or the network does is a verdict.
 */
import type { z } from "zod";
import type { Alert } from "../alert/schema.ts";
import type { Severity } from "../alert/severity.ts";
import type { Http } from "../net/http.ts";

/** Why a try did not deliver but a later one may. */
export const RETRY_REASONS = [
  "timeout",
  "refused",
  "reset",
  "dns",
  "tls",
  "rate_limited",
  "server_error",
  "unexpected_answer",
  "io_error",
] as const;
export type RetryReason = (typeof RETRY_REASONS)[number];

/** Why a try can never succeed as it is. */
export const REJECT_REASONS = [
  "rejected_by_peer",
  "unauthorized",
  "not_found",
  "redirect",
  "egress_refused",
  "render_failed",
] as const;
export type RejectReason = (typeof REJECT_REASONS)[number];

export type Verdict =
  | {
      readonly kind: "delivered";
      readonly status?: number | undefined;
      /**
       * Handed to later messages of the same thread as `message.memory` (a Slack `ts`). Of a status, when
       * the peer has written it down (RFC 3339 in UTC, milliseconds): the alert's own bears that time then.
       */
      readonly remember?: string | undefined;
      /** Names this very message at the peer; handed to its updates as `message.memory`. */
      readonly reference?: string | undefined;
    }
  | {
      readonly kind: "retry";
      readonly reason: RetryReason;
      readonly error: string;
      readonly status?: number | undefined;
      /** How long the peer asked to wait, in milliseconds. */
      readonly after?: number | undefined;
      /** The peer works, and the failure is of this message alone: it says nothing of others. */
      readonly alone?: true | undefined;
    }
  | {
      readonly kind: "reject";
      readonly reason: RejectReason;
      readonly error: string;
      readonly status?: number | undefined;
    };

/** How often something stands in the alerts of a digest, the most frequent first. */
export interface Tally {
  readonly name: string;
  readonly count: number;
}

/** Several alerts that are told of at once. */
export interface Digest {
  /** Why they come together: a group, a limit, the end of a silence, the beginning of office hours. */
  readonly reason: string;
  /** Name of the route or silence behind it. */
  readonly cause: string | null;
  readonly total: number;
  /** The highest of all. */
  readonly severity: Severity;
  readonly rules: readonly Tally[];
  readonly hosts: readonly Tally[];
  /** The first ones, that of the message before all; `total` says how many there are. */
  readonly alerts: readonly Alert[];
}

/** What a message is for. `status` is for the program's own destinations only. */
export type MessageKind = "alert" | "update" | "reminder" | "status";

/** What is to be told. */
export interface Message {
  /**
   * `alert` for the first time, `update` of a message that was sent before, `reminder` that it goes on;
   * `status` when the alert's status is to be written back.
   */
  readonly kind: MessageKind;
  /** The alert that is told of; of a digest, its first. */
  readonly alert: Alert;
  /** Null when the message tells of one alert. */
  readonly digest: Digest | null;
  /** Constant over all tries of this delivery: the idempotency key. No '.', ASCII only. */
  readonly key: string;
  /** Messages with the same thread belong together and arrive in order; null for none. */
  readonly thread: string | null;
  /**
   * What the newest delivered message of the thread asked to remember; of an update, the reference of
   * the message that it changes. Null when there is none.
   */
  readonly memory: string | null;
  /** Where a person reads more: the alert in Tocsin's API or console; null when not configured. */
  readonly link: string | null;
  /** Sent by `tocsin destination test`; the text says so. */
  readonly test: boolean;
}

/** A request and its answer, for `destination test`. Secrets are masked before it is recorded. */
export interface Exchange {
  readonly request: string;
  readonly answer: string;
}

export interface SendContext {
  readonly signal: AbortSignal;
  record?(exchange: Exchange): void;
}

export interface Destination<Rendered = unknown> {
  /** Pure. May throw a TEMPLATE_INVALID error: the delivery is then rejected with `render_failed`. */
  render(message: Message): Rendered;
  /** Ends by itself: what it waits for has a timeout of its own, as everything of `context.http`. */
  send(rendered: Rendered, message: Message, context: SendContext): Promise<Verdict>;
  close(): Promise<void>;
}

/** What a destination gets from the program. */
export interface DestinationContext {
  readonly name: string;
  /** The only way to reach the network; already has this destination's TLS, proxy and timeout. */
  readonly http: Http;
  /** Resolves a path of the configuration: relative to the configuration file. */
  resolvePath(path: string): string;
  /** Writes one line to the terminal. */
  print(line: string): void;
  now(): number;
}

/** At most `max` messages in any `per` milliseconds. */
export interface Rate {
  readonly max: number;
  readonly per: number;
}

export interface DestinationDefinition<Config = unknown, Rendered = unknown> {
  readonly kind: string;
  readonly summary: string;
  /**
   * Whether an `update` can change a message that was sent, or be recognised as one by the receiver.
   * Routes with `repeats: update` may not lead to a destination that cannot.
   */
  canUpdate(config: Config): boolean;
  /** How the peer recognises a repeat, for the docs; null when it cannot. */
  readonly idempotency: string | null;
  /** The settings of this kind only; those common to all are added by the configuration. */
  readonly config: z.ZodType<Config>;
  /** What applies where the configuration says nothing. */
  readonly defaults: { readonly concurrency: number; readonly rate?: Rate | undefined };
  create(config: Config, context: DestinationContext): Destination<Rendered>;
}

/** Identity function that fixes the types of a definition. */
export function defineDestination<Config, Rendered>(
  definition: DestinationDefinition<Config, Rendered>,
): DestinationDefinition<Config, Rendered> {
  return definition;
}
