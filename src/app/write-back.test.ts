import { afterEach, expect, it } from "vitest";
import { startPeer } from "../../test/peers/peer.ts";
import { messageWith } from "../destinations/testing/messages.ts";
import { parseConfiguration } from "./configuration.ts";
import { registries } from "./registries.ts";
import { buildWriteBacks, writeBackTargets } from "./write-back.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

function configured(kibana: string) {
  const text = `
clusters:
  lab: { url: "${kibana}", kibana: "${kibana}", api_key: "\${env:KEY}" }
  prod: { url: "https://es.prod:9200" }
egress: { allow: [127.0.0.0/8, "::1/128"] }
sources:
  hook: { kind: elastic }
  alerts: { kind: elastic-alerts, cluster: lab, write_back: true }
  soc: { kind: elastic-alerts, cluster: lab, spaces: [soc], write_back: true }
  others: { kind: elastic-alerts, cluster: prod }
  stack: { kind: elastic-alerts, cluster: lab, from: [stack] }
  actions: { kind: elastic-actions, cluster: lab }
  elsewhere: { kind: elastic-actions, cluster: prod }
`;
  const read = parseConfiguration({ text, file: null, env: { KEY: "k" }, registries, cwd: "/" });
  if (!read.ok) throw new RangeError(read.problems.map(({ message }) => message).join("\n"));
  return read.configuration;
}

it("the sources that write back say so; others of their kind, or of other clusters, must not", () => {
  const targets = writeBackTargets(configured("https://kibana.lab"));
  expect([...targets]).toEqual([
    ["alerts", "lab"],
    ["soc", "lab"],
    ["others", null],
    ["stack", null],
    ["elsewhere", null],
  ]);
});

it("a cluster that is written back to has one outlet, which reaches its Kibana", async () => {
  const kibana = await startPeer(({ path }, response) => {
    const isStatus = path.endsWith("/signals/status");
    const hit = {
      _source: { "kibana.alert.uuid": "6f1c", "kibana.alert.workflow_status": "closed" },
    };
    const found = {
      hits: { total: { value: 1, relation: "eq" }, hits: [{ _id: "6f1c", ...hit }] },
    };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(isStatus ? { updated: 1 } : found));
  });
  closing.push(() => kibana.close());
  const built = await buildWriteBacks(configured(kibana.url));
  expect(built).toMatchObject([
    { name: "write-back:lab", concurrency: 4, rate: null, giveUpAfter: 3 * 86_400_000 },
  ]);
  const [{ destination }] = built as [(typeof built)[number]];
  closing.push(() => destination.close());
  const message = messageWith({ kind: "status" });
  message.alert.status = "closed";
  const { signal } = new AbortController();
  const verdict = await destination.send(destination.render(message), message, { signal });
  expect(verdict).toMatchObject({ kind: "delivered" });
  expect(kibana.received[0]).toMatchObject({
    path: "/s/soc/api/detection_engine/signals/status",
    headers: { authorization: "ApiKey k" },
  });
});

it("a cluster that does not say where its Kibana is cannot be written back to", async () => {
  const configuration = configured("https://kibana.lab");
  const { kibana: _, ...lab } = configuration.clusters.get("lab") ?? {};
  const clusters = new Map([["lab", lab]]) as unknown as typeof configuration.clusters;
  await expect(buildWriteBacks({ ...configuration, clusters })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    component: "cluster lab",
  });
});
