/**
 * Every HTTP destination against everything a peer can do wrong. Each row is a verdict that all of
 * them must come to; after each, the same destination must deliver again.
 */
import { afterEach, describe, expect, it } from "vitest";
import { FAULTS } from "../../test/peers/faults.ts";
import { readPem, type PeerTls } from "../../test/peers/peer.ts";
import { SLACK_CHANNEL, SLACK_TOKEN, startSlack, type FakeSlack } from "../../test/peers/slack.ts";
import { createHttp, type HttpOptions } from "../net/client.ts";
import type { Destination, DestinationDefinition, Message, SendContext } from "./destination.ts";
import { slack } from "./slack/slack.ts";
import {
  contextWith,
  digestMessage,
  hostileAlert,
  hugeAlert,
  messageWith,
  NOW,
  sendingWith,
} from "./testing/messages.ts";
import { webhook } from "./webhook/webhook.ts";

interface Subject {
  readonly name: string;
  readonly definition: DestinationDefinition;
  settings(peer: FakeSlack): Record<string, unknown>;
}

// The fake Slack accepts any JSON post to its webhook's URL that looks like Slack's, so the
// generic webhook speaks to it with a body of its own.
const WEBHOOK_BODY =
  '{"text": {% if digest %}{{ digest.total | append: " alerts" | json }}' +
  "{% else %}{{ key | json }}{% endif %}}";

const SUBJECTS: readonly Subject[] = [
  {
    name: "slack through an incoming webhook",
    definition: slack,
    settings: ({ webhookUrl }) => ({ webhook_url: webhookUrl }),
  },
  {
    name: "slack as a bot",
    definition: slack,
    settings: ({ apiUrl }) => ({ token: SLACK_TOKEN, channel: SLACK_CHANNEL, api_url: apiUrl }),
  },
  {
    name: "webhook",
    definition: webhook,
    settings: ({ webhookUrl }) => ({ url: webhookUrl, body: WEBHOOK_BODY }),
  },
];

const VERDICTS: Readonly<Record<keyof typeof FAULTS, Record<string, unknown>>> = {
  reset_after_storing: { kind: "retry", reason: "reset" },
  reset_after_headers: { kind: "retry", reason: "reset" },
  slow: { kind: "retry", reason: "timeout" },
  slow_body: { kind: "retry", reason: "timeout" },
  not_http: { kind: "retry", reason: "unexpected_answer" },
  rate_limited_seconds: { kind: "retry", reason: "rate_limited", status: 429, after: 7000 },
  rate_limited_date: { kind: "retry", reason: "rate_limited", status: 429, after: 30_000 },
  rate_limited_plain: { kind: "retry", reason: "rate_limited", status: 429, after: undefined },
  bad_request: { kind: "reject", reason: "rejected_by_peer", error: "HTTP 400: invalid_payload" },
  unauthorized: { kind: "reject", reason: "unauthorized", status: 401 },
  forbidden: { kind: "reject", reason: "unauthorized", status: 403 },
  not_found: { kind: "reject", reason: "not_found", status: 404 },
  gone: { kind: "reject", reason: "not_found", status: 410 },
  server_error: { kind: "retry", reason: "server_error", error: "HTTP 500: oops" },
  unavailable: { kind: "retry", reason: "server_error", status: 503, after: 120_000 },
  html_page: {
    kind: "retry",
    reason: "server_error",
    status: 502,
    error: "HTTP 502: 502 Bad Gateway Bad Gateway ␇ upstream &amp; proxy",
  },
  redirect: { kind: "reject", reason: "redirect", status: 307 },
};

const MESSAGE_KINDS = ["alert", "update", "reminder"] as const;

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

async function start(subject: Subject, options: Partial<HttpOptions> = {}, tls?: PeerTls) {
  const peer = await startSlack(tls);
  const egress = { allow: [], deny: [] };
  const http = createHttp({ component: "destination soc", connections: 1, egress, ...options });
  open.push(peer, http);
  const { definition } = subject;
  const config = definition.config.parse(subject.settings(peer));
  const destination = definition.create(config, contextWith({ http, now: () => NOW }).context);
  const toThread = messageWith({ thread: "case 1" });
  return {
    peer,
    send: (signal?: AbortSignal, message = toThread) =>
      send(destination, message, sendingWith(signal).sending),
  };
}

function send(destination: Destination, message: Message, sending: SendContext) {
  return destination.send(destination.render(message), message, sending);
}

describe.each(SUBJECTS)("$name", (subject) => {
  it.each(Object.keys(VERDICTS) as (keyof typeof FAULTS)[])(
    "comes to the right verdict at %s, and delivers afterwards",
    async (fault) => {
      const { peer, send } = await start(subject, { timeout: 200 });
      peer.misbehave(FAULTS[fault]);
      expect(await send()).toMatchObject(VERDICTS[fault]);
      expect(peer.received).toHaveLength(1);
      peer.misbehave(undefined);
      expect(await send()).toMatchObject({ kind: "delivered", status: 200 });
      expect(peer.posts).toHaveLength(1);
    },
  );

  it.each(MESSAGE_KINDS)("delivers a digest of 500 hostile alerts as %s", async (kind) => {
    const { peer, send } = await start(subject);
    for (const alert of [hostileAlert(), hugeAlert(2000, 20, "<")]) {
      const digest = { ...digestMessage(alert, 500), kind };
      expect(await send(undefined, digest)).toMatchObject({ kind: "delivered", status: 200 });
    }
    expect(peer.posts).toHaveLength(2);
  });

  it("tries again later where nobody listens", async () => {
    const { peer, send } = await start(subject);
    await peer.close();
    open.shift();
    const verdict = await send();
    expect(verdict).toMatchObject({ kind: "retry", reason: "refused" });
    expect(JSON.stringify(verdict)).not.toMatch(/T0AAAAAAA|xoxb/);
  });

  it("tries again later when the name cannot be resolved", async () => {
    const lookup: unknown = (_host: string, _options: object, callback: (error: Error) => void) =>
      callback(Object.assign(new RangeError("no such name"), { code: "ENOTFOUND" }));
    const { send } = await start(subject, { lookup: lookup as NonNullable<HttpOptions["lookup"]> });
    expect(await send()).toMatchObject({ kind: "retry", reason: "dns" });
  });

  it("tries again later when its sending is stopped", async () => {
    const { send } = await start(subject);
    expect(await send(AbortSignal.abort())).toMatchObject({ kind: "retry", reason: "reset" });
  });

  it("sends nothing to a peer whose certificate nobody vouches for", async () => {
    const { peer, send } = await start(subject, {}, { name: "localhost" });
    expect(await send()).toMatchObject({ kind: "retry", reason: "tls" });
    expect(peer.received).toEqual([]);
  });

  it("sends nothing to a peer whose certificate has another name", async () => {
    const tls = { ca: readPem("other-name.crt") };
    const { peer, send } = await start(subject, { tls }, { name: "other-name" });
    expect(await send()).toMatchObject({ kind: "retry", reason: "tls" });
    expect(peer.received).toEqual([]);
  });

  it("delivers to a peer whose certificate the given issuer vouches for", async () => {
    const tls = { ca: readPem("localhost.crt") };
    const { send } = await start(subject, { tls }, { name: "localhost" });
    expect(await send()).toMatchObject({ kind: "delivered" });
  });

  it("sends nothing where the egress guard refuses", async () => {
    const { peer, send } = await start(subject, { egress: { allow: [], deny: ["localhost"] } });
    expect(await send()).toMatchObject({ kind: "reject", reason: "egress_refused" });
    expect(peer.received).toEqual([]);
  });
});
