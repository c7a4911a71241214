/** Everything that a peer that speaks HTTP can do wrong, at every request that a message takes. */
import { describe, expect, it } from "vitest";
import { FAULTS } from "../../../test/peers/faults.ts";
import { readPem, type PeerTls } from "../../../test/peers/peer.ts";
import type { HttpOptions } from "../../net/client.ts";
import type { DestinationDefinition, Message } from "../destination.ts";
import {
  BAD_CERTIFICATES,
  createRig,
  trusting,
  useClosing,
  type RigOptions,
  type Tried,
} from "./conformance-rig.ts";
import { messageWith } from "./messages.ts";
import type { HttpSubject } from "./subject.ts";

type Fault = keyof typeof FAULTS;

const quoting = (text: string) => expect.stringContaining(text) as string;

/** The verdict that all of them must come to. */
const VERDICTS: Readonly<Record<Fault, Record<string, unknown>>> = {
  reset_after_storing: { kind: "retry", reason: "reset" },
  reset_after_headers: { kind: "retry", reason: "reset" },
  slow: { kind: "retry", reason: "timeout" },
  slow_body: { kind: "retry", reason: "timeout" },
  not_http: { kind: "retry", reason: "unexpected_answer" },
  rate_limited_seconds: { kind: "retry", reason: "rate_limited", status: 429, after: 7000 },
  rate_limited_date: { kind: "retry", reason: "rate_limited", status: 429, after: 30_000 },
  rate_limited_plain: { kind: "retry", reason: "rate_limited", status: 429, after: undefined },
  bad_request: {
    kind: "reject",
    reason: "rejected_by_peer",
    error: quoting("HTTP 400: invalid_payload"),
  },
  unauthorized: { kind: "reject", reason: "unauthorized", status: 401 },
  forbidden: { kind: "reject", reason: "unauthorized", status: 403 },
  not_found: { kind: "reject", reason: "not_found", status: 404 },
  gone: { kind: "reject", reason: "not_found", status: 410 },
  server_error: { kind: "retry", reason: "server_error", error: quoting("HTTP 500: oops") },
  unavailable: { kind: "retry", reason: "server_error", status: 503, after: 120_000 },
  html_page: {
    kind: "retry",
    reason: "server_error",
    status: 502,
    // Whether the page is quoted is up to each of them.
    error: quoting("HTTP 502"),
  },
  redirect: { kind: "reject", reason: "redirect", status: 307 },
};
const SLOW: ReadonlySet<Fault> = new Set(["slow", "slow_body"]);
/** For a peer that never answers. */
const SHORT = 300;

/** Declares the tests of a subject that speaks HTTP. */
export function describeHttp(definition: DestinationDefinition, subject: HttpSubject): void {
  const closing = useClosing();
  const message = messageWith({ thread: "case 1" });
  const start = async (options: RigOptions = {}, tls?: PeerTls) => {
    const peer = closing(await subject.start(tls));
    const rig = createRig(definition, peer, options, closing);
    return {
      peer,
      rig,
      send: (sent: Message = message, signal?: AbortSignal) => rig.try(sent, signal),
    };
  };
  const steps = Array.from({ length: subject.requests ?? 1 }, (_, step) => step);

  describe.each(steps)("at request %i", (step) => {
    it.each(Object.keys(FAULTS) as Fault[])(
      "comes to the right verdict at %s, and delivers afterwards",
      async (fault) => {
        const { peer, send } = await start(SLOW.has(fault) ? { timeout: SHORT } : {});
        peer.misbehave(FAULTS[fault], step);
        const { verdict } = await send();
        expect(verdict).toMatchObject(subject.verdict?.(fault, step) ?? VERDICTS[fault]);
        expect(peer.received.length).toBeGreaterThan(step);
        peer.misbehave(undefined);
        expect((await send()).verdict).toMatchObject({ kind: "delivered" });
      },
    );

    it("tries again when the answer was lost, and is not told of twice where the peer can tell", async () => {
      const { peer, send } = await start();
      peer.loseAnswer(step);
      expect((await send()).verdict).toMatchObject({ kind: "retry", reason: "reset" });
      expect((await send()).verdict).toMatchObject({ kind: "delivered" });
      const kept = await peer.kept();
      if (definition.repeat.kind === "recognised") expect(kept).toHaveLength(1);
      if (definition.repeat.kind !== "marked") return;
      const keys = kept.map((each) => peer.keyOf?.(each));
      expect(new Set(keys)).toEqual(new Set([keys[0]]));
      expect(keys[0]).toMatch(/./);
    });

    it("says no secret, though the peer repeats all that it was sent", async () => {
      const { peer, send } = await start();
      peer.misbehave((received, response) => {
        const echo = JSON.stringify({ ...received, url: received.path });
        response.writeHead(400, { "content-type": "application/json" }).end(echo);
      }, step);
      const tried = await send();
      expect(tried.verdict.kind).not.toBe("delivered");
      expectNoSecret(tried, peer.secrets);
    });
  });

  it("takes a page of somebody else for no answer", async () => {
    const { peer, send } = await start();
    const page = "<html><body>Welcome to the captive portal</body></html>";
    peer.misbehave((_received, response) => {
      response.writeHead(200, { "content-type": "text/html" }).end(page);
    });
    const { verdict } = await send();
    const wanted = subject.anyAnswer
      ? { kind: "delivered" }
      : { kind: "retry", reason: "unexpected_answer", status: 200 };
    expect(verdict).toMatchObject(wanted);
  });

  describeConnection(start);
  if (subject.tells === false) return;

  it("says no secret of what it delivers", async () => {
    const { peer, send } = await start();
    const tried = await send();
    expect(tried.verdict).toMatchObject({ kind: "delivered" });
    expect(tried.exchanges.length).toBeGreaterThan(0);
    expectNoSecret(tried, peer.secrets);
  });

  it("shows beforehand what it sends", async () => {
    const { peer, rig, send } = await start();
    const shown = rig.destination.show(rig.destination.render(message));
    await send();
    const bodies = peer.received.map(({ body }) => body);
    expect(bodies.some((body) => isWithin(shown.text, body))).toBe(true);
  });
}

type Start = (
  options?: RigOptions,
  tls?: PeerTls,
) => Promise<{
  readonly peer: Awaited<ReturnType<HttpSubject["start"]>>;
  send(message?: Message, signal?: AbortSignal): Promise<Tried>;
}>;

function describeConnection(start: Start): void {
  it("tries again later where nobody listens", async () => {
    const { peer, send } = await start();
    await peer.close();
    const tried = await send();
    expect(tried.verdict).toMatchObject({ kind: "retry", reason: "refused" });
    expectNoSecret(tried, peer.secrets);
  });

  it("tries again later when the name cannot be resolved", async () => {
    const lookup: unknown = (_host: string, _options: object, callback: (error: Error) => void) =>
      callback(Object.assign(new RangeError("no such name"), { code: "ENOTFOUND" }));
    const { send } = await start({ lookup: lookup as NonNullable<HttpOptions["lookup"]> });
    expect((await send()).verdict).toMatchObject({ kind: "retry", reason: "dns" });
  });

  it("tries again later when its sending is stopped", async () => {
    const { send } = await start();
    const { verdict } = await send(undefined, AbortSignal.abort());
    expect(verdict).toMatchObject({ kind: "retry", reason: "reset" });
  });

  it.each(BAD_CERTIFICATES)(
    "sends nothing to a peer whose certificate %s",
    async (_why, name, ca) => {
      const tls = trusting(ca);
      const { peer, send } = await start({ tls }, { name });
      expect((await send()).verdict).toMatchObject({ kind: "retry", reason: "tls" });
      expect(peer.received).toEqual([]);
    },
  );

  it("delivers to a peer whose certificate the given issuer vouches for", async () => {
    const { send } = await start({ tls: { ca: readPem("localhost.crt") } }, { name: "localhost" });
    expect((await send()).verdict).toMatchObject({ kind: "delivered" });
  });

  it("sends nothing where the egress guard refuses", async () => {
    const { peer, send } = await start({ egress: { allow: [], deny: ["localhost"] } });
    expect((await send()).verdict).toMatchObject({ kind: "reject", reason: "egress_refused" });
    expect(peer.received).toEqual([]);
  });
}

/** Neither as it is nor as a part of a URL or of JSON. */
function expectNoSecret(tried: Tried, secrets: readonly string[]): void {
  const said = JSON.stringify(tried);
  for (const secret of secrets) {
    expect(said).not.toContain(secret);
    expect(said).not.toContain(encodeURIComponent(secret));
    expect(said).not.toContain(JSON.stringify(secret).slice(1, -1));
  }
}

/** Whether what was shown is what was sent, to which only secrets and the place were added. */
function isWithin(shown: string, sent: string): boolean {
  if (sent.includes(shown)) return true;
  const [wanted, body] = [readObject(shown), readObject(sent)];
  if (!wanted || !body) return false;
  return Object.entries(wanted).every(
    ([name, value]) => JSON.stringify(body[name]) === JSON.stringify(value),
  );
}

function readObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
