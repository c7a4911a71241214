/** What a cluster is asked for, and what is said of its refusals. */
import { afterEach, describe, expect, it } from "vitest";
import { startElasticsearch, type FakeOptions } from "../../../test/peers/elasticsearch.ts";
import { startPeer, type Responder } from "../../../test/peers/peer.ts";
import { TocsinError } from "../../errors.ts";
import { clusterOf, closeAll, failureOf, keep, type ClusterOptions } from "./testing/cluster.ts";

afterEach(closeAll);

const RANGE = { index: "alerts", since: 0, until: 1 };
const engine = async (options: FakeOptions = {}) => keep(await startElasticsearch(options));
const peer = async (respond: Responder) => keep(await startPeer(respond));

function says(status: number, body: unknown = "", headers: Record<string, string> = {}): Responder {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return (_received, response) => void response.writeHead(status, headers).end(text);
}

async function readFailure(options: ClusterOptions): Promise<TocsinError> {
  const read = async () => {
    for await (const page of clusterOf(options).readRange(RANGE)) expect(page).toBeUndefined();
  };
  return await failureOf(read());
}

/** All of an error that anybody could print. */
const textOf = (error: TocsinError) =>
  JSON.stringify([error.message, error.hint, error.data, String(error.cause)]);

describe("what answers", () => {
  it.each([
    ["elasticsearch", { version: "8.19.2", flavour: "elasticsearch" }],
    ["opensearch", { version: "2.19.6", flavour: "opensearch" }],
  ] as const)("is known of %s", async (kind, info) => {
    expect(await clusterOf(await engine({ kind })).info()).toEqual(info);
  });

  it.each([
    [{ version: "9.5.3", build_flavor: "default" }, "elasticsearch"],
    [{ version: "3.6.0" }, "opensearch"],
  ])("is asked of the node %j where GET / is not answered", async (node, flavour) => {
    const { url } = await peer((received, response, request) => {
      const isNode = received.path.startsWith("/_nodes/_local?");
      const answer = isNode ? says(200, { nodes: { n1: node } }) : says(405, { error: "no" });
      return answer(received, response, request);
    });
    expect(await clusterOf({ url }).info()).toEqual({ version: node.version, flavour });
  });

  it.each([
    [
      401,
      "CLUSTER_REFUSED",
      /credentials are missing or refused/,
      /api_key, or username and password, or bearer/,
    ],
    [403, "CLUSTER_REFUSED", /do not allow/, /the privilege monitor on the cluster/],
    [405, "CLUSTER_REFUSED", /does not answer this/, /not to Kibana/],
    [302, "CLUSTER_REFUSED", /leads elsewhere/, /where the cluster itself answers/],
    [503, "REQUEST_FAILED", /cannot answer now/, /try again later/],
    [200, "REQUEST_FAILED", /not that of Elasticsearch or OpenSearch/, /login page/],
  ])(
    "is not known when everything says %i; the error says what to do",
    async (status, code, message, hint) => {
      const { url } = await peer(says(status, "<html>no</html>"));
      const error = await failureOf(clusterOf({ url }).info());
      expect(error).toMatchObject({ code, component: "cluster lab" });
      expect(error.message).toMatch(message);
      expect(error.message).toContain(`HTTP ${status}`);
      expect(error.hint).toMatch(hint);
      expect(error.data).toMatchObject({ status });
    },
  );

  it("is asked below the path of the URL", async () => {
    const { url, received } = await peer(says(200, { version: { number: "8.1.0" } }));
    await clusterOf({ url: `${url}/es/` }).info();
    expect(received[0]?.path).toBe("/es/");
  });
});

describe("credentials", () => {
  const encoded = Buffer.from("key-id:key-s3cret").toString("base64");
  const basic = Buffer.from("reader:pässword-1").toString("base64");
  it.each([
    [{ api_key: "key-id:key-s3cret" }, `ApiKey ${encoded}`],
    [{ api_key: encoded }, `ApiKey ${encoded}`],
    [{ username: "reader", password: "pässword-1" }, `Basic ${basic}`],
    [{ bearer: "t0ken-abc" }, "Bearer t0ken-abc"],
    [{}, undefined],
  ])("of %j are sent as %s", async (settings, authorization) => {
    const { url, received } = await engine(authorization === undefined ? {} : { authorization });
    await clusterOf({ url, settings }).info();
    expect(received[0]?.headers.authorization).toBe(authorization);
  });

  it.each([
    [{ api_key: "key-id:key-s3cret" }, /s3cret|key-id|a2V5/],
    [{ username: "reader", password: "pässword-1" }, /pässword|cmVhZGVy/],
    [{ bearer: "t0ken-abc" }, /t0ken/],
  ])("of %j are in no error, though the peer repeats them", async (settings, secret) => {
    const echo: Responder = (received, response) => {
      const { authorization = "" } = received.headers;
      const [, sent = ""] = authorization.split(" ");
      const plain = Buffer.from(sent, "base64").toString();
      const reason = `${authorization} ${plain} ${Object.values(settings).join(" ")}`;
      response.writeHead(400).end(JSON.stringify({ error: { type: "no", reason } }));
    };
    const { url } = await peer(echo);
    for (const error of [
      await failureOf(clusterOf({ url, settings }).info()),
      await readFailure({ url, settings }),
    ]) {
      expect(error.message).toMatch(/<secret>/);
      expect(textOf(error)).not.toMatch(secret);
    }
  });

  it("that are wrong are said to be when a range is read", async () => {
    const { url } = await engine({ authorization: "ApiKey right" });
    const error = await readFailure({ url, settings: { api_key: "wrong-key" } });
    expect(error.message).toMatch(/^reading alerts: the credentials are missing or refused/);
    expect(textOf(error)).not.toMatch(/wrong-key/);
  });

  it("stay hidden where the peer's words are cut in the middle of them", async () => {
    const key = "k".repeat(40);
    const reason = `${"x".repeat(280)} ${key}`;
    const { url } = await peer(says(400, { error: { type: "t", reason } }));
    const error = await readFailure({ url, settings: { api_key: key } });
    expect(textOf(error)).not.toMatch(/kkk/);
    expect(error.message).toContain("x".repeat(280));
  });

  it("that may not read are told the privilege", async () => {
    const reason = "action [indices:data/read/search] is unauthorized for user [reader]";
    const { url } = await peer(says(403, { error: { type: "security_exception", reason } }));
    const error = await readFailure({ url });
    expect(error.message).toContain("unauthorized for user [reader]");
    expect(error.hint).toBe("give the user or the key the privilege read on alerts");
  });
});

describe("requests", () => {
  it("carry plain JSON and no content type without a body", async () => {
    const _source = { "@timestamp": "1970-01-01T00:00:00.000Z" };
    const documents = [{ _index: "alerts", _id: "1", _source }];
    const { url, received } = await engine({ documents });
    for await (const page of clusterOf({ url }).readRange(RANGE)) expect(page).toHaveLength(1);
    const types = received.map(({ path, headers }) => [
      path.split("?")[0],
      headers["content-type"],
    ]);
    expect(types).toEqual([
      ["/alerts/_pit", undefined],
      ["/_search", "application/json"],
      ["/_search", "application/json"],
      ["/_pit", "application/json"],
    ]);
  });

  it("end with their caller, and the point in time is closed all the same", async () => {
    const fake = await engine({
      documents: [{ _index: "alerts", _id: "1", _source: { "@timestamp": "1970-01-01" } }],
    });
    const caller = new AbortController();
    const read = async () => {
      const range = { ...RANGE, signal: caller.signal };
      for await (const page of clusterOf(fake).readRange(range)) {
        expect(page).toHaveLength(1);
        caller.abort();
      }
    };
    expect((await failureOf(read())).message).toMatch(/cancelled/);
    expect(fake.open.size).toBe(0);
  });

  it("that get no answer name the cluster", async () => {
    const fake = await engine();
    await fake.close();
    const error = await readFailure(fake);
    expect(error).toMatchObject({ component: "cluster lab", data: { reason: "refused" } });
  });

  it("to a cluster with an unknown certificate name the setting", async () => {
    const { url } = await engine({ tls: { name: "localhost" } });
    const error = await readFailure({ url });
    expect(error.data).toEqual({ reason: "tls" });
    expect(error.hint).toMatch(/certificate in ca and/);
  });
});
