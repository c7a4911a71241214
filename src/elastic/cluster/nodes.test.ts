/** Which node gets a request, and which gets it after one that failed. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { startPeer, type Peer, type Responder } from "../../../test/peers/peer.ts";
import { createHttp } from "../../net/client.ts";
import type { Http, HttpRequest } from "../../net/http.ts";
import { openCluster } from "./cluster.ts";
import { clusterSettings } from "./settings.ts";
import { clusterOf, closeAll, failureOf, keep } from "./testing/cluster.ts";

afterEach(() => void vi.useRealTimers());
afterEach(closeAll);

const ROOT = JSON.stringify({ version: { number: "8.19.2" } });
const STORED = JSON.stringify({ _index: "alerts", _id: "1" });

function says(status: number, body = ROOT, headers: Record<string, string> = {}): Responder {
  return (_received, response) => void response.writeHead(status, headers).end(body);
}

/** Breaks the connection after the request was read. */
const breaks: Responder = (_received, response) => void response.destroy();

const node = async (respond: Responder) => keep(await startPeer(respond));

async function deadNode(): Promise<Peer> {
  const peer = await startPeer(says(200));
  await peer.close();
  return peer;
}

const urlsOf = (nodes: readonly Peer[]) => nodes.map(({ url }) => url);
const countsOf = (nodes: readonly Peer[]) => nodes.map(({ received }) => received.length);
/** Whichever of them it is. */
const sortedCountsOf = (nodes: readonly Peer[]) => countsOf(nodes).toSorted((a, b) => a - b);

describe("the nodes of a cluster", () => {
  it("take turns", async () => {
    const nodes = [await node(says(200, STORED)), await node(says(200, STORED))];
    const cluster = clusterOf({ url: urlsOf(nodes) });
    for (const id of ["a", "b", "c", "d"])
      await cluster.index({ index: "alerts", id, document: {} });
    expect(countsOf(nodes)).toEqual([2, 2]);
  });

  it.each([
    ["cannot be reached", deadNode],
    ["breaks the connection", () => node(breaks)],
    ["is busy", () => node(says(429, "{}"))],
    ["has no master", () => node(says(503, "{}"))],
    ["is behind a proxy that does not reach it", () => node(says(502, "<html>"))],
  ])("stand in for one that %s, which is left out from then on", async (_what, start) => {
    const broken = await start();
    const nodes = [broken, await node(says(200, STORED)), await node(says(200, STORED))];
    const cluster = clusterOf({ url: urlsOf(nodes) });
    for (const id of ["a", "b", "c", "d", "e", "f"])
      expect(await cluster.index({ index: "alerts", id, document: {} })).toMatchObject({ id: "1" });
    expect(broken.received.length).toBeLessThanOrEqual(1);
    expect(nodes.slice(1).reduce((sum, { received }) => sum + received.length, 0)).toBe(6);
  });

  it("are each tried once, and one of them again, before there is an error", async () => {
    const nodes = [await node(breaks), await node(breaks), await node(breaks)];
    const error = await failureOf(clusterOf({ url: urlsOf(nodes) }).info());
    expect(error).toMatchObject({ code: "REQUEST_FAILED", data: { reason: "reset" } });
    expect(sortedCountsOf(nodes)).toEqual([1, 1, 2]);
  });

  it("that are all down are named by the last of them", async () => {
    const nodes = [await deadNode(), await deadNode()];
    const error = await failureOf(clusterOf({ url: urlsOf(nodes) }).info());
    expect(error).toMatchObject({ component: "cluster lab", data: { reason: "refused" } });
    expect(error.message).toMatch(/^GET http:\/\/localhost:\d+\/: the connection was refused/);
  });

  it.each([
    [429, /cannot answer now \(HTTP 429: circuit/],
    [503, /cannot answer now \(HTTP 503: circuit/],
  ])("are not asked again and again for a %i, whose words are told", async (status, message) => {
    const alone = await node(says(status, '{"error":{"type":"circuit","reason":"open"}}'));
    const error = await failureOf(clusterOf(alone).info());
    expect(error).toMatchObject({ code: "REQUEST_FAILED", data: { status } });
    expect(error.message).toMatch(message);
    expect(alone.received).toHaveLength(2);
  });

  it("serve again after a connection that broke", async () => {
    let requests = 0;
    const alone = await node((...args) => (++requests === 1 ? breaks : says(200))(...args));
    expect(await clusterOf(alone).info()).toMatchObject({ version: "8.19.2" });
  });

  it.each([400, 401, 403, 404, 500])("give no other answer than a %i", async (status) => {
    const nodes = [await node(says(status, "{}")), await node(says(status, "{}"))];
    await failureOf(
      clusterOf({ url: urlsOf(nodes) }).index({ index: "alerts", id: "1", document: {} }),
    );
    expect(sortedCountsOf(nodes)).toEqual([0, 1]);
  });

  it("are not asked in turn what took too long, and the slow one is left out", async () => {
    const slow = await node(() => undefined);
    const quick = await node(says(200, STORED));
    const cluster = clusterOf({ url: urlsOf([slow, quick]), timeout: 50 });
    const write = () => cluster.index({ index: "alerts", id: "1", document: {} });
    const error = await failureOf(write());
    expect(error.data).toEqual({ reason: "timeout" });
    expect(countsOf([slow, quick])).toEqual([1, 0]);
    await write();
    await write();
    expect(countsOf([slow, quick])).toEqual([1, 2]);
  });

  it("come back when they answer again, which is asked beside a request and not instead of it", async () => {
    let setBack = () => {};
    const isBack = new Promise<void>((resolve) => (setBack = resolve));
    let isDown = true;
    const first = await node((received, response, request) => {
      if (isDown) return breaks(received, response, request);
      if (received.method === "HEAD") response.once("close", setBack);
      return says(200, STORED, { connection: "close" })(received, response, request);
    });
    const second = await node(async ({ method }, response) => {
      if (method === "PUT") return void response.end(STORED);
      await isBack;
      response.destroy();
    });
    const cluster = clusterOf({ url: urlsOf([first, second]) });
    const write = () => cluster.index({ index: "alerts", id: "1", document: {} });
    await write();
    isDown = false;
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 });
    const error = await failureOf(cluster.index({ index: "alerts", document: {} }));
    expect(error.data).toEqual({ reason: "reset" });
    expect(first.received.map(({ method }) => method)).toEqual(["PUT", "HEAD"]);
    await write();
    await write();
    expect(first.received.map(({ method }) => method)).toEqual(["PUT", "HEAD", "PUT", "PUT"]);
  });

  it("answer below the paths of their URLs", async () => {
    const nodes = [await node(says(200, STORED)), await node(says(200, STORED))];
    const [first = "", second = ""] = urlsOf(nodes);
    const cluster = clusterOf({ url: [`${first}/a/`, `${second}/b`] });
    for (const id of ["1", "2"]) await cluster.index({ index: "alerts", id, document: {} });
    const paths = nodes.flatMap(({ received }) => received.map(({ path }) => path));
    expect(paths.toSorted()).toEqual(["/a/alerts/_doc/1", "/b/alerts/_doc/2"]);
  });
});

describe("a write that a repeat would double", () => {
  it.each([
    ["breaks the connection", breaks],
    ["cannot answer now", says(503, "{}")],
  ])("is sent once to a node that %s", async (_what, respond) => {
    const nodes = [await node(respond), await node(respond)];
    const cluster = clusterOf({ url: urlsOf(nodes) });
    const document = { rule: { name: "R" } };
    await failureOf(cluster.index({ index: "alerts", document }));
    expect(sortedCountsOf(nodes)).toEqual([0, 1]);
    await failureOf(
      cluster.bulk([
        { kind: "create", index: "alerts", id: "1", document },
        { kind: "index", index: "alerts", document },
      ]),
    );
    expect(countsOf(nodes)).toEqual([1, 1]);
  });

  it("is sent again when each document has an id", async () => {
    const items = JSON.stringify({ items: [{ create: { status: 201 } }] });
    const nodes = [await node(breaks), await node(says(200, items))];
    const verdicts = await clusterOf({ url: urlsOf(nodes) }).bulk([
      { kind: "create", index: "alerts", id: "1", document: {} },
    ]);
    expect(verdicts).toEqual([{ status: 201, error: null }]);
    expect(countsOf(nodes)).toEqual([1, 1]);
  });
});

describe("what is sent", () => {
  it("goes through the given client and says who asks", async () => {
    const { url } = await node(says(200));
    const sent: HttpRequest[] = [];
    const inner = keep(
      createHttp({ component: "x", egress: { allow: [], deny: [] }, connections: 1 }),
    );
    const http: Http = {
      ...inner,
      async request(request) {
        sent.push(request);
        return await inner.request(request);
      },
    };
    const settings = clusterSettings.parse({ url, bearer: "t0ken" });
    await openCluster(settings, { name: "lab", http }).info();
    expect(sent).toHaveLength(1);
    expect(sent[0]?.headers).toEqual({
      accept: "application/json",
      authorization: "Bearer t0ken",
      "user-agent": expect.stringMatching(/^tocsin\//),
    });
  });

  it("is refused where the egress guard refuses it", async () => {
    const error = await failureOf(clusterOf({ url: "http://169.254.169.254" }).info());
    expect(error).toMatchObject({ code: "EGRESS_REFUSED", component: "cluster lab" });
  });

  it("is nothing once its caller gave up", async () => {
    const { url, received } = await node(says(200));
    const error = await failureOf(clusterOf({ url }).info(AbortSignal.abort()));
    expect(error).toMatchObject({ code: "REQUEST_FAILED", component: "cluster lab" });
    expect(error.message).toMatch(/^GET \/: the request was cancelled/);
    expect(received).toEqual([]);
  });
});
