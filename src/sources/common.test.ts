import { describe, expect, it } from "vitest";
import { z } from "zod";
import { Secret } from "../config/secret.ts";
import { commonSettings, feedCommon, requestCommon, sourceCommon } from "./common.ts";
import { sources } from "./index.ts";

const schema = z.strictObject({ ...sourceCommon, ...requestCommon });
const feedSchema = z.strictObject(feedCommon);

function problemsOf(settings: object): string[] {
  return messagesOf(schema.safeParse({ kind: "generic", ...settings }));
}

function messagesOf({ error }: z.ZodSafeParseResult<unknown>): string[] {
  return (error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

describe("the settings common to sources that are sent to", () => {
  it("ask for a key unless told otherwise", () => {
    expect(schema.parse({ kind: "kibana" })).toEqual({ kind: "kibana", auth: "key" });
  });

  it("keep secrets secret and durations in milliseconds", () => {
    const settings = schema.parse({
      kind: "generic",
      token: "open-sesame",
      header: { name: "X-Secret", secret: "hush" },
      hmac: { header: "x-signature", secret: "salt" },
      rate: { max: 5, per: "1m" },
      listen: "127.0.0.1:5000",
      path: "/webhook",
    });
    expect(settings.token).toBeInstanceOf(Secret);
    expect(settings.header?.secret.reveal()).toBe("hush");
    expect(JSON.stringify(settings)).not.toMatch(/sesame|hush|salt/);
    expect(settings.hmac).toMatchObject({
      algorithm: "sha256",
      encoding: "hex",
      scheme: "plain",
      tolerance: 300_000,
    });
    expect(settings.rate).toEqual({ max: 5, per: 60_000 });
  });

  it("need no header for Standard Webhooks, which brings its own", () => {
    expect(problemsOf({ hmac: { secret: "whsec_x", scheme: "standard-webhooks" } })).toEqual([]);
    expect(problemsOf({ hmac: { secret: "x" } })).toEqual([
      "hmac.header: missing — name the header that carries the signature",
    ]);
  });

  it.each([
    [{ auth: "maybe" }, "auth: "],
    [{ header: { name: "not a header", secret: "x" } }, "header.name: not a header name"],
    [{ listen: "5000" }, "listen: not host:port"],
    [{ listen: "localhost:99999" }, "listen: not host:port"],
    [{ path: "webhook" }, "path: write it with a leading /"],
    [{ rate: { max: 0, per: "1m" } }, "rate.max: "],
    [{ rate: { max: 1, per: "soon" } }, 'rate.per: "soon" is not a duration'],
    [{ tolken: "x" }, 'Unrecognized key: "tolken"'],
  ])("refuse %j", (settings, message) => {
    expect(problemsOf(settings).join()).toContain(message);
  });
});

describe("the settings common to sources that are read", () => {
  it("have defaults, in milliseconds", () => {
    expect(feedSchema.parse({})).toEqual({
      interval: 60_000,
      max_lag: 900_000,
      reconcile: { every: 3_600_000, since: 86_400_000 },
    });
  });

  it("let one part of reconciling be set, and all of it be switched off", () => {
    const { reconcile } = feedSchema.parse({ reconcile: { since: "2d" } });
    expect(reconcile).toEqual({ every: 3_600_000, since: 172_800_000 });
    expect(feedSchema.parse({ reconcile: false }).reconcile).toBeNull();
  });

  it.each([
    [{ interval: "99ms" }, "interval: 100ms is the shortest"],
    [{ interval: "0s" }, "interval: 100ms is the shortest"],
    [{ reconcile: true }, "reconcile: "],
    [{ reconcile: { each: "1h" } }, "reconcile: "],
    [{ reconcile: { every: "0s" } }, "reconcile.every: 100ms is the shortest"],
  ])("refuse %j", (settings, message) => {
    expect(messagesOf(feedSchema.safeParse(settings)).join()).toContain(message);
    expect(feedSchema.safeParse({ interval: "100ms" }).success).toBe(true);
  });
});

describe("the common settings", () => {
  it("are those of the sort of source", () => {
    expect(Object.keys(commonSettings({}))).toContain("auth");
    expect(Object.keys(commonSettings({}))).not.toContain("interval");
    const read = commonSettings({ open: () => expect.unreachable() });
    expect(Object.keys(read)).toEqual([
      "kind",
      "fields",
      "tags",
      "interval",
      "max_lag",
      "reconcile",
    ]);
  });

  it("do not collide with the settings of any kind, of either sort", () => {
    const taken = { ...sourceCommon, ...requestCommon, ...feedCommon };
    for (const { config, kind } of sources) {
      const own = config instanceof z.ZodObject ? Object.keys(config.shape) : expect.unreachable();
      expect(
        own.filter((name) => name in taken),
        kind,
      ).toEqual([]);
    }
  });
});
