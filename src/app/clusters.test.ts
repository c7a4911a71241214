import { fileURLToPath } from "node:url";
import { afterEach, expect, it } from "vitest";
import { startElasticsearch } from "../../test/peers/elasticsearch.ts";
import { clusterSettings } from "../elastic/cluster/settings.ts";
import { closeAll, failureOf, keep } from "../elastic/cluster/testing/cluster.ts";
import { openConfiguredCluster } from "./clusters.ts";

afterEach(closeAll);

const directory = fileURLToPath(new URL("../../test/peers/tls/", import.meta.url));
const egress = { allow: [], deny: [] };

it("opens a cluster with the certificates beside the configuration", async () => {
  const fake = keep(await startElasticsearch({ tls: { name: "localhost" } }));
  const settings = clusterSettings.parse({ url: fake.url, ca: "localhost.crt" });
  const cluster = keep(await openConfiguredCluster("lab", settings, { egress, directory }));
  expect(cluster.name).toBe("lab");
  expect(await cluster.info()).toMatchObject({ version: "8.19.2" });
});

it("leads nowhere that the configuration forbids", async () => {
  const settings = clusterSettings.parse({ url: ["http://localhost:1", "http://127.0.0.1:1"] });
  const forbidding = { egress: { allow: [], deny: ["localhost", "127.0.0.1"] }, directory };
  const cluster = keep(await openConfiguredCluster("lab", settings, forbidding));
  expect((await failureOf(cluster.info())).code).toBe("EGRESS_REFUSED");
});

it("says which certificate cannot be read", async () => {
  const settings = clusterSettings.parse({ url: "https://localhost", ca: "missing.pem" });
  const error = await failureOf(openConfiguredCluster("lab", settings, { egress, directory }));
  expect(error).toMatchObject({ code: "CONFIG_INVALID", component: "cluster lab" });
});
