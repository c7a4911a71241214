import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { readPem, startPeer } from "../../test/peers/peer.ts";
import { destinationCommon, openNetwork } from "./common.ts";
import { destinations } from "./index.ts";

const schema = z.strictObject(destinationCommon);
const egress = { allow: [], deny: [] };
const certificates = new URL("../../test/peers/tls/", import.meta.url);
const options = {
  component: "destination x",
  egress,
  connections: 1,
  resolvePath: (path: string) => new URL(path, certificates).pathname,
};

describe("the common settings", () => {
  it("have defaults", () => {
    const { timeout, give_up_after } = schema.parse({ kind: "log" });
    expect({ timeout, give_up_after }).toEqual({ timeout: 15_000, give_up_after: 259_200_000 });
    expect(schema.parse({ kind: "log", tls: {} }).tls).toEqual({ verify: true });
  });

  it.each([
    { concurrency: 0 },
    { concurrency: 257 },
    { concurrency: 1.5 },
    { rate: { max: 1 } },
    { timeout: 15 },
    { timeout: "soon" },
    { tls: { verifiy: false } },
    { proxy: "socks5://proxy.lab" },
    { proxy: "proxy.lab:3128" },
    { thread_by: "host.name" },
    { unknown: 1 },
  ])("refuse %j", (wrong) => {
    expect(schema.safeParse({ kind: "log", ...wrong }).success).toBe(false);
  });

  it.each(destinations)(
    "are not those of $kind, which refuses what it does not know",
    ({ config }) => {
      const { error } = config.safeParse({ concurrency: 3, colour: "red" });
      const keys = ["concurrency", "colour"];
      expect(error?.issues).toContainEqual(
        expect.objectContaining({ code: "unrecognized_keys", keys }),
      );
    },
  );
});

describe("the client", () => {
  let folder: string;
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "tocsin-"))));
  afterAll(() => rm(folder, { recursive: true }));

  it("has the configured TLS files and timeout", async () => {
    const tls = { name: "localhost", client: true } as const;
    const peer = await startPeer((_received, response) => void response.end("ok"), tls);
    const files = { ca: "localhost.crt", cert: "client.crt", key: "client.key" };
    const { http } = await openNetwork(schema.parse({ kind: "x", tls: files }), options);
    const request = { method: "GET", url: peer.url, headers: {} };
    expect((await http.request(request)).body).toBe("ok");
    await http.close();
    await peer.close();
    expect(readPem("client.crt")).toContain("CERTIFICATE");
  });

  it("cannot be made when a file is missing, and says which", async () => {
    const config = schema.parse({ kind: "x", tls: { ca: join(folder, "none.pem") } });
    await expect(openNetwork(config, { ...options, resolvePath: (p) => p })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringMatching(/^tls\.ca: .*none\.pem/) as string,
    });
  });
});
