/**
 * What the conformance suite needs of a kind of destination. Every folder has `testing/subject.ts`,
 * which exports `subjects`: one for each way in which the kind can be configured. The suite finds them
 * by the kinds of `destinations/index.ts`; a kind without subjects fails it.
 */
import type { FAULTS } from "../../../test/peers/faults.ts";
import type { PeerTls, Received, Responder } from "../../../test/peers/peer.ts";
import type { Http } from "../../net/http.ts";
import type { Destination } from "../destination.ts";

/** A peer, and how a destination is made that speaks to it. */
export interface SubjectPeer {
  /** The settings of the kind, as in the configuration, with secrets as text. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Every secret among the settings, as it would look in a log. */
  readonly secrets: readonly string[];
  /** What the peer shows by now, oldest first: a repeat that it recognises stands there once. */
  kept(): readonly unknown[] | Promise<readonly unknown[]>;
  /** How large something kept is, for each `of` of the definition's limits. */
  measure(kept: unknown): Readonly<Record<string, number>>;
  /** By what a repeat can be told where the definition says `marked`. */
  keyOf?(kept: unknown): string;
  /** In the place of `definition.create`, for what needs more than a client. */
  create?(http: Http, settings: Readonly<Record<string, unknown>>): Destination;
  close(): Promise<void>;
}

export interface HttpSubjectPeer extends SubjectPeer {
  readonly received: readonly Received[];
  misbehave(responder: Responder | undefined, after?: number): void;
  loseAnswer(after?: number): void;
}

/** One that speaks HTTP through `context.http`. */
export interface HttpSubject {
  readonly transport: "http";
  /** `slack as a bot`. */
  readonly name: string;
  /** False when it does not say what alerts and digests say. True unless given. */
  readonly tells?: boolean;
  /** True where any 2xx is an answer, whatever its body: the receiver is anybody. */
  readonly anyAnswer?: boolean;
  /** True where nothing that was sent can change, and an update stands beside it. */
  readonly appends?: true;
  /** Requests that a first message takes, one after the other. 1 unless given. */
  readonly requests?: number;
  /**
   * Where the peer's own rules give a fault another meaning than for all others; `step` counts the
   * requests before the one that failed.
   */
  verdict?(fault: keyof typeof FAULTS, step: number): Record<string, unknown> | undefined;
  start(tls?: PeerTls): Promise<HttpSubjectPeer>;
}

/** What a peer that does not speak HTTP can do wrong. */
export const SOCKET_FAULTS = [
  /** Takes no connection. */
  "refused",
  /** Takes the connection and never says anything. */
  "slow",
  /** Breaks the connection before anything is kept. */
  "reset",
  /** Keeps the message and breaks the connection before it says so. */
  "lost_answer",
  /** Says that it cannot take it now. */
  "try_later",
  /** Says that it will never take it. */
  "refused_for_good",
  /** Does not accept the credentials. */
  "unauthorized",
] as const;
export type SocketFault = (typeof SOCKET_FAULTS)[number];

export interface SocketSubjectPeer extends SubjectPeer {
  misbehave(fault: SocketFault | undefined): void | Promise<void>;
}

/** One that opens connections of its own through `context.sockets`. */
export interface SocketSubject {
  readonly transport: "socket";
  readonly name: string;
  /** Whether the connection can be TLS: then it must refuse bad certificates. */
  readonly tls: boolean;
  /** Why its server is not to be had on this machine; in CI that is a failure. None unless given. */
  readonly unavailable?: string | null;
  /** The verdict at each fault that the protocol lets a sender notice. */
  readonly faults: Readonly<Partial<Record<SocketFault, Record<string, unknown>>>>;
  start(tls?: PeerTls): Promise<SocketSubjectPeer>;
}

/** One that reaches no network. */
export interface LocalSubject {
  readonly transport: "local";
  readonly name: string;
  start(): Promise<SubjectPeer>;
}

export type Subject = HttpSubject | SocketSubject | LocalSubject;
