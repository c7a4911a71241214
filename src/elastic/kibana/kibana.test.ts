import { afterEach, describe, expect, it } from "vitest";
import { FAULTS } from "../../../test/peers/faults.ts";
import { startKibana, type FakeKibanaOptions } from "../../../test/peers/kibana.ts";
import type { Responder } from "../../../test/peers/peer.ts";
import { createHttp } from "../../net/client.ts";
import { clusterSettings } from "../cluster/settings.ts";
import { closeAll, failureOf, keep } from "../cluster/testing/cluster.ts";
import { openKibana } from "./kibana.ts";

afterEach(closeAll);

const NOW = Date.UTC(2026, 4, 5, 10, 0, 0);
const STATUS = "kibana.alert.workflow_status";
const CHANGED_AT = "kibana.alert.workflow_status_updated_at";
const KEY = "VuaCfGcBCdbkQm-e5aOx";

interface Options extends FakeKibanaOptions {
  readonly settings?: Record<string, unknown>;
}

/** A fake Kibana with alerts a (open), b (closed an hour ago) in the default space, and its client. */
async function start({ settings, ...options }: Options = {}) {
  const fake = keep(await startKibana({ now: () => NOW, ...options }));
  fake
    .alerts("default")
    .push(
      { _id: "a", _source: { [STATUS]: "open", "host.name": "web-1" } },
      { _id: "b", _source: { [STATUS]: "closed", [CHANGED_AT]: "2026-05-05T09:00:00.000Z" } },
    );
  const egress = { allow: [], deny: [] };
  const http = keep(createHttp({ component: "cluster lab", egress, connections: 1, timeout: 300 }));
  const parsed = clusterSettings.parse({ url: "https://es.lab:9200", ...settings });
  const kibana = openKibana({ ...parsed, kibana: fake.kibanaUrl }, { name: "lab", http });
  return { fake, kibana };
}

const close = { space: "default", ids: ["a"], status: "closed" } as const;

describe("a status", () => {
  it("is set for alerts by their ids", async () => {
    const { fake, kibana } = await start();
    expect(await kibana.setStatus({ ...close, status: "acknowledged" })).toBe(1);
    expect(fake.changes).toEqual([{ signal_ids: ["a"], status: "acknowledged" }]);
    expect(fake.alerts("default")[0]?._source).toMatchObject({
      [STATUS]: "acknowledged",
      [CHANGED_AT]: "2026-05-05T10:00:00.000Z",
    });
  });

  it("is not set for alerts that are not there, in a space that may not be there either", async () => {
    const { fake, kibana } = await start();
    expect(await kibana.setStatus({ ...close, ids: ["x"] })).toBe(0);
    expect(await kibana.setStatus({ ...close, space: "gone" })).toBe(0);
    expect(fake.alerts("default")[0]?._source[STATUS]).toBe("open");
  });

  it("is set in a space of any name, behind any base path", async () => {
    const { fake, kibana } = await start({ basePath: "/kibana" });
    const space = "soc/../x y";
    fake.alerts(space).push({ _id: "a", _source: { [STATUS]: "open" } });
    expect(await kibana.setStatus({ ...close, space })).toBe(1);
    expect(fake.received[0]?.path).toMatch(/^\/kibana\/s\/soc%2F..%2Fx%20y\/api\//);
    expect(fake.alerts("default")[0]?._source[STATUS]).toBe("open");
  });

  it.each([
    [Date.UTC(2026, 4, 5, 8, 59, 59, 999), 1],
    [Date.UTC(2026, 4, 5, 9), 2],
  ])("leaves alone what was changed after %d", async (unlessChangedAfter, updated) => {
    const { fake, kibana } = await start();
    const request = { ...close, ids: ["a", "b"], status: "acknowledged", unlessChangedAfter };
    expect(await kibana.setStatus({ ...request, status: "acknowledged" })).toBe(updated);
    const statuses = fake.alerts("default").map(({ _source }) => _source[STATUS]);
    expect(statuses).toEqual(["acknowledged", updated === 2 ? "acknowledged" : "closed"]);
  });

  it("passes over an alert that something else writes, where it may", async () => {
    const { fake, kibana } = await start();
    fake.contested.add("a");
    const request = { ...close, ids: ["a", "b"], status: "open" } as const;
    expect(await kibana.setStatus({ ...request, unlessChangedAfter: NOW })).toBe(1);
    const error = await failureOf(kibana.setStatus(request));
    expect(error).toMatchObject({ code: "REQUEST_FAILED", data: { status: 409 } });
  });
});

describe("reading a status", () => {
  it("finds the alerts that are there, with the time of their last change", async () => {
    const { kibana } = await start();
    expect(await kibana.readStatus("default", ["b", "x", "a"])).toEqual([
      { id: "a", status: "open", changedAt: null },
      { id: "b", status: "closed", changedAt: Date.UTC(2026, 4, 5, 9) },
    ]);
  });

  it("asks for no other field, and for as many alerts as there are ids", async () => {
    const { fake, kibana } = await start();
    const ids = Array.from({ length: 30 }, (_, index) => `id-${index}`);
    for (const _id of ids) fake.alerts("default").push({ _id, _source: { [STATUS]: "open" } });
    expect(await kibana.readStatus("default", ids)).toHaveLength(30);
    const body = JSON.parse(fake.received[0]?.body ?? "") as Record<string, unknown>;
    expect(body["_source"]).toEqual([STATUS, CHANGED_AT, "signal.status"]);
  });

  it.each([
    ["nested", { kibana: { alert: { workflow_status: "closed" } } }, "closed"],
    ["as before version 8", { signal: { status: "in-progress" } }, "acknowledged"],
    ["in words of its own", { [STATUS]: "escalated" }, null],
    ["not at all", {}, null],
  ])("reads one that is written %s", async (_how, _source, status) => {
    const { fake, kibana } = await start();
    fake.alerts("default").push({ _id: "c", _source });
    expect(await kibana.readStatus("default", ["c"])).toEqual([
      { id: "c", status, changedAt: null },
    ]);
  });
});

describe("tags", () => {
  const tags = { space: "default", ids: ["a"] };

  it("are added and removed", async () => {
    const { fake, kibana } = await start();
    await kibana.setTags({ ...tags, add: ["x", "y"], remove: [] });
    await kibana.setTags({ ...tags, add: ["z"], remove: ["x"] });
    expect(fake.alerts("default")[0]?._source["kibana.alert.workflow_tags"]).toEqual(["y", "z"]);
  });

  it("cannot be added and removed at once", async () => {
    const { kibana } = await start();
    const error = await failureOf(kibana.setTags({ ...tags, add: ["x"], remove: ["x"] }));
    expect(error).toMatchObject({ code: "CLUSTER_REFUSED", data: { status: 400 } });
    expect(error.message).toContain("HTTP 400: Duplicate tags were found");
  });
});

describe("a case", () => {
  const aCase = { title: "Brute force", description: "Many", tags: ["ssh"], severity: "high" };
  const request = { ...aCase, space: "soc", severity: "high" } as const;

  it("is opened for Elastic Security and commented", async () => {
    const { fake, kibana } = await start();
    const id = await kibana.createCase(request);
    await kibana.commentCase({ space: "soc", id, text: "seen" });
    expect(fake.cases).toMatchObject([{ id, space: "soc", fields: aCase, comments: ["seen"] }]);
  });

  it("is cut to what Kibana takes, no character halved", async () => {
    const { fake, kibana } = await start();
    const title = `${"x".repeat(158)}😀😀`;
    const tags = ["", " ", "y".repeat(300), ...Array.from({ length: 300 }, (_, n) => `t${n}`)];
    const description = "z".repeat(40_000);
    const id = await kibana.createCase({ ...request, title, tags, description });
    await kibana.commentCase({ space: "soc", id, text: description });
    const [first] = fake.cases;
    expect(first?.fields["title"]).toBe(`${"x".repeat(158)}…`);
    expect(first?.fields["tags"]).toHaveLength(200);
    expect(first?.fields["tags"]).toContain(`${"y".repeat(255)}…`);
    expect(first?.comments[0]).toHaveLength(30_000);
  });

  it("that is not there cannot be commented", async () => {
    const { kibana } = await start();
    const error = await failureOf(kibana.commentCase({ space: "soc", id: "x/y", text: "seen" }));
    expect(error).toMatchObject({ code: "NOT_FOUND", component: "cluster lab" });
    expect(error.message).toContain("Saved object [cases/x/y] not found");
  });
});

describe("credentials", () => {
  const password = "s3cret-word";
  it.each([
    [{ api_key: KEY }, `ApiKey ${KEY}`],
    [{ username: "me", password }, `Basic ${Buffer.from(`me:${password}`).toString("base64")}`],
    [{ bearer: "t0ken-of-mine" }, "Bearer t0ken-of-mine"],
  ])("%j are those of the cluster", async (settings, authorization) => {
    const { kibana } = await start({ settings, authorization });
    expect(await kibana.setStatus(close)).toBe(1);
  });

  it("that are wrong are refused, and not repeated where Kibana repeats them", async () => {
    const { kibana } = await start({ settings: { api_key: KEY }, authorization: "ApiKey other" });
    const error = await failureOf(kibana.setStatus(close));
    expect(error).toMatchObject({
      code: "CLUSTER_REFUSED",
      component: "cluster lab",
      data: { reason: "unauthorized", status: 401 },
      message:
        "setting the status of alerts: the credentials are missing or refused " +
        "(HTTP 401: unable to authenticate [ApiKey <secret>])",
    });
  });

  it("are hidden before a long text is cut, so that no half of them stays", async () => {
    const { fake, kibana } = await start({ settings: { api_key: KEY } });
    fake.misbehave(says(500, JSON.stringify({ message: `${"x".repeat(290)} ${KEY}` })));
    const error = await failureOf(kibana.setStatus(close));
    expect(error.message).not.toContain(KEY.slice(0, 6));
  });
});

function says(status: number, body: string, headers: Record<string, string> = {}): Responder {
  return (_received, response) => void response.writeHead(status, headers).end(body);
}

describe("an answer", () => {
  it.each([
    [302, "", "CLUSTER_REFUSED", "redirect", "leads elsewhere"],
    [
      400,
      '{"statusCode":400,"error":"Bad Request","message":"no"}',
      "CLUSTER_REFUSED",
      "rejected_by_peer",
      "HTTP 400: no)",
    ],
    [
      400,
      '{"message":["a","b"],"status_code":400}',
      "CLUSTER_REFUSED",
      "rejected_by_peer",
      "HTTP 400: a; b)",
    ],
    [
      403,
      '{"message":"API is unauthorized for user"}',
      "CLUSTER_REFUSED",
      "unauthorized",
      "do not allow",
    ],
    [
      404,
      '{"statusCode":404,"error":"Not Found"}',
      "NOT_FOUND",
      "not_found",
      "HTTP 404: Not Found)",
    ],
    [429, "", "REQUEST_FAILED", "rate_limited", "asked later"],
    [
      500,
      '{"message":"a\\u001b[31m\\n\\tb"}',
      "REQUEST_FAILED",
      "server_error",
      "HTTP 500: a [31m b)",
    ],
    [
      503,
      "Kibana server is not ready yet",
      "REQUEST_FAILED",
      "server_error",
      "HTTP 503: Kibana server is not ready yet)",
    ],
    [200, "<html>Log in</html>", "REQUEST_FAILED", "unexpected_answer", "(HTTP 200)"],
    [200, "[]", "REQUEST_FAILED", "unexpected_answer", "not that of Kibana"],
    [200, '{"took":1}', "REQUEST_FAILED", "unexpected_answer", "not that of Kibana"],
  ])("of %d %s is %s: %s", async (status, body, code, reason, words) => {
    const { fake, kibana } = await start();
    fake.misbehave(says(status, body));
    for (const failed of [kibana.setStatus(close), kibana.readStatus("default", ["a"])]) {
      const error = await failureOf(failed);
      expect(error).toMatchObject({ code, data: { reason, status } });
      expect(error.message).toContain(words);
    }
  });

  it("that is a page of a proxy is not quoted", async () => {
    const { fake, kibana } = await start();
    fake.misbehave(FAULTS.html_page);
    const error = await failureOf(kibana.setStatus(close));
    expect(error.message).toMatch(/Kibana cannot answer now \(HTTP 502\)$/);
  });

  it("that asks for a pause tells for how long", async () => {
    const { fake, kibana } = await start();
    fake.misbehave(FAULTS.rate_limited_seconds);
    expect(await failureOf(kibana.setStatus(close))).toMatchObject({ data: { retry_after: "7" } });
  });

  it("that never comes is a failed request", async () => {
    const { fake, kibana } = await start();
    fake.misbehave(FAULTS.slow);
    const error = await failureOf(kibana.setStatus(close));
    expect(error).toMatchObject({ code: "REQUEST_FAILED", data: { reason: "timeout" } });
  });

  it("is not waited for by whoever gave up", async () => {
    const { fake, kibana } = await start();
    const error = await failureOf(kibana.setStatus(close, AbortSignal.abort()));
    expect(error).toMatchObject({ code: "REQUEST_FAILED", data: { reason: "reset" } });
    expect(fake.changes).toEqual([]);
  });

  it("of a Kibana whose certificate nobody vouches for names the setting to change", async () => {
    const { kibana } = await start({ tls: { name: "localhost" } });
    const error = await failureOf(kibana.setStatus(close));
    expect(error.hint).toBe(
      "name the issuer's certificate in ca and check that kibana has its host",
    );
  });
});
