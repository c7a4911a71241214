import { X509Certificate } from "node:crypto";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { startElasticsearch } from "../../../test/peers/elasticsearch.ts";
import { readPem, type PeerTls } from "../../../test/peers/peer.ts";
import { openCluster } from "./cluster.ts";
import { clusterSettings, openClusterHttp } from "./settings.ts";
import { closeAll, failureOf, keep } from "./testing/cluster.ts";

afterEach(closeAll);

const url = "https://es.lab:9200";
const CLOUD_ID = `lab:${Buffer.from("eu.cloud.test$es-uuid$kb-uuid").toString("base64")}`;
const FINGERPRINT = Array.from({ length: 32 }, () => "a1").join(":");

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
    [{}, "url"],
    [{ url: [] }, "url"],
    [{ url, cloud_id: CLOUD_ID }, "cloud_id"],
    [{ cloud_id: "lab:not base64" }, "cloud_id"],
    [{ url, kibana: "kb.lab:5601" }, "kibana"],
    [{ url, cert: "client.crt" }, "cert"],
    [{ url, key: "client.key" }, "key"],
    [{ url, fingerprint: "AB:CD" }, "fingerprint"],
    [{ url, fingerprint: FINGERPRINT, ca: "ca.pem" }, "fingerprint"],
    [{ url, fingerprint: FINGERPRINT, verify: false }, "fingerprint"],
    [{ url, fingerprint: FINGERPRINT, proxy: "http://proxy.lab" }, "fingerprint"],
    [{ url: [url, "http://es2.lab"], fingerprint: FINGERPRINT }, "fingerprint"],
  ])("are wrong as %j, at %s", (input, path) => {
    const { error } = clusterSettings.safeParse(input);
    expect(error?.issues.map((issue) => issue.path)).toEqual([[path]]);
  });

  it("say which node of a list is no URL", () => {
    const { error } = clusterSettings.safeParse({ url: [url, "es2.lab:9200"] });
    expect(error?.issues.map((issue) => issue.path)).toEqual([["url", 1]]);
  });

  it.each([FINGERPRINT, FINGERPRINT.replaceAll(":", ""), FINGERPRINT.toUpperCase()])(
    "take the fingerprint %s",
    (fingerprint) => {
      expect(clusterSettings.parse({ url, fingerprint })).toMatchObject({ fingerprint });
    },
  );

  it("know the Kibana of a Cloud ID, unless another is named", () => {
    const ofCloud = clusterSettings.parse({ cloud_id: CLOUD_ID });
    expect(ofCloud.kibana).toBe("https://kb-uuid.eu.cloud.test");
    const kibana = "https://kb.lab/base";
    expect(clusterSettings.parse({ cloud_id: CLOUD_ID, kibana }).kibana).toBe(kibana);
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

  const fingerprintOf = (file: string) => new X509Certificate(readPem(file)).fingerprint256;

  async function infoOf(tls: object, server: PeerTls = { name: "localhost" }) {
    const fake = keep(await startElasticsearch({ tls: server }));
    const settings = clusterSettings.parse({ url: fake.url, ...tls });
    const http = keep(await openClusterHttp(settings, options));
    return await openCluster(settings, { name: "lab", http }).info();
  }

  it.each([
    { ca: "localhost.crt" },
    { verify: false },
    { fingerprint: fingerprintOf("localhost.crt") },
  ])("trusts %j", async (tls) => {
    expect(await infoOf(tls)).toMatchObject({ flavour: "elasticsearch" });
  });

  it("trusts a certificate of another name by its fingerprint", async () => {
    const fingerprint = fingerprintOf("other-name.crt");
    const info = await infoOf({ fingerprint }, { name: "other-name" });
    expect(info).toMatchObject({ flavour: "elasticsearch" });
  });

  it("trusts no other certificate than that of the fingerprint, and says which it saw", async () => {
    const error = await failureOf(infoOf({ fingerprint: FINGERPRINT }));
    expect(error).toMatchObject({ code: "REQUEST_FAILED", data: { reason: "tls" } });
    expect(error.message).toContain(fingerprintOf("localhost.crt"));
  });

  it("shows its own certificate", async () => {
    const server = { name: "localhost", client: true } as const;
    const ca = "localhost.crt";
    const own = { cert: "client.crt", key: "client.key" };
    expect(await infoOf({ ca, ...own }, server)).toMatchObject({ flavour: "elasticsearch" });
    expect((await failureOf(infoOf({ ca }, server))).code).toBe("REQUEST_FAILED");
  });

  it.each(["ca", "cert", "key"])("says which file of %s cannot be read", async (name) => {
    const files = name === "ca" ? {} : { cert: "client.crt", key: "client.key" };
    const settings = clusterSettings.parse({ url, ...files, [name]: "missing.pem" });
    const error = await failureOf(openClusterHttp(settings, options));
    expect(error).toMatchObject({ code: "CONFIG_INVALID", component: "cluster lab" });
    expect(error.message).toMatch(new RegExp(`^${name}: .*missing\\.pem`));
  });
});
