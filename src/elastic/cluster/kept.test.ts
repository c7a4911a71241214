import { afterEach, describe, expect, it } from "vitest";
import { startElasticsearch } from "../../../test/peers/elasticsearch.ts";
import { startPeer } from "../../../test/peers/peer.ts";
import { clusterOf, closeAll, failureOf, keep } from "./testing/cluster.ts";

afterEach(closeAll);

const TEMPLATE = { index_patterns: ["x-*"], template: { mappings: {} } };

describe("what a cluster keeps under a name", () => {
  it("is null before it is written, and then what was written", async () => {
    const engine = keep(await startElasticsearch());
    const lab = clusterOf({ url: engine.url });
    expect(await lab.readKept("index_template", "mine")).toBeNull();
    await lab.writeKept("index_template", "mine", TEMPLATE);
    expect(await lab.readKept("index_template", "mine")).toEqual({
      index_templates: [{ name: "mine", index_template: TEMPLATE }],
    });
  });

  it("is undefined where there is nothing of the kind", async () => {
    const engine = keep(await startElasticsearch({ kind: "opensearch" }));
    const lab = clusterOf({ url: engine.url });
    expect(await lab.readKept("lifecycle_policy", "mine")).toBeUndefined();
    expect(await lab.readKept("data_stream", "mine")).toBeNull();
  });

  it("takes privileges, which the refusal names", async () => {
    const engine = keep(await startElasticsearch());
    engine.lacking.add("manage_index_templates");
    const lab = clusterOf({ url: engine.url });
    const error = await failureOf(lab.writeKept("index_template", "mine", TEMPLATE));
    expect(error).toMatchObject({ code: "CLUSTER_REFUSED", data: { reason: "unauthorized" } });
    expect(error.hint).toContain("manage_index_templates");
  });

  it("is not there because a proxy says 200", async () => {
    const proxy = keep(await startPeer((_received, response) => void response.end("{}")));
    const lab = clusterOf({ url: proxy.url });
    const error = await failureOf(lab.writeKept("index_template", "mine", TEMPLATE));
    expect(error.data).toMatchObject({ reason: "unexpected_answer" });
  });
});

describe("a refusal that passes", () => {
  it.each([
    [403, "cluster_block_exception", "server_error"],
    [429, "es_rejected_execution_exception", "rate_limited"],
  ])("%i %s says to try again, and when", async (status, type, reason) => {
    const peer = keep(
      await startPeer((_received, response) => {
        response.writeHead(status, { "content-type": "application/json", "retry-after": "7" });
        response.end(JSON.stringify({ error: { type, reason: "because" }, status }));
      }),
    );
    const operation = { kind: "create", index: "a", id: "1", document: {} } as const;
    const error = await failureOf(clusterOf({ url: peer.url }).bulk([operation], { once: true }));
    expect(error).toMatchObject({
      code: "REQUEST_FAILED",
      data: { reason, status, retry_after: "7" },
    });
    expect(peer.received).toHaveLength(1);
  });
});
