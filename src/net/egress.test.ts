import type { lookup, LookupAddress } from "node:dns";
import { describe, expect, it } from "vitest";
import { startPeer } from "../../test/peers/peer.ts";
import { createHttp } from "./client.ts";
import { createEgressGuard, isEgressRule, type EgressPolicy } from "./egress.ts";

const none: EgressPolicy = { allow: [], deny: [] };

/** A resolver that answers its lists of addresses one after the other, then the last again. */
function resolver(...answers: (readonly string[])[]) {
  let calls = 0;
  const resolve = (_host: string, _options: object, callback: (...all: unknown[]) => void) => {
    const answer = answers[Math.min(calls++, answers.length - 1)] ?? [];
    const found: LookupAddress[] = answer.map((address) => ({
      address,
      family: address.includes(":") ? 6 : 4,
    }));
    callback(null, found);
  };
  return resolve as unknown as typeof lookup;
}

function resolve(policy: EgressPolicy, host: string, addresses: readonly string[]) {
  const guard = createEgressGuard(policy, "destination x", resolver(addresses));
  return new Promise((done) => {
    guard.lookup(host, { all: true }, (error, found) =>
      done(
        error
          ? (error as { code?: string }).code
          : (found as LookupAddress[]).map((a) => a.address),
      ),
    );
  });
}

describe("a host written as an address", () => {
  const refused = (url: string, policy = none) => {
    try {
      createEgressGuard(policy, "destination x").checkHost(new URL(url).hostname);
      return false;
    } catch (error) {
      expect(error).toMatchObject({ code: "EGRESS_REFUSED", component: "destination x" });
      return true;
    }
  };

  it.each([
    "http://169.254.169.254/",
    "http://169.254.0.1/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://0251.0376.0251.0376/",
    "http://169.254.43518/",
    "http://169.254.169.254./",
    "http://[::ffff:169.254.169.254]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[::a9fe:a9fe]/",
    "http://[64:ff9b::169.254.169.254]/",
    "http://[fe80::1]/",
    "http://[febf:ffff::1]/",
    "http://[fd00:ec2::254]/",
    "http://[fd00:0ec2:0:0:0:0:0:0254]/",
    "http://[fd20:ce::254]/",
    "http://100.100.100.200/",
    "http://168.63.129.16/",
    "http://0.0.0.0/",
    "http://0/",
    "http://[::]/",
    "http://[::ffff:0.0.0.0]/",
    "http://metadata.google.internal/",
    "http://METADATA.google.internal./",
  ])("%s is refused", (url) => {
    expect(refused(url)).toBe(true);
  });

  it.each([
    "http://127.0.0.1/",
    "http://[::1]/",
    "http://10.1.2.3/",
    "http://192.168.1.1/",
    "http://172.16.0.1/",
    "http://100.100.100.201/",
    "http://169.253.255.255/",
    "http://[fec0::1]/",
    "http://[fd00:ec2::255]/",
    "http://hooks.slack.com/",
  ])("%s is allowed", (url) => {
    expect(refused(url)).toBe(false);
  });

  it("is allowed by the allow list against the built-in refusals, and denied against both", () => {
    const allow = ["169.254.10.0/24"];
    expect(refused("http://169.254.10.5/", { allow, deny: [] })).toBe(false);
    expect(refused("http://169.254.11.5/", { allow, deny: [] })).toBe(true);
    expect(refused("http://169.254.10.5/", { allow, deny: ["169.254.10.5"] })).toBe(true);
    expect(refused("http://10.0.0.5/", { allow: ["10.0.0.5"], deny: ["10.0.0.0/8"] })).toBe(true);
  });

  it("is denied in its IPv6 form too", () => {
    expect(refused("http://[::ffff:10.0.0.5]/", { allow: [], deny: ["10.0.0.0/8"] })).toBe(true);
  });

  it("is denied by name, alone or with its subdomains", () => {
    const deny = ["bad.test", "*.lab.test"];
    expect(refused("http://bad.test/", { allow: [], deny })).toBe(true);
    expect(refused("http://a.bad.test/", { allow: [], deny })).toBe(false);
    expect(refused("http://a.b.lab.test/", { allow: [], deny })).toBe(true);
    expect(refused("http://lab.test/", { allow: [], deny })).toBe(false);
    expect(refused("http://evillab.test/", { allow: [], deny })).toBe(false);
  });
});

describe("a host written as a name", () => {
  it("is refused when it resolves to a refused address", async () => {
    expect(await resolve(none, "peer.test", ["169.254.169.254"])).toBe("EGRESS_REFUSED");
    expect(await resolve(none, "peer.test", ["::ffff:a9fe:a9fe"])).toBe("EGRESS_REFUSED");
    expect(await resolve(none, "peer.test", ["fe80::1%eth0"])).toBe("EGRESS_REFUSED");
  });

  it("is connected to at its allowed addresses only", async () => {
    expect(await resolve(none, "peer.test", ["fe80::1", "10.0.0.1"])).toEqual(["10.0.0.1"]);
  });

  it("may resolve to anything when the name itself is allowed", async () => {
    const policy = { allow: ["peer.test"], deny: [] };
    expect(await resolve(policy, "peer.test", ["169.254.169.254"])).toEqual(["169.254.169.254"]);
  });

  it("is denied by what it resolves to", async () => {
    const policy = { allow: ["peer.test"], deny: ["10.0.0.0/8"] };
    expect(await resolve(policy, "peer.test", ["10.0.0.1"])).toBe("EGRESS_REFUSED");
  });
});

describe("a connection", () => {
  const request = { method: "GET", url: "", headers: {} };
  const client = (lookup: ReturnType<typeof resolver>) =>
    createHttp({ component: "destination x", egress: none, connections: 1, lookup });

  it("goes to the address that was checked, though the name resolves elsewhere a moment later", async () => {
    const peer = await startPeer((_received, response) => void response.end("the checked one"));
    const http = client(resolver(["127.0.0.1"], ["169.254.169.254"]));
    const url = `http://rebind.test:${peer.port}/`;
    expect((await http.request({ ...request, url })).body).toBe("the checked one");
    await http.close();
    await peer.close();
  });

  it("is not opened to a refused address", async () => {
    const http = client(resolver(["169.254.169.254"]));
    const attempt = http.request({ ...request, url: "http://rebind.test/" });
    await expect(attempt).rejects.toMatchObject({
      code: "EGRESS_REFUSED",
      message: expect.stringContaining("rebind.test (169.254.169.254)") as string,
    });
    await http.close();
  });
});

describe("a rule", () => {
  it.each(["10.0.0.0/8", "10.0.0.1", "fd00::/8", "peer.test", "*.lab.test", "localhost"])(
    "may be %s",
    (rule) => expect(isEgressRule(rule)).toBe(true),
  );
  it.each([
    "",
    "10.0.0.0/33",
    "10.0.0.0/x",
    "fd00::/129",
    "http://peer.test",
    "a b",
    "*",
    "10.0.0.0/8/8",
  ])("cannot be '%s'", (rule) => expect(isEgressRule(rule)).toBe(false));
});
