import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { readPem, type PeerTls } from "../../test/peers/peer.ts";
import { openSockets, type SocketOptions } from "./socket-client.ts";

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0).toReversed()) close();
});

function sockets(options: Partial<SocketOptions> = {}) {
  const egress = { allow: [], deny: [] };
  return openSockets({ component: "destination relay", egress, timeout: 5000, ...options });
}

/** A server that says back what it hears; with a name of a certificate, over TLS. */
async function echo(name?: PeerTls["name"]) {
  const taken: Socket[] = [];
  const answer = (socket: Socket) => {
    taken.push(socket.on("error", () => {}));
    socket.pipe(socket);
  };
  const server = name
    ? createTlsServer({ cert: readPem(`${name}.crt`), key: readPem(`${name}.key`) }, answer)
    : createServer(answer);
  return { ...(await listen(server)), taken };
}

async function listen(server: Server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket));
  open.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { host: "localhost", port: (server.address() as AddressInfo).port };
}

async function heardOn(socket: Socket): Promise<string> {
  open.push(() => socket.destroy());
  socket.write("hello");
  const [chunk] = (await once(socket, "data")) as [Buffer];
  return chunk.toString();
}

const failing = (reason: string) =>
  expect.objectContaining({
    code: "REQUEST_FAILED",
    component: "destination relay",
    data: { reason },
  }) as Error;
const refused = expect.objectContaining({ code: "EGRESS_REFUSED" }) as Error;

describe("a TCP connection", () => {
  it.each(["localhost", "127.0.0.1"])("reaches %s", async (host) => {
    const { port } = await echo();
    expect(await heardOn(await sockets().tcp({ host, port }))).toBe("hello");
  });

  it("is not made where the egress guard refuses the name or the address behind it", async () => {
    const { port, taken } = await echo();
    const denying = (rule: string) => sockets({ egress: { allow: [], deny: [rule] } });
    const peer = { host: "localhost", port };
    await expect(denying("localhost").tcp(peer)).rejects.toThrow(refused);
    const loopback = sockets({ egress: { allow: [], deny: ["127.0.0.0/8", "::1"] } });
    await expect(loopback.tcp(peer)).rejects.toThrow(refused);
    await expect(loopback.tls(peer)).rejects.toThrow(refused);
    await expect(loopback.udp(peer, Buffer.from("x"))).rejects.toThrow(refused);
    await expect(denying("127.0.0.1").tcp({ host: "127.0.0.1", port })).rejects.toThrow(refused);
    await expect(
      denying("127.0.0.1").udp({ host: "127.0.0.1", port }, Buffer.from("x")),
    ).rejects.toThrow(refused);
    expect(taken).toEqual([]);
  });

  it("says that nobody listens, and where", async () => {
    const { port } = await echo();
    open.splice(0).forEach((close) => close());
    const failure = sockets().tcp({ host: "127.0.0.1", port });
    await expect(failure).rejects.toThrow(failing("refused"));
    await expect(failure).rejects.toThrow(`tcp://127.0.0.1:${port}`);
    await expect(sockets().tcp({ host: "::1", port })).rejects.toThrow(`tcp://[::1]:${port}`);
  });

  it.each([
    ["that nobody has", "nowhere.invalid", "dns"],
    ["longer than a name may be", `${"a.".repeat(150)}invalid`, "io_error"],
  ])("fails for a name %s", async (_which, host, reason) => {
    const peer = { host, port: 1 };
    await expect(sockets().tcp(peer)).rejects.toThrow(failing(reason));
    await expect(sockets().udp(peer, Buffer.from("x"))).rejects.toThrow(failing(reason));
  });

  it("is given up when its caller does", async () => {
    const peer = await echo();
    await expect(sockets().tcp(peer, AbortSignal.abort())).rejects.toThrow(failing("reset"));
    await expect(sockets().tcp(peer, AbortSignal.abort())).rejects.toThrow("cancelled");
  });

  it("does not end the program when it breaks while nobody listens", async () => {
    const peer = await echo();
    const socket = await sockets().tcp(peer);
    await expect.poll(() => peer.taken.length).toBe(1);
    peer.taken[0]?.resetAndDestroy();
    await new Promise((resolve) => socket.once("close", resolve));
    expect(socket.errored).toMatchObject({ code: "ECONNRESET" });
  });
});

describe("a TLS connection", () => {
  it.each(["localhost", "127.0.0.1"])(
    "reaches %s when the given issuer vouches for its certificate",
    async (host) => {
      const { port } = await echo("localhost");
      const client = sockets({ tls: { ca: readPem("localhost.crt") } });
      expect(await heardOn(await client.tls({ host, port }))).toBe("hello");
    },
  );

  it.each([
    ["nobody vouches for", "localhost", undefined],
    ["has another name", "other-name", "other-name.crt"],
    ["has expired", "expired", "expired.crt"],
  ] as const)("is not made with a certificate that %s", async (_why, name, file) => {
    const peer = await echo(name);
    const client = sockets({ tls: { ca: file === undefined ? undefined : readPem(file) } });
    await expect(client.tls(peer)).rejects.toThrow(failing("tls"));
    expect(client.tlsOptions).toMatchObject({ rejectUnauthorized: true });
    expect(peer.taken.every(({ destroyed }) => destroyed)).toBe(true);
  });

  it("tells the server the name that it was reached by, and never an address", async () => {
    const { taken, host, port } = await echo("localhost");
    const client = sockets({ tls: { ca: readPem("localhost.crt") } });
    for (const to of [host, "127.0.0.1"]) await heardOn(await client.tls({ host: to, port }));
    expect(taken.map((socket) => (socket as TLSSocket).servername)).toEqual(["localhost", false]);
  });

  it("takes any certificate when told not to verify", async () => {
    const peer = await echo("expired");
    const client = sockets({ tls: { verify: false } });
    expect(await heardOn(await client.tls(peer))).toBe("hello");
  });

  it("has a time limit for the handshake", async () => {
    const mute = await listen(createServer());
    await expect(sockets({ timeout: 100 }).tls(mute)).rejects.toThrow(failing("timeout"));
  });
});

describe("a datagram", () => {
  it.each(["localhost", "127.0.0.1"])("reaches %s", async (host) => {
    const receiver = createSocket("udp4");
    open.push(() => receiver.close());
    receiver.bind(0, "127.0.0.1");
    await once(receiver, "listening");
    const heard = once(receiver, "message") as Promise<[Buffer]>;
    await sockets().udp({ host, port: receiver.address().port }, Buffer.from("hello"));
    expect((await heard)[0].toString()).toBe("hello");
  });

  it("that is longer than any can be is a failure", async () => {
    const peer = { host: "127.0.0.1", port: 9 };
    await expect(sockets().udp(peer, Buffer.alloc(70_000))).rejects.toThrow(failing("io_error"));
  });
});

it("explains the failure of a connection that was there", () => {
  const peer = { host: "mail.lab", port: 25 };
  const { explain } = sockets();
  const broken = Object.assign(new RangeError("read ECONNRESET"), { code: "ECONNRESET" });
  expect(explain(broken, peer)).toEqual(failing("reset"));
  expect(explain(broken, peer, "timeout")).toEqual(failing("timeout"));
});
