/**
 * A collector of syslog over TCP, TLS or UDP that takes only what RFC 5424 and its transports allow: octet
 * counting or line breaks (RFC 6587), a header as RFC 5424 §6 has it, UTF-8 that is not ASCII only behind
 * a byte order mark, CEF and JSON that can be read. As a real one it says nothing: what is malformed ends
 * the connection, or is lost.
 */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { SocketFault } from "../../src/destinations/testing/subject.ts";
import { readPem, type PeerTls } from "./peer.ts";

/** Longer messages are cut by common collectors; this one takes none (RFC 5425 §4.3.1). */
const MAX_SIZE = 8192;

export interface KeptLine {
  /** As it came, without its framing. */
  readonly line: string;
  readonly bytes: number;
  readonly facility: number;
  readonly severity: number;
  readonly header: Readonly<Record<"time" | "hostname" | "app" | "topic", string>>;
  /** The text behind the header and the byte order mark. */
  readonly text: string;
  readonly json: Record<string, unknown> | undefined;
  readonly cef: ReadCef | undefined;
}

export interface ReadCef {
  readonly fields: readonly string[];
  readonly pairs: Readonly<Record<string, string>>;
}

export interface FakeCollector {
  readonly host: string;
  readonly port: number;
  readonly lines: readonly KeptLine[];
  /** What was refused, and why. */
  readonly refused: readonly string[];
  connections(): number;
  /** How many of them are there. */
  open(): number;
  /** Reads nothing from now on. */
  pause(): void;
  misbehave(fault: SocketFault | undefined): Promise<void>;
  /** Ends all connections in order, as a collector that restarts. */
  endConnections(): void;
  close(): Promise<void>;
}

export type Framing = "octets" | "lines";

/** Reads a message. Throws a RangeError that says what is wrong. */
export function readLine(bytes: Buffer): KeptLine {
  if (bytes.length > MAX_SIZE) throw new RangeError(`${bytes.length} bytes`);
  const line = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  const header =
    /^<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z) ([!-~]{1,255}) ([!-~]{1,48}) (?:-|[!-~]{1,128}) ([!-~]{1,32}) - /.exec(
      line,
    );
  if (!header) throw new RangeError(`no header of RFC 5424: ${line.slice(0, 80)}`);
  const [start, priority, time = "", hostname = "", app = "", topic = ""] = header;
  if (Number(priority) > 191) throw new RangeError(`the priority ${priority}`);
  const marked = line.slice(start.length);
  const text = marked.replace(/^\ufeff/, "");
  if (marked === text && /[^\x20-\x7e]/.test(text)) throw new RangeError("UTF-8 without its mark");
  if (/\p{Cc}/u.test(text)) throw new RangeError("a control character");
  return {
    line,
    bytes: bytes.length,
    facility: Number(priority) >> 3,
    severity: Number(priority) & 7,
    header: { time, hostname, app, topic },
    text,
    json: text.startsWith("{") ? (JSON.parse(text) as Record<string, unknown>) : undefined,
    cef: text.startsWith("CEF:") ? readCef(text) : undefined,
  };
}

/** The keys of ArcSight's dictionary that are used, with the longest value of each. */
const KEYS: Readonly<Record<string, number>> = {
  externalId: 40,
  fileHash: 255,
  ...Object.fromEntries(
    "cat msg reason dhost suser duser fname filePath request requestClientApplication"
      .split(" ")
      .map((key) => [key, 1023]),
  ),
};

function readCef(text: string): ReadCef {
  const [, head = "", extension = ""] =
    /^CEF:0\|((?:(?:\\[\\|]|[^\\|])*\|){6})(.*)$/.exec(text) ?? [];
  const fields = head.split(/(?<!(?:^|[^\\])(?:\\\\)*\\)\|/).slice(0, -1);
  if (fields.length !== 6) throw new RangeError(`not the fields of CEF: ${text.slice(0, 80)}`);
  const severity = Number(fields[5]);
  if (!Number.isInteger(severity) || severity < 0 || severity > 10)
    throw new RangeError(`the severity ${severity}`);
  if ((fields[4]?.length ?? 0) > 512 * 2) throw new RangeError("a name longer than 512");
  const pairs: Record<string, string> = {};
  // A key stands behind a blank and in front of a sign of equality without a backslash.
  for (const pair of extension.split(/ (?=[A-Za-z0-9]+=)/)) {
    const [, key = "", value = ""] = /^([A-Za-z0-9]+)=((?:\\[\\=nr]|[^\\=])*)$/.exec(pair) ?? [];
    if (key === "") throw new RangeError(`not a pair of CEF: ${pair.slice(0, 80)}`);
    if (pairs[key] !== undefined) throw new RangeError(`${key} stands twice`);
    const plain = value.replace(/\\(.)/g, (_, one: string) => (one === "n" ? "\n" : one));
    checkPair(key, plain);
    pairs[key] = plain;
  }
  return { fields: fields.map((field) => field.replace(/\\(.)/g, "$1")), pairs };
}

function checkPair(key: string, value: string): void {
  if (/^(rt|start|end|cnt)$/.test(key)) {
    if (!/^\d+$/.test(value)) throw new RangeError(`${key} is no number`);
  } else if (/^(src|dst)$/.test(key)) {
    if (!/^\d+(\.\d+){3}$/.test(value)) throw new RangeError(`${key} is not IPv4`);
  } else if (/^c6a[23]$/.test(key)) {
    if (!value.includes(":")) throw new RangeError(`${key} is not IPv6`);
  } else {
    const max =
      KEYS[key] ?? (/^cs[1-6]$/.test(key) ? 4000 : /^(cs[1-6]|c6a[23])Label$/.test(key) ? 1023 : 0);
    if (max === 0) throw new RangeError(`${key} is not in the dictionary`);
    if (value.length > max) throw new RangeError(`${key} is longer than ${max}`);
  }
}

/** Takes the messages out of what has arrived; answers what is left over. */
function unframe(buffer: Buffer, framing: Framing, keep: (bytes: Buffer) => void): Buffer {
  let rest = buffer;
  for (;;) {
    if (framing === "lines") {
      const end = rest.indexOf("\n");
      if (end < 0) return rest;
      keep(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
      continue;
    }
    const blank = rest.indexOf(" ");
    if (blank < 0) return rest;
    const length = rest.subarray(0, blank).toString();
    if (!/^[1-9]\d{0,5}$/.test(length)) throw new RangeError(`"${length}" is no length`);
    const end = blank + 1 + Number(length);
    if (rest.length < end) return rest;
    keep(rest.subarray(blank + 1, end));
    rest = rest.subarray(end);
  }
}

/** Starts one over TCP, or TLS, on a free port of the loopback. Close it after the test. */
export async function startCollector(
  tls?: PeerTls,
  framing: Framing = "octets",
): Promise<FakeCollector> {
  const lines: KeptLine[] = [];
  const refused: string[] = [];
  const sockets = new Set<Socket>();
  const state: { fault: SocketFault | undefined; connections: number; paused: boolean } = {
    fault: undefined,
    connections: 0,
    paused: false,
  };
  const take = (socket: Socket) => {
    let rest = Buffer.alloc(0);
    state.connections += 1;
    sockets.add(socket.on("error", () => {}));
    socket.once("close", () => sockets.delete(socket));
    if (state.fault === "reset") return breakOff(socket);
    if (state.paused) return;
    socket.on("data", (chunk: Buffer) => {
      if (socket.destroyed) return;
      try {
        rest = Buffer.from(
          unframe(Buffer.concat([rest, chunk]), framing, (bytes) => lines.push(readLine(bytes))),
        );
        if (state.fault === "lost_answer") breakOff(socket);
      } catch (error) {
        refused.push(String(error));
        breakOff(socket);
      }
    });
  };
  // Node aborts the process when a socket is reset below TLS.
  const breakOff = (socket: Socket) => {
    if (tls) socket.destroy();
    else socket.resetAndDestroy();
  };
  const server = tls
    ? createTlsServer({ cert: readPem(`${tls.name}.crt`), key: readPem(`${tls.name}.key`) }, take)
    : createServer(take);
  const listen = async (port: number) => {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    sockets.forEach(breakOff);
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    host: "localhost",
    port,
    lines,
    refused,
    connections: () => state.connections,
    open: () => sockets.size,
    pause: () => void (state.paused = true),
    async misbehave(fault) {
      if (state.fault === "refused") await listen(port);
      state.fault = fault;
      sockets.forEach(breakOff);
      if (fault === "refused") await stop();
    },
    endConnections: () => sockets.forEach((socket) => socket.end()),
    async close() {
      if (server.listening) await stop();
    },
  };
}

/** Starts one over UDP. */
export async function startUdpCollector(): Promise<FakeCollector> {
  const lines: KeptLine[] = [];
  const refused: string[] = [];
  const socket = createSocket("udp4");
  socket.on("message", (bytes) => {
    try {
      lines.push(readLine(bytes));
    } catch (error) {
      refused.push(String(error));
    }
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    host: "localhost",
    port: socket.address().port,
    lines,
    refused,
    connections: () => 0,
    open: () => 0,
    pause: () => {},
    misbehave: async () => {},
    endConnections: () => {},
    close: async () => void socket.close(),
  };
}

/** For the guide: where its page says `host: syslog.example.org`, messages go here, without TLS. */
export async function startForDocs() {
  const collector = await startCollector();
  const here = `host: localhost\n    port: ${collector.port}\n    transport: tcp`;
  return {
    url: `tcp://localhost:${collector.port}`,
    replace: { "host: syslog.example.org": here },
    env: {},
    close: () => collector.close(),
  };
}
