import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { startElasticsearch } from "../../../test/peers/elasticsearch.ts";
import { openCluster } from "./cluster.ts";
import { clusterSettings, openClusterHttp } from "./settings.ts";
import { closeAll, failureOf, keep } from "./testing/cluster.ts";

afterEach(closeAll);

const url = "https://es.lab:9200";

describe("the settings of a cluster", () => {
  it("need a URL and nothing else", () => {
    expect(clusterSettings.parse({ url })).toEqual({ url, verify: true, timeout: 30_000 });
  });

  it.each([
    [{ url: "es.lab:9200" }, "url"],
    [{ url: "https://me:pw@es.lab" }, "url"],
    [{ url: "https://es.lab?x=1" }, "url"],
    [{ url, username: "me" }, "username"],
    [{ url, password: "pw" }, "username"],
    [{ url, username: "me:you", password: "pw" }, "username"],
    [{ url, api_key: "a b" }, "api_key"],
    [{ url, api_key: "key\n" }, "api_key"],
    [{ url, bearer: "t", api_key: "k" }, "url"],
    [{ url, bearer: "t", username: "me", password: "pw" }, "url"],
    [{ url, proxy: "proxy:3128" }, "proxy"],
    [{ url, timeout: "soon" }, "timeout"],
  ])("are wrong as %j, at %s", (input, path) => {
    const { error } = clusterSettings.safeParse(input);
    expect(error?.issues.map((issue) => issue.path)).toEqual([[path]]);
  });

  it("do not print their secrets", () => {
    const parsed = clusterSettings.parse({ url, username: "me", password: "s3cret" });
    expect(JSON.stringify(parsed)).not.toMatch(/s3cret/);
  });
});

describe("the client of a cluster", () => {
  const folder = new URL("../../../test/peers/tls/", import.meta.url);
  const resolvePath = (path: string) => fileURLToPath(new URL(path, folder));
  const options = { name: "lab", egress: { allow: [], deny: [] }, resolvePath };

  it.each([{ ca: "localhost.crt" }, { verify: false }])("trusts %j", async (tls) => {
    const fake = keep(await startElasticsearch({ tls: { name: "localhost" } }));
    const settings = clusterSettings.parse({ url: fake.url, ...tls });
    const http = keep(await openClusterHttp(settings, options));
    expect(await openCluster(settings, { name: "lab", http }).info()).toMatchObject({
      flavour: "elasticsearch",
    });
  });

  it("says which file of certificates cannot be read", async () => {
    const settings = clusterSettings.parse({ url, ca: "missing.pem" });
    const error = await failureOf(openClusterHttp(settings, options));
    expect(error).toMatchObject({ code: "CONFIG_INVALID", component: "cluster lab" });
    expect(error.message).toMatch(/^ca: .*missing\.pem/);
  });
});
