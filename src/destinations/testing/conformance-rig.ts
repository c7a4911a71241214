/** What the parts of the conformance suite share: making a destination of a subject, and sending. */
import { afterEach } from "vitest";
import { readPem } from "../../../test/peers/peer.ts";
import { createHttp, type HttpOptions } from "../../net/client.ts";
import { openSockets } from "../../net/socket-client.ts";
import type { TlsOptions } from "../../net/dispatcher.ts";
import type {
  Destination,
  DestinationDefinition,
  Exchange,
  Message,
  Verdict,
} from "../destination.ts";
import { contextWith, NOW, sendingWith } from "./messages.ts";
import type { SubjectPeer } from "./subject.ts";

const EGRESS = { allow: [], deny: [] };
/** Long enough for a loaded machine, short enough for a peer that never answers. */
const TIMEOUT = 10_000;

export type RigOptions = Partial<Pick<HttpOptions, "timeout" | "egress" | "lookup">> & {
  readonly tls?: TlsOptions | undefined;
  /** Members of the settings in the place of the subject's own. */
  readonly settings?: Readonly<Record<string, unknown>>;
};

/** What one try came to, and what was recorded of it. */
export interface Tried {
  readonly verdict: Verdict;
  readonly exchanges: readonly Exchange[];
}

export interface Rig {
  readonly destination: Destination;
  try(message: Message, signal?: AbortSignal): Promise<Tried>;
}

/** Certificates that nobody may accept: why, the peer's, and what is trusted; the system's unless named. */
export const BAD_CERTIFICATES = [
  ["nobody vouches for", "localhost", undefined],
  ["has another name", "other-name", "other-name.crt"],
  ["has expired", "expired", "expired.crt"],
] as const;

/** Settings that trust one certificate of `test/peers/tls`. */
export function trusting(name: string | undefined): TlsOptions | undefined {
  return name === undefined ? undefined : { ca: readPem(name) };
}

/** Closes what a test opened, the newest first. */
export function useClosing() {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const each of open.splice(0).toReversed()) await each.close();
  });
  return <T extends { close(): Promise<void> }>(each: T): T => {
    open.push(each);
    return each;
  };
}

/** A destination of a subject's peer. */
export function createRig(
  definition: DestinationDefinition,
  peer: SubjectPeer,
  options: RigOptions,
  closing: <T extends { close(): Promise<void> }>(each: T) => T,
): Rig {
  const { timeout = TIMEOUT, egress = EGRESS, tls } = options;
  const component = "destination soc";
  const { lookup } = options;
  const http = closing(createHttp({ component, connections: 4, egress, timeout, tls, lookup }));
  const sockets = openSockets({ component, egress, timeout, tls });
  const { context } = contextWith({ http, sockets, now: () => NOW });
  const settings = { ...peer.settings, ...options.settings };
  const destination = closing(
    peer.create?.(http, settings) ?? definition.create(definition.config.parse(settings), context),
  );
  return {
    destination,
    async try(message, signal) {
      const { sending, exchanges } = sendingWith(signal);
      const verdict = await destination.send(destination.render(message), message, sending);
      return { verdict, exchanges };
    },
  };
}
