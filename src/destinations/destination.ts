/**
 * What a destination is: `render` says what would be sent (pure), `send` sends it and answers with
 * a verdict. `send` throws only for bugs; whatever the peer or the network does is a verdict.
 */
import type { z } from "zod";
import type { Alert } from "../alert/schema.ts";
import type { Severity } from "../alert/severity.ts";
import type { ElasticCluster } from "../elastic/cluster/cluster.ts";
import type { Http } from "../net/http.ts";
import type { Sockets } from "../net/sockets.ts";
import type { CallbackAnswer, CallbackRequest } from "./callback.ts";

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

/** The case of an alert, as messages tell of it. */
export interface CaseBrief {
  /** `CASE-000012`. */
  readonly id: string;
  readonly title: string;
  readonly status: string;
  readonly severity: Severity;
  readonly owner: string | null;
  readonly alert_count: number;
  /** Where a person reads more; null when not configured. */
  readonly link: string | null;
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
  /** The alert's case; null when it is in none. */
  readonly case: CaseBrief | null;
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

/** What would be sent, for people to look at. */
export interface Shown {
  /** A content type: `application/json`, `message/rfc822`, `text/plain`. */
  readonly type: string;
  /** The body as it goes out, or as near to it as can be read. No secret is in it. */
  readonly text: string;
}

/** Something that has to be there at the peer. */
export interface Finding {
  /** `index template tocsin-alerts`. */
  readonly subject: string;
  readonly state: "fine" | "installed" | "missing" | "wrong" | "unknown";
  readonly detail: string;
  readonly hint?: string | undefined;
}

export interface Destination<Rendered = unknown> {
  /**
   * Pure; what it answers holds no secret: those are added when it is sent. May throw a
   * TEMPLATE_INVALID error: the delivery is then rejected with `render_failed`.
   */
  render(message: Message): Rendered;
  /** What is sent of a rendered message. Pure. */
  show(rendered: Rendered): Shown;
  /** Ends by itself: what it waits for has a timeout of its own, as everything of `context.http`. */
  send(rendered: Rendered, message: Message, context: SendContext): Promise<Verdict>;
  /**
   * Looks whether the peer has what it needs, and puts it there when asked to. Throws what the clients
   * throw.
   */
  inspect?(options: { readonly install: boolean }): Promise<readonly Finding[]>;
  /** Reads what the peer sends when somebody uses the buttons of a message; see `callback.ts`. */
  callback?(request: CallbackRequest): CallbackAnswer;
  close(): Promise<void>;
}

/** What a destination gets from the program. */
export interface DestinationContext {
  readonly name: string;
  /** The only way to reach the network; already has this destination's TLS, proxy and timeout. */
  readonly http: Http;
  /** The same for peers that do not speak HTTP. */
  readonly sockets: Sockets;
  /** The cluster that the definition's `cluster` names; null when it names none. */
  readonly cluster: ElasticCluster | null;
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

/** What becomes of a message that is sent again because nobody knows whether it arrived. */
export interface Repeat {
  /**
   * - `recognised`: the peer knows the message again and shows it once.
   * - `marked`: it shows it again, with a key by which a receiver can tell.
   * - `shown`: it looks like another message.
   */
  readonly kind: "recognised" | "marked" | "shown";
  /** By what it is recognised or can be told, one word or two: `sourceRef`. Null for nothing. */
  readonly by: string | null;
  /** What a retry does, in one sentence. */
  readonly retry: string;
}

/** How much a peer takes. The conformance suite measures that nothing beyond it is ever sent. */
export interface Limit {
  /** What is limited: `title`. One name stands once. */
  readonly of: string;
  readonly max: number;
  readonly unit: "characters" | "bytes" | "items";
  /** What is done with more. */
  readonly beyond: "cut" | "left out" | "split";
  /** Where the peer says so: a URL or the name of a standard; null when it is known by practice only. */
  readonly source: string | null;
}

export interface DestinationDefinition<Config = unknown, Rendered = unknown> {
  readonly kind: string;
  readonly summary: string;
  /**
   * Whether an `update` can change a message that was sent, or be recognised as one by the receiver.
   * Routes with `repeats: update` may not lead to a destination that cannot.
   */
  canUpdate(config: Config): boolean;
  readonly repeat: Repeat;
  readonly limits: readonly Limit[];
  /** The settings of this kind only; those common to all are added by the configuration. */
  readonly config: z.ZodType<Config>;
  /** What applies where the configuration says nothing. */
  readonly defaults: {
    readonly concurrency: number;
    readonly rate?: Rate | undefined;
    /** Whether it hears by an update that somebody acknowledged, closed or reopened an alert. */
    readonly statusUpdates: boolean;
  };
  /** The name of the cluster of the configuration that it writes to. */
  cluster?(config: Config): string;
  /** Throws TEMPLATE_INVALID or CONFIG_INVALID for settings that make no sense together. */
  create(config: Config, context: DestinationContext): Destination<Rendered>;
}

/** Identity function that fixes the types of a definition. */
export function defineDestination<Config, Rendered>(
  definition: DestinationDefinition<Config, Rendered>,
): DestinationDefinition<Config, Rendered> {
  return definition;
}
