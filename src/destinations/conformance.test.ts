/**
 * Every HTTP destination against everything a peer can do wrong. Each row is a verdict that all of
 * them must come to; after each, the same destination must deliver again.
 */
import { afterEach, describe, expect, it } from "vitest";
import { FAULTS } from "../../test/peers/faults.ts";
import { startKibana } from "../../test/peers/kibana.ts";
import { readPem, type Peer, type PeerTls, type Responder } from "../../test/peers/peer.ts";
import { SLACK_CHANNEL, SLACK_TOKEN, startSlack, type FakeSlack } from "../../test/peers/slack.ts";
import { clusterSettings } from "../elastic/cluster/settings.ts";
import { openKibana } from "../elastic/kibana/kibana.ts";
import { createHttp, type HttpOptions } from "../net/client.ts";
import type { Http } from "../net/http.ts";
import type { Destination, DestinationDefinition, Message, SendContext } from "./destination.ts";
import { createStatusDestination } from "./kibana-status/index.ts";
import { slack } from "./slack/slack.ts";
import {
  alertWith,
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
  /** It says what alerts and digests say, and not only that a status changed. */
  readonly tells: boolean;
  start(tls?: PeerTls): Promise<SubjectPeer>;
}

interface SubjectPeer extends Peer {
  misbehave(responder: Responder | undefined): void;
  /** What it accepted. */
  readonly accepted: readonly unknown[];
  create(http: Http): Destination;
}

/** A destination that speaks to the fake Slack. */
function slackSubject(
  name: string,
  definition: DestinationDefinition,
  settings: (peer: FakeSlack) => Record<string, unknown>,
): Subject {
  const start = async (tls?: PeerTls) => {
    const peer = await startSlack(tls);
    const config = definition.config.parse(settings(peer));
    const create = (http: Http) =>
      definition.create(config, contextWith({ http, now: () => NOW }).context);
    return { ...peer, accepted: peer.posts, create };
  };
  return { name, tells: true, start };
}

// The fake Slack accepts any JSON post to its webhook's URL that looks like Slack's, so the
// generic webhook speaks to it with a body of its own.
const WEBHOOK_BODY =
  '{"text": {% if digest %}{{ digest.total | append: " alerts" | json }}' +
  "{% else %}{{ key | json }}{% endif %}}";

const SUBJECTS: readonly Subject[] = [
  slackSubject("slack through an incoming webhook", slack, ({ webhookUrl }) => ({
    webhook_url: webhookUrl,
  })),
  slackSubject("slack as a bot", slack, ({ apiUrl }) => ({
    token: SLACK_TOKEN,
    channel: SLACK_CHANNEL,
    api_url: apiUrl,
  })),
  slackSubject("webhook", webhook, ({ webhookUrl }) => ({ url: webhookUrl, body: WEBHOOK_BODY })),
  { name: "kibana-status", tells: false, start: startKibanaStatus },
];

async function startKibanaStatus(tls?: PeerTls): Promise<SubjectPeer> {
  const peer = await startKibana({ tls });
  const { source, external } = alertWith();
  const _source = { "kibana.alert.workflow_status": "closed" };
  peer.alerts(source.space ?? "").push({ _id: external.id ?? "", _source });
  const settings = { ...clusterSettings.parse({ url: peer.url }), kibana: peer.kibanaUrl };
  const create = (http: Http) =>
    createStatusDestination({
      kibana: openKibana(settings, { name: "lab", http }),
      now: () => NOW,
    });
  return { ...peer, accepted: peer.changes, create };
}

const quoting = (text: string) => expect.stringContaining(text) as string;

const VERDICTS: Readonly<Record<keyof typeof FAULTS, Record<string, unknown>>> = {
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

const MESSAGE_KINDS = ["alert", "update", "reminder"] as const;

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

async function start(subject: Subject, options: Partial<HttpOptions> = {}, tls?: PeerTls) {
  const peer = await subject.start(tls);
  const egress = { allow: [], deny: [] };
  const http = createHttp({ component: "destination soc", connections: 1, egress, ...options });
  open.push(peer, http);
  const destination = peer.create(http);
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
      expect(peer.accepted).toHaveLength(1);
    },
  );

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

describe.each(SUBJECTS.filter(({ tells }) => tells))("$name", (subject) => {
  it.each(MESSAGE_KINDS)("delivers a digest of 500 hostile alerts as %s", async (kind) => {
    const { peer, send } = await start(subject);
    for (const alert of [hostileAlert(), hugeAlert(2000, 20, "<")]) {
      const digest = { ...digestMessage(alert, 500), kind };
      expect(await send(undefined, digest)).toMatchObject({ kind: "delivered", status: 200 });
    }
    expect(peer.accepted).toHaveLength(2);
  });
});
