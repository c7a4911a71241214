import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { readPem } from "../../../test/peers/peer.ts";
import {
  readLine,
  startCollector,
  startUdpCollector,
  type FakeCollector,
} from "../../../test/peers/syslog.ts";
import { openSockets } from "../../net/socket-client.ts";
import type { Message } from "../destination.ts";
import {
  aDigest,
  alertWith,
  caseWith,
  contextWith,
  digestMessage,
  hostileAlert,
  hugeAlert,
  messageWith,
  sendingWith,
} from "../testing/messages.ts";
import { createLink } from "./link.ts";
import { syslog } from "./syslog.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

function create(settings: Record<string, unknown> = {}, timeout = 5000) {
  const egress = { allow: [], deny: [] };
  const tls = { ca: readPem("localhost.crt") };
  const sockets = openSockets({ component: "destination siem", egress, timeout, tls });
  const { context } = contextWith({ sockets });
  const config = { host: "localhost", hostname: "soc-1", ...settings };
  const made = syslog.create(syslog.config.parse(config), context);
  open.push(made);
  return made;
}

function render(message: Message, settings: Record<string, unknown> = {}) {
  return readLine(Buffer.from(create(settings).render(message)));
}

async function start(
  collector: FakeCollector,
  settings: Record<string, unknown>,
  timeout?: number,
) {
  open.push(collector);
  const destination = create({ port: collector.port, ...settings }, timeout);
  return async (message: Message = messageWith(), signal?: AbortSignal) => {
    const { sending } = sendingWith(signal);
    return await destination.send(destination.render(message), message, sending);
  };
}

const delivered = { kind: "delivered" };
const broken = { kind: "retry", reason: "reset" };

describe("a message", () => {
  it.each(["cef", "json"])("in %s says what the alert says", (format) => {
    const sample = new URL(`./samples/brute-force.${format}.txt`, import.meta.url);
    const destination = create({ format });
    const shown = destination.show(destination.render(messageWith()));
    expect(shown).toEqual({ type: "text/plain", text: readFileSync(sample, "utf8").trimEnd() });
  });

  it.each([
    ["critical", 2, "10"],
    ["high", 3, "8"],
    ["medium", 4, "5"],
    ["low", 5, "3"],
    ["unknown", 5, "0"],
    ["informational", 6, "1"],
  ] as const)("that is %s has the severity %i, in CEF %s", (name, code, cef) => {
    const line = render(messageWith({ alert: alertWith({ severity: name }) }), {
      facility: "auth",
    });
    expect(line).toMatchObject({ facility: 4, severity: code });
    expect(line.cef?.fields[5]).toBe(cef);
  });

  it("says what it is, and from when", () => {
    const alert = alertWith({ last_seen: "2026-05-05T12:00:00.000Z" });
    const headerOf = (change: Partial<Message>) => render(messageWith({ alert, ...change })).header;
    expect(headerOf({})).toMatchObject({ time: "2026-05-05T10:00:00.000Z", topic: "alert" });
    const update = headerOf({ kind: "update" });
    expect(update).toMatchObject({ time: "2026-05-05T12:00:00.000Z", topic: "update" });
    expect(headerOf({ test: true })).toMatchObject({ topic: "test" });
    expect(headerOf({ digest: aDigest() })).toMatchObject({ topic: "digest" });
  });

  it("begins with a byte order mark only when its text is not ASCII", () => {
    const alert = alertWith({ title: "Überfall 😀" });
    expect(render(messageWith()).line).not.toContain("\ufeff");
    expect(render(messageWith({ alert })).line).toContain(" - \ufeffCEF:0|");
    const { line, json } = render(messageWith({ alert }), { format: "json" });
    expect(line).toMatch(/^[\x20-\x7e]*$/);
    expect(json).toMatchObject({ alert: { title: "Überfall 😀" } });
  });
});

describe("in CEF", () => {
  it("no value begins another field or line, and each is read back as it was", () => {
    const nasty = "a|b\\c=d\r\ncs6=forged |e\\";
    const alert = alertWith({
      title: nasty,
      reason: nasty,
      rule: { ...alertWith().rule, id: nasty },
    });
    const { cef } = render(messageWith({ alert }));
    expect(cef?.fields[3]).toBe("a|b\\c=d cs6=forged |e\\");
    expect(cef?.fields[4]).toBe("a|b\\c=d cs6=forged |e\\");
    expect(cef?.pairs).toMatchObject({ msg: "a|b\\c=d\ncs6=forged |e\\", cs6: "d_01JTFYX3M0_7" });
  });

  it("addresses stand on their side, and in fields for their family", () => {
    const ip = (value: string, role: "source" | "destination") =>
      ({ type: "ip", value, role, field: "f" }) as const;
    const pairsOf = (source: string, destination: string) => {
      const artifacts = [ip(source, "source"), ip(destination, "destination")];
      return render(messageWith({ alert: alertWith({ artifacts }) })).cef?.pairs;
    };
    expect(pairsOf("10.0.0.1", "10.0.0.2")).toMatchObject({ src: "10.0.0.1", dst: "10.0.0.2" });
    expect(pairsOf("2001:db8::1", "2001:db8::2")).toMatchObject({
      c6a2: "2001:db8::1",
      c6a2Label: "Source IPv6 Address",
      c6a3: "2001:db8::2",
    });
    expect(pairsOf("not an address", "")).not.toHaveProperty("src");
  });

  it("a digest says how many alerts there are, and the first", () => {
    const { cef } = render(messageWith({ digest: aDigest({ total: 500 }), case: caseWith() }));
    expect(cef?.fields.slice(3)).toEqual(["digest", "500 alerts · grouped by route soc", "8"]);
    expect(cef?.pairs).toMatchObject({ cnt: "500", cat: "digest", cs3: "CASE-000012" });
    expect(cef?.pairs["msg"]).toMatch(/ALR-000124.*\n.*ALR-000125.*\n… and 497 more$/);
  });

  it("a template words the name and the msg", () => {
    const template = { title: "{{ alert.number }}", text: "{{ alert.title }}|=" };
    const { cef } = render(messageWith(), { template });
    expect(cef?.fields[4]).toBe("ALR-000123");
    expect(cef?.pairs["msg"]).toBe("Brute force on web-1|=");
  });
});

describe("what is too long", () => {
  const sizes = ["1KiB", "2KiB", "8KiB", "65000B"];
  const messages = [
    messageWith({ alert: hugeAlert(50_000, 50) }),
    messageWith({ alert: hugeAlert(50_000, 5, "é\\|=\n😀") }),
    digestMessage(hugeAlert(500, 20), 500),
  ];

  it.each(sizes)("is cut to %s and can still be read, with what tells it apart", (max_size) => {
    const bytes = max_size.endsWith("KiB") ? Number.parseInt(max_size) * 1024 : 65_000;
    for (const message of messages) {
      const settings = { max_size, hostname: "h".repeat(255) };
      const cef = create(settings).render(message);
      expect(Buffer.byteLength(cef)).toBeLessThanOrEqual(bytes);
      expect(cef).toMatch(/\|externalId=ALR-000123 cs6Label=key cs6=d_01JTFYX3M0_7 /);
      const json = create({ ...settings, format: "json" }).render(message);
      expect(Buffer.byteLength(json)).toBeLessThanOrEqual(bytes);
      expect(JSON.parse(json.slice(json.indexOf("{")))).toMatchObject({
        key: "d_01JTFYX3M0_7",
        truncated: true,
        alert: { number: "ALR-000123", id: alertWith().id },
      });
    }
  });

  it.each(["", "x", "\ud83d"])("has no half of a character after %j", (before) => {
    const alert = alertWith({ description: `${before}${"😀".repeat(5000)}`, title: "\ude00" });
    const { json } = render(messageWith({ alert }), { format: "json" });
    expect(json).toMatchObject({ truncated: true, alert: { title: "\ufffd" } });
    expect(JSON.stringify(json)).toContain("😀");
    const description = (json?.["alert"] as { description: string } | undefined)?.description;
    expect(description).toMatch(/\.\.\.$/);
    expect(description).not.toMatch(/\p{Surrogate}/u);
  });

  it("leaves out an address, a hash or a number rather than the end of it", () => {
    const hash = "a1".repeat(32);
    const artifacts = [
      { type: "ip", value: "203.0.113.178", role: "source", field: "f" },
      { type: "sha256", value: hash, role: "related", field: "f" },
    ] as const;
    const rule = { ...alertWith().rule, id: "r".repeat(500) };
    const source = { ...alertWith().source, name: "s".repeat(150) };
    const alert = alertWith({ artifacts: [...artifacts], rule, source, title: "t".repeat(500) });
    const settings = { hostname: "h".repeat(255) };
    const values = Array.from({ length: 400 }, (_, more) => {
      const max_size = `${1024 + more}B`;
      const line = create({ ...settings, max_size }).render(messageWith({ alert }));
      return ["src", "fileHash"].map((key) => new RegExp(` ${key}=(\\S*)`).exec(line)?.[1] ?? null);
    });
    expect(new Set(values.map(([src]) => src))).toEqual(new Set([null, "203.0.113.178"]));
    expect(new Set(values.map(([, found]) => found))).toEqual(new Set([null, hash]));
  });

  it("is not marked as cut when it is whole", () => {
    const { json } = render(messageWith(), { format: "json" });
    expect(json).not.toHaveProperty("truncated");
    expect(json).toMatchObject({ alert: alertWith() });
  });

  it("over UDP is cut to what every receiver should take", () => {
    const line = create({ transport: "udp", format: "json" }).render(
      messageWith({ alert: hugeAlert(50_000, 50) }),
    );
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(2048);
    expect(Buffer.byteLength(line)).toBeGreaterThan(1500);
  });
});

describe("a connection", () => {
  it.each([
    ["tcp", undefined, "octets"],
    ["tcp", undefined, "lines"],
    ["tls", { name: "localhost" }, "octets"],
  ] as const)("over %s is one for all messages", async (transport, tls, framing) => {
    const collector = await startCollector(tls, framing);
    const send = await start(collector, { transport, framing });
    const hostile = messageWith({ alert: hostileAlert("a\nb\r\n12 <1>1 é") });
    expect(await Promise.all([send(), send(hostile), send(), send(hostile)])).toEqual(
      Array.from({ length: 4 }, () => delivered),
    );
    expect(await send()).toEqual(delivered);
    expect(collector.refused).toEqual([]);
    expect(collector.lines).toHaveLength(5);
    expect(collector.connections()).toBe(1);
  });

  it("that the collector ended is opened again, and nothing is lost on the old one", async () => {
    const collector = await startCollector();
    const send = await start(collector, { transport: "tcp" });
    expect(await send()).toEqual(delivered);
    collector.endConnections();
    await expect.poll(() => collector.open()).toBe(0);
    expect(await send()).toEqual(delivered);
    expect(collector.lines).toHaveLength(2);
    expect(collector.connections()).toBe(2);
  });

  it("that breaks just after a message counts for none of those underway", async () => {
    const collector = await startCollector();
    const send = await start(collector, { transport: "tcp" });
    await send();
    await collector.misbehave("lost_answer");
    expect(await Promise.all([send(), send()])).toMatchObject([broken, broken]);
    await collector.misbehave(undefined);
    expect(await send()).toEqual(delivered);
  });

  it("that takes nothing more is given up in time, and with it the message half written", async () => {
    const collector = await startCollector();
    open.push(collector);
    const egress = { allow: [], deny: [] };
    const sockets = openSockets({ component: "destination siem", egress, timeout: 300 });
    const settings = { host: "localhost", port: collector.port, transport: "tcp" };
    const link = createLink(syslog.config.parse(settings), sockets);
    open.push(link);
    const { signal } = new AbortController();
    collector.pause();
    // More than the buffers of both ends hold.
    const tooMuch = link.send(Buffer.alloc(64 * 1024 ** 2), signal);
    await expect(tooMuch).rejects.toMatchObject({ data: { reason: "timeout" } });
    await link.send(Buffer.from("x"), signal);
    expect(collector.connections()).toBe(2);
  });

  it("is not disturbed by a message that is given up before it is written", async () => {
    const collector = await startCollector();
    const send = await start(collector, { transport: "tcp" });
    await send();
    const [stopped, other] = await Promise.all([send(messageWith(), AbortSignal.abort()), send()]);
    expect(stopped).toMatchObject({ kind: "retry" });
    expect(other).toEqual(delivered);
    expect(collector.connections()).toBe(1);
  });
});

it("over UDP goes out, and nobody learns when it is lost", async () => {
  const collector = await startUdpCollector();
  const send = await start(collector, { transport: "udp" });
  expect(await send()).toEqual(delivered);
  await expect.poll(() => collector.lines.length).toBe(1);
  await collector.close();
  open.splice(open.indexOf(collector), 1);
  expect(await send()).toEqual(delivered);
});

it.each([
  [{ host: "a b" }, "not a host name"],
  [{ hostname: "a b" }, "printable"],
  [{ app_name: "x".repeat(49) }, "printable"],
  [{ max_size: "100B" }, "not between"],
  [{ facility: "kern" }, ""],
])("refuses the settings %o", (change, message) => {
  const { error } = syslog.config.safeParse({ host: "siem.lab", ...change });
  expect(error?.message).toContain(message);
});
