import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { readPem, startPeer, type Peer, type PeerTls } from "../../../test/peers/peer.ts";
import { createHttp, type HttpOptions } from "../../net/client.ts";
import { verifySignature } from "../../net/signature.ts";
import type { Message } from "../destination.ts";
import {
  aDigest,
  alertWith,
  caseWith,
  contextWith,
  digestMessage,
  hostileAlert,
  messageWith,
  NOW,
  sendingWith,
} from "../testing/messages.ts";
import { webhook } from "./webhook.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

async function peer(tls?: PeerTls): Promise<Peer> {
  const started = await startPeer((_received, response) => void response.end("thanks"), tls);
  open.push(started);
  return started;
}

function create(settings: Record<string, unknown>, tls?: HttpOptions["tls"], now = () => NOW) {
  const egress = { allow: [], deny: [] };
  const http = createHttp({ component: "destination soc", egress, connections: 1, tls });
  open.push(http);
  const config = webhook.config.parse({ ...settings });
  return webhook.create(config, contextWith({ http, now }).context);
}

async function send(settings: Record<string, unknown>, message: Message, tls?: HttpOptions["tls"]) {
  const destination = create(settings, tls);
  const { sending, exchanges } = sendingWith();
  const verdict = await destination.send(destination.render(message), message, sending);
  return { verdict, exchange: exchanges[0] };
}

const render = (settings: Record<string, unknown>, message = messageWith()) =>
  create({ url: "http://localhost/", ...settings }).render(message);

describe("a request", () => {
  it("carries the alert, its key and its link", async () => {
    const { url, received } = await peer();
    const message = messageWith();
    const { verdict } = await send({ url: `${url}/in` }, message);
    expect(verdict).toEqual({ kind: "delivered", status: 200 });
    expect(received).toMatchObject([{ method: "POST", path: "/in" }]);
    const { kind, key, alert, link } = message;
    expect(JSON.parse(received[0]?.body ?? "")).toEqual({ type: "alert", kind, key, alert, link });
    expect(received[0]?.headers).toMatchObject({
      "content-type": "application/json",
      "idempotency-key": key,
      "user-agent": expect.stringMatching(/^tocsin\/\d/) as string,
    });
    expect(received[0]?.headers).not.toHaveProperty("webhook-signature");
  });

  it("has the configured method, headers and content type", async () => {
    const { url, received } = await peer();
    const headers = { Authorization: "Bearer abc", "X-Team": "soc" };
    const settings = {
      url,
      method: "PUT",
      headers,
      content_type: "text/plain",
      template: { body: "hi" },
    };
    await send(settings, messageWith());
    expect(received).toMatchObject([{ method: "PUT", body: "hi" }]);
    expect(received[0]?.headers).toMatchObject({
      authorization: "Bearer abc",
      "x-team": "soc",
      "content-type": "text/plain",
    });
  });

  it("is signed as Standard Webhooks asks, with a new timestamp on every attempt", async () => {
    const { url, received } = await peer();
    const secret = `whsec_${Buffer.from("0123456789abcdef01234567").toString("base64")}`;
    let now = NOW;
    const destination = create({ url, secret }, undefined, () => now);
    const message = messageWith();
    for (const at of [NOW, NOW + 60_500]) {
      now = at;
      await destination.send(destination.render(message), message, sendingWith().sending);
    }
    const stamps = received.map(({ headers, body }) => {
      const [id, timestamp, signature] = ["id", "timestamp", "signature"].map(
        (name) => headers[`webhook-${name}`] as string,
      );
      expect(id).toBe(message.key);
      const given = { id, timestamp, signature };
      const options = { scheme: "standard-webhooks", secret, headers: given, now } as const;
      expect(verifySignature(options, Buffer.from(body))).toEqual({ ok: true });
      return timestamp;
    });
    expect(stamps).toEqual([String(NOW / 1000), String(NOW / 1000 + 60)]);
  });

  it("presents its client certificate", async () => {
    const { url } = await peer({ name: "localhost", client: true });
    const tls = {
      ca: readPem("localhost.crt"),
      cert: readPem("client.crt"),
      key: readPem("client.key"),
    };
    expect((await send({ url }, messageWith(), tls)).verdict).toMatchObject({ kind: "delivered" });
  });

  it("keeps its secrets out of what is recorded of it", async () => {
    const { url } = await peer();
    const settings = {
      url: `${url}/hook/T0kEn99?sig=q1w2e3r4`,
      headers: { Authorization: "Bearer abcdef123456" },
      secret: "a signing secret of mine",
    };
    const { exchange } = await send(settings, messageWith());
    for (const secret of ["T0kEn99", "q1w2e3r4", "abcdef123456", "a signing secret of mine"])
      expect(JSON.stringify(exchange)).not.toContain(secret);
    expect(exchange?.request).toContain("/hook/…?…");
    expect(exchange?.request).toContain('"title":"Brute force on web-1"');
    expect(exchange?.answer).toBe("HTTP 200\n\nthanks");
  });

  it("has no header made of alert text", async () => {
    const { url, received } = await peer();
    const plain = await send({ url }, messageWith());
    await send({ url }, messageWith({ alert: hostileAlert() }));
    const [first, second] = received.map(({ headers }) => ({ ...headers, "content-length": "" }));
    expect(second).toEqual(first);
    expect(plain.verdict.kind).toBe("delivered");
  });
});

describe("a body", () => {
  it("of a test says so", () => {
    expect(JSON.parse(render({}, messageWith({ test: true })))).toMatchObject({ type: "test" });
  });

  it("of an update has the alert it had before, and a kind and a key that tell it apart", () => {
    const first = JSON.parse(render({})) as Record<string, unknown>;
    const update = messageWith({
      kind: "update",
      key: "d_01JTFYX3M0_7~1",
      alert: alertWith({ count: 2 }),
    });
    expect(JSON.parse(render({}, update))).toMatchObject({
      type: "alert",
      kind: "update",
      key: "d_01JTFYX3M0_7~1",
      alert: { id: (first["alert"] as { id: string }).id, count: 2 },
    });
  });

  it("of a digest has what was counted and every alert whole", () => {
    const digest = aDigest();
    const body = JSON.parse(render({}, messageWith({ digest }))) as Record<string, unknown>;
    expect(body).toMatchObject({ type: "alert", kind: "alert", alert: alertWith() });
    expect(body["digest"]).toEqual(digest);
  });

  it("of a digest ends at half a million characters of alerts, and says how many there are", () => {
    const body = render({}, digestMessage(alertWith({ description: "x".repeat(40_000) }), 500));
    const { digest } = JSON.parse(body) as { digest: { total: number; alerts: object[] } };
    expect(digest.total).toBe(500);
    expect(digest.alerts).toHaveLength(12);
    expect(body.length).toBeLessThan(560_000);
  });

  it("written in Liquid can tell kinds and digests apart", () => {
    const body =
      '{"text": {% if digest %}{{ digest.total | append: " alerts" | json }}' +
      "{% else %}{{ alert.title | json }}{% endif %}, " +
      '"kind": {{ kind | json }}, "numbers": {{ digest.alerts | map: "number" | json }}}';
    expect(JSON.parse(render({ template: { body } }, messageWith({ digest: aDigest() })))).toEqual({
      text: "3 alerts",
      kind: "alert",
      numbers: ["ALR-000123", "ALR-000124", "ALR-000125"],
    });
    expect(
      JSON.parse(render({ template: { body } }, messageWith({ kind: "reminder" }))),
    ).toMatchObject({
      text: "Brute force on web-1",
      kind: "reminder",
    });
  });

  it("written in Liquid can hold a digest as large as there is", () => {
    const body = '{"digest": {{ digest | json }}}';
    const text = render({ template: { body } }, digestMessage(hostileAlert("x".repeat(3000)), 500));
    expect(JSON.parse(text)).toMatchObject({ digest: { total: 500 } });
  });

  it("has the alert's case, when it is in one", () => {
    const found = caseWith();
    expect(JSON.parse(render({}, messageWith({ case: found })))).toMatchObject({ case: found });
    const body = '{"case": {{ case.title | json }}, "of": {{ counts.case }}}';
    const text = render({ template: { body } }, messageWith({ case: found }));
    expect(JSON.parse(text)).toEqual({ case: found.title, of: 3 });
  });

  it("can be written in Liquid", () => {
    const body = '{"text": {{ alert.title | json }}, "id": {{ key | json }}, "test": {{ test }}}';
    const text = render({ template: { body } }, messageWith({ alert: hostileAlert() }));
    expect(JSON.parse(text)).toEqual({
      text: hostileAlert().title,
      id: messageWith().key,
      test: false,
    });
  });

  it("in JSON may not hold alert text without the json filter", () => {
    const body = '{"text": "{{ alert.title }}"}';
    expect(() => render({ template: { body } })).toThrow(
      expect.objectContaining({
        code: "TEMPLATE_INVALID",
        component: "destination soc: template.body",
        hint: expect.stringContaining("| json") as string,
      }),
    );
  });

  it("in JSON may not hold a digest's text without the json filter either", () => {
    const body = '{"text": {% if digest %}"{{ digest.rules[0].name }}"{% else %}1{% endif %}}';
    expect(() => render({ template: { body } })).toThrow(
      expect.objectContaining({
        code: "TEMPLATE_INVALID",
        component: "destination soc: template.body",
      }),
    );
  });

  it("in another content type may hold anything", () => {
    const body = "{{ alert.severity }}: {{ alert.title }}";
    expect(render({ template: { body }, content_type: "text/plain" })).toBe(
      "high: Brute force on web-1",
    );
  });

  it("that turns out not to be JSON is refused", () => {
    const body = '{"n": {% if alert.count == 2 %}nothing{% else %}1{% endif %}}';
    expect(render({ template: { body } })).toBe('{"n": 1}');
    const twice = messageWith({ alert: alertWith({ count: 2 }) });
    expect(() => render({ template: { body } }, twice)).toThrow(
      expect.objectContaining({ code: "TEMPLATE_INVALID" }),
    );
  });
});

describe("the configuration", () => {
  it.each([
    { url: "peer.test" },
    { url: "https://u:p@peer.test/" },
    { method: "GET" },
    { headers: { "X Y": "1" } },
    { headers: { "x-a": "line\nbreak" } },
    { headers: { "Content-Length": "1" } },
    { headers: { "Idempotency-Key": "1" } },
    { headers: { "Proxy-Authorization": "1" } },
    { content_type: "json" },
    { content_type: "application/json\r\nx-a: 1" },
    { template: { text: "x" } },
    { body: "{}" },
    { secret: "short" },
    { secret: "whsec_not base64 at all" },
  ])("refuses %j", (wrong) => {
    const settings = { kind: "webhook", url: "https://peer.test/", ...wrong };
    expect(webhook.config.safeParse(settings).success).toBe(false);
  });
});

it("renders its sample as before", () => {
  const sample = new URL("./samples/brute-force.json", import.meta.url);
  const wanted: unknown = JSON.parse(readFileSync(sample, "utf8"));
  expect(JSON.parse(render({}))).toEqual(wanted);
});
