import { createServer } from "node:http";
import { connect, createServer as createTcpServer, type AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import { FAULTS } from "../../test/peers/faults.ts";
import {
  readPem,
  startPeer,
  type Peer,
  type PeerTls,
  type Responder,
} from "../../test/peers/peer.ts";
import { TocsinError } from "../errors.ts";
import { createHttp, type HttpOptions } from "./client.ts";
import type { Http, HttpRequest } from "./http.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

function http(options: Partial<HttpOptions> = {}): Http {
  const egress = { allow: [], deny: [] };
  const client = createHttp({ component: "destination x", egress, connections: 2, ...options });
  open.push(client);
  return client;
}

async function peer(respond: Responder, tls?: PeerTls): Promise<Peer> {
  const started = await startPeer(respond, tls);
  open.push(started);
  return started;
}

const post = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: "POST",
  url,
  headers: { "content-type": "text/plain" },
  body: "hello",
  ...more,
});

async function failureOf(promise: Promise<unknown>): Promise<TocsinError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof TocsinError) return error;
  throw new Error(`expected a TocsinError, got ${String(error)}`);
}

const ok: Responder = (_received, response) => void response.writeHead(200).end("ok");

function* endless() {
  yield "a";
  for (;;) yield "é".repeat(1000);
}

describe("an exchange", () => {
  it("sends method, path, query, headers and body, and gives status, headers and body", async () => {
    const { url, received } = await peer((_received, response) => {
      response.writeHead(201, { "x-a": ["1", "2"] }).end("grüße");
    });
    const answer = await http().request(post(`${url}/a/b?c=d`, { headers: { "x-own": "yes" } }));
    expect(answer).toMatchObject({ status: 201, body: "grüße", headers: { "x-a": "1, 2" } });
    expect(received).toMatchObject([{ method: "POST", path: "/a/b?c=d", body: "hello" }]);
    expect(received[0]?.headers["x-own"]).toBe("yes");
  });

  it("answers a redirect as it is and does not follow it", async () => {
    const { url, received } = await peer(FAULTS.redirect);
    expect(await http().request(post(`${url}/loop`))).toMatchObject({ status: 307 });
    expect(received).toHaveLength(1);
  });

  it("keeps 64 KiB of a body without end, drops the connection and stays usable", async () => {
    const dropped: Promise<void>[] = [];
    const { url } = await peer((_received, response) => {
      dropped.push(new Promise((resolve) => response.on("close", () => resolve())));
      response.writeHead(200);
      Readable.from(endless()).pipe(response);
    });
    const client = http({ connections: 1, timeout: 5_000 });
    for (const round of [1, 2]) {
      const { body } = await client.request(post(`${url}/${round}`));
      // 64 KiB would end inside an é; the half is left out.
      expect(Buffer.byteLength(body)).toBe(64 * 1024 - 1);
      expect(body.endsWith("é")).toBe(true);
    }
    expect(dropped).toHaveLength(2);
    await Promise.all(dropped);
  });

  it("keeps a body of exactly 64 KiB whole", async () => {
    const { url } = await peer((_received, response) => void response.end("x".repeat(65_536)));
    const answer = await http().request(post(url));
    expect(answer.body).toHaveLength(65_536);
    expect(answer.cut).toBeUndefined();
  });

  it("keeps longer bodies where it is made for them, and says when one was cut", async () => {
    const { url } = await peer((received, response) => {
      response.end("x".repeat(received.path === "/long" ? 100_001 : 100_000));
    });
    const client = http({ longestAnswer: 100_000 });
    const whole = await client.request(post(`${url}/whole`));
    expect([whole.body.length, whole.cut]).toEqual([100_000, undefined]);
    const long = await client.request(post(`${url}/long`));
    expect([long.body.length, long.cut]).toEqual([100_000, true]);
  });

  it("reuses connections within its bound", async () => {
    const ports = new Set<number | undefined>();
    const { url } = await peer((received, response, request) => {
      ports.add(request.socket.remotePort);
      return ok(received, response, request);
    });
    const client = http({ connections: 2 });
    await Promise.all(Array.from({ length: 20 }, () => client.request(post(url))));
    expect(ports.size).toBe(2);
  });
});

describe("a request that gets no answer", () => {
  const quick = { timeout: 150 };
  const refused = async () => {
    const gone = await startPeer(ok);
    await gone.close();
    return gone.url;
  };

  it("is refused where nobody listens, and names the peer without its secrets", async () => {
    const url = (await refused()).replace("//", "//user:pass@");
    const error = await failureOf(http().request(post(`${url}/services/T0AB/xYz12?sig=s3cret`)));
    expect(error).toMatchObject({ code: "REQUEST_FAILED", data: { reason: "refused" } });
    expect(error.message).toMatch(
      /^POST http:\/\/localhost:\d+\/services\/…\/…\?…: the connection was/,
    );
    expect(error.message).toMatch(/ECONNREFUSED/);
    expect(error.hint).toBeTruthy();
  });

  it.each([
    ["reset_after_storing", "reset"],
    ["reset_after_headers", "reset"],
    ["slow", "timeout"],
    ["slow_body", "timeout"],
    ["not_http", "unexpected_answer"],
  ] as const)("at a peer that does %s says %s", async (fault, reason) => {
    const { url } = await peer(FAULTS[fault]);
    const error = await failureOf(http(quick).request(post(url)));
    expect(error).toMatchObject({ code: "REQUEST_FAILED", data: { reason } });
  });

  it("gives up at the deadline though bytes keep trickling in", async () => {
    const { url } = await peer((_received, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write("."), 20);
      response.on("close", () => clearInterval(drip));
    });
    const error = await failureOf(http(quick).request(post(url)));
    expect(error.data).toEqual({ reason: "timeout" });
  });

  it("cannot resolve a name that does not exist", async () => {
    const lookup = ((host: string, _options: unknown, callback: (error: Error) => void) =>
      callback(
        Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: "ENOTFOUND" }),
      )) as unknown as NonNullable<HttpOptions["lookup"]>;
    const error = await failureOf(http({ lookup }).request(post("http://nowhere.test/")));
    expect(error.data).toEqual({ reason: "dns" });
  });

  it("ends when its caller gives up", async () => {
    const { url } = await peer(FAULTS.slow);
    const caller = new AbortController();
    const pending = failureOf(http().request(post(url, { signal: caller.signal })));
    caller.abort();
    const error = await pending;
    expect(error.data).toEqual({ reason: "reset" });
    expect(error.message).toMatch(/cancelled/);
  });

  it("shares its caller's signal with many others without a warning", async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error) => void warnings.push(warning);
    process.on("warning", warn);
    const { url } = await peer(ok);
    const client = http({ connections: 20 });
    const { signal } = new AbortController();
    await Promise.all(Array.from({ length: 20 }, () => client.request(post(url, { signal }))));
    process.off("warning", warn);
    expect(warnings).toEqual([]);
  });

  it("is not sent when its caller has given up before", async () => {
    const { url, received } = await peer(ok);
    await failureOf(http().request(post(url, { signal: AbortSignal.abort() })));
    expect(received).toEqual([]);
  });

  it("says without its value which header cannot be sent", async () => {
    const request = post("http://localhost/", { headers: { authorization: "Bearer s3cret\n" } });
    const error = await failureOf(http().request(request));
    expect(error.code).toBe("REQUEST_INVALID");
    expect(`${error.message} ${String(error.cause)}`).not.toMatch(/s3cret/);
  });

  it("refuses a URL that is not http", async () => {
    const error = await failureOf(http().request(post("file:///etc/passwd")));
    expect(error.code).toBe("REQUEST_INVALID");
  });
});

describe("TLS", () => {
  const ca = readPem("localhost.crt");

  it("trusts the given issuer and nobody else", async () => {
    const { url } = await peer(ok, { name: "localhost" });
    expect(await http({ tls: { ca } }).request(post(url))).toMatchObject({ body: "ok" });
    const error = await failureOf(http().request(post(url)));
    expect(error).toMatchObject({ code: "REQUEST_FAILED", data: { reason: "tls" } });
    expect(error.hint).toMatch(/tls\.ca/);
  });

  it("refuses a certificate for another name", async () => {
    const { url } = await peer(ok, { name: "other-name" });
    const error = await failureOf(
      http({ tls: { ca: readPem("other-name.crt") } }).request(post(url)),
    );
    expect(error.data).toEqual({ reason: "tls" });
    expect(error.message).toMatch(/other\.test/);
  });

  it("accepts any certificate only with verify: false", async () => {
    const { url } = await peer(ok, { name: "other-name" });
    expect(await http({ tls: { verify: false } }).request(post(url))).toMatchObject({ body: "ok" });
  });

  it("presents its client certificate to a peer that demands one", async () => {
    const { url } = await peer(ok, { name: "localhost", client: true });
    const own = { ca, cert: readPem("client.crt"), key: readPem("client.key") };
    expect(await http({ tls: own }).request(post(url))).toMatchObject({ body: "ok" });
    const error = await failureOf(http({ tls: { ca } }).request(post(url)));
    expect(["tls", "reset"]).toContain(error.data?.["reason"]);
  });

  it("accepts a certificate by its fingerprint, whoever issued it, and no other", async () => {
    const { X509Certificate } = await import("node:crypto");
    const fingerprint = new X509Certificate(readPem("other-name.crt")).fingerprint256;
    const right = await peer(ok, { name: "other-name" });
    const wrong = await peer(ok, { name: "localhost" });
    const pinned = http({ tls: { fingerprint } });
    expect(await pinned.request(post(right.url))).toMatchObject({ body: "ok" });
    const error = await failureOf(pinned.request(post(wrong.url)));
    expect(error.data).toEqual({ reason: "tls" });
    expect(wrong.received).toEqual([]);
  });

  it("says so when plain HTTP answers where TLS was asked for", async () => {
    const { url } = await peer(ok);
    const error = await failureOf(http().request(post(url.replace("http:", "https:"))));
    expect(error.data).toEqual({ reason: "tls" });
  });
});

describe("a proxy", () => {
  async function startProxy(status = 200) {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      response.end("from the proxy");
    });
    server.on("connect", (request, client) => {
      seen.push(`CONNECT ${request.url}`);
      client.on("error", () => {});
      if (status !== 200) return void client.end(`HTTP/1.1 ${status} no\r\n\r\n`);
      const far = connect(Number(request.url?.split(":")[1]), "127.0.0.1", () => {
        client.write("HTTP/1.1 200 ok\r\n\r\n");
        far.pipe(client).pipe(far);
      });
      far.on("error", () => {});
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    open.push({
      close: async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    });
    return { url: `http://localhost:${(server.address() as AddressInfo).port}`, seen };
  }

  it("tunnels https and verifies the peer behind it", async () => {
    const proxy = await startProxy();
    const { url, port } = await peer(ok, { name: "localhost" });
    const tls = { ca: readPem("localhost.crt") };
    expect(await http({ proxy: proxy.url, tls }).request(post(url))).toMatchObject({ body: "ok" });
    expect(proxy.seen).toEqual([`CONNECT localhost:${port}`]);
    const error = await failureOf(http({ proxy: proxy.url }).request(post(url)));
    expect(error.data).toEqual({ reason: "tls" });
  });

  it("gets plain http as it is", async () => {
    const proxy = await startProxy();
    const answer = await http({ proxy: proxy.url }).request(post("http://peer.test/x"));
    expect(answer.body).toBe("from the proxy");
    expect(proxy.seen).toEqual(["POST http://peer.test/x"]);
  });

  it("that refuses the tunnel is a refused connection", async () => {
    const proxy = await startProxy(403);
    const error = await failureOf(http({ proxy: proxy.url }).request(post("https://peer.test/")));
    expect(error.data).toEqual({ reason: "refused" });
    expect(error.message).toMatch(/403/);
  });

  it("is not asked for metadata addresses", async () => {
    const proxy = await startProxy();
    const url = "http://169.254.169.254/latest/meta-data/";
    const error = await failureOf(http({ proxy: proxy.url }).request(post(url)));
    expect(error.code).toBe("EGRESS_REFUSED");
    expect(proxy.seen).toEqual([]);
  });

  it("is itself subject to the guard", async () => {
    const client = http({ proxy: "http://169.254.10.10:3128" });
    const error = await failureOf(client.request(post("https://peer.test/")));
    expect(error.code).toBe("EGRESS_REFUSED");
  });

  it("cannot be combined with a fingerprint", () => {
    expect(() => http({ proxy: "http://p:1", tls: { fingerprint: "ab" } })).toThrow(/fingerprint/);
  });
});

it("closes idle connections so that the process can end", async () => {
  const gone: Promise<void>[] = [];
  const server = createTcpServer((socket) => {
    gone.push(new Promise((resolve) => socket.on("close", () => resolve())));
    socket.on("data", () => socket.write("HTTP/1.1 200 ok\r\ncontent-length: 0\r\n\r\n"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = http();
  await client.request(post(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`));
  await client.close();
  open.pop();
  expect(gone).toHaveLength(1);
  await Promise.all(gone);
  await new Promise((resolve) => server.close(resolve));
});
