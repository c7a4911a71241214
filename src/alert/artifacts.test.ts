import { describe, expect, it } from "vitest";
import { ArtifactSet } from "./artifacts.ts";

type Asked = Parameters<ArtifactSet["add"]>[0];

function read(type: Asked, value: unknown): string[] {
  const set = new ArtifactSet();
  set.add(type, value, { field: "f" });
  return set.list().map((artifact) => `${artifact.type} ${artifact.value}`);
}

describe("ArtifactSet", () => {
  it.each<[Asked, unknown, string]>([
    ["ip", "192.0.2.1", "ip 192.0.2.1"],
    ["ip", "0.0.0.0", "ip 0.0.0.0"],
    ["ip", "192.0.2.1:8080", "ip 192.0.2.1"],
    ["ip", "[2001:DB8::1]:443", "ip 2001:db8::1"],
    ["ip", "2001:0db8:0000:0000:0000:0000:0000:0001", "ip 2001:db8::1"],
    ["ip", "fe80::1%eth0", "ip fe80::1"],
    ["ip", "::ffff:192.0.2.1", "ip 192.0.2.1"],
    ["ip", "192[.]0[.]2[.]1", "ip 192.0.2.1"],
    ["domain", "Evil[.]Example.COM.", "domain evil.example.com"],
    ["domain", "bücher.example", "domain xn--bcher-kva.example"],
    ["domain", "_dmarc.example.com", "domain _dmarc.example.com"],
    ["domain", "192.0.2.1", "ip 192.0.2.1"],
    ["address", "LAPTOP-9", "hostname laptop-9"],
    ["address", "example.org", "domain example.org"],
    ["hostname", "DC01.corp.example", "hostname dc01.corp.example"],
    ["host", "2001:db8::2", "ip 2001:db8::2"],
    ["host", "web-1", "hostname web-1"],
    ["url", "hxxps://Bad[.]Example/A/../b?q=%2e", "url https://bad.example/A/../b?q=%2e"],
    ["url", "http[:]//example.com:8080", "url http://example.com:8080"],
    ["url", "http://[2001:DB8::1]/x", "url http://[2001:db8::1]/x"],
    ["email", '"Ann B" <Ann[@]Example.COM>', "email ann@example.com"],
    ["hash", "MD5=B8CB2DFCA7379908B0605331A759AF4C", "md5 b8cb2dfca7379908b0605331a759af4c"],
    ["hash", "a".repeat(40), `sha1 ${"a".repeat(40)}`],
    ["sha256", "A".repeat(64), `sha256 ${"a".repeat(64)}`],
    ["hash", "b".repeat(128), `sha512 ${"b".repeat(128)}`],
    ["sid", "s-1-5-21-1-2-3-500", "sid S-1-5-21-1-2-3-500"],
    ["port", 443, "port 443"],
    ["mac", "00-1A-2B-3C-4D-5E", "mac 00:1a:2b:3c:4d:5e"],
    ["asn", 64500, "asn AS64500"],
    ["cve", "cve-2024-12345", "cve CVE-2024-12345"],
    ["account", " CORP\\Ann ", "account CORP\\Ann"],
    ["command_line", "cmd /c hxxp[.]exe", "command_line cmd /c hxxp[.]exe"],
  ])("reads %s %j as %s", (type, value, expected) => expect(read(type, value)).toEqual([expected]));

  it.each<[Asked, string, string]>([
    ["ip", "192.0.2.300", "not an IP address"],
    ["ip", "192.0.2.0/24", "not an IP address"],
    ["domain", "no domain", "not a domain"],
    ["domain", "wpad", "not a domain: a single label"],
    ["domain", "update.1", "not a domain: numeric top level"],
    ["hostname", "two words", "not a host name"],
    ["url", "/index.html", "not a URL: no scheme"],
    ["url", "http://", "not a URL"],
    ["email", "ann", "not an e-mail address"],
    ["hash", "abc", "not a hash"],
    ["hash", "z".repeat(64), "not a hash"],
    ["md5", "a".repeat(64), "not a md5: has the length of a sha256"],
    ["sid", "1000", "not a security identifier"],
    ["port", "70000", "not a port"],
    ["mac", "00:11", "not a MAC address"],
    ["cve", "2024-1", "not a CVE id"],
  ])("keeps %s %j as other and says why", (type, value, wrong) => {
    const set = new ArtifactSet();
    set.add(type, value, { field: "a.b", role: "source" });
    expect(set.list()).toEqual([
      { type: "other", value, role: "source", field: "a.b", flag: wrong },
    ]);
    expect(set.flags()).toEqual([`a.b: ${wrong}`]);
  });

  it("skips placeholders, blanks, nulls and booleans without a word", () => {
    const set = new ArtifactSet();
    set.add("ip", ["-", "N/A", "null", "", "  ", "None", null, undefined, true], { field: "f" });
    expect([set.list(), set.flags()]).toEqual([[], []]);
  });

  it("fans out nested arrays and says of objects that they are none", () => {
    const set = new ArtifactSet();
    set.add("port", [[1, "2"], [[3]], { port: 4 }], { field: "f" });
    expect(set.list().map((artifact) => artifact.value)).toEqual(["1", "2", "3"]);
    expect(set.flags()).toEqual(["f: not a scalar"]);
  });

  it("keeps a value once per role, with the first field, and never as merely related too", () => {
    const set = new ArtifactSet();
    set.add("ip", "192.0.2.1", { field: "source.ip", role: "source" });
    set.add("ip", "192.0.2.1", { field: "client.ip", role: "source" });
    set.add("ip", "192.0.2.1", { field: "host.ip", role: "target" });
    set.add("ip", ["192.0.2.1", "192.0.2.2"], { field: "related.ip" });
    expect(set.list().map(({ field, role }) => [field, role])).toEqual([
      ["source.ip", "source"],
      ["host.ip", "target"],
      ["related.ip", "related"],
    ]);
  });

  it("stops at 1,000 artifacts and says so", () => {
    const set = new ArtifactSet();
    set.add(
      "account",
      Array.from({ length: 1500 }, (_, index) => `user-${index}`),
      { field: "f" },
    );
    expect(set.list().length).toBe(1000);
    expect(set.flags()).toEqual(["artifacts: more than 1000, the rest is in the raw event only"]);
  });

  it("cuts a value at 65,536 characters and says so", () => {
    const set = new ArtifactSet();
    set.add("command_line", "x".repeat(70_000), { field: "f" });
    expect(set.list()[0]?.value.length).toBe(65_536);
    expect(set.flags()).toEqual(["f: cut to 65536 characters"]);
  });

  it("takes hostile texts of 64 KiB in a blink, for every type", () => {
    const types: Asked[] = [
      "ip",
      "domain",
      "host",
      "address",
      "url",
      "email",
      "hash",
      "mac",
      "sid",
    ];
    const texts = [
      "a.".repeat(32_000),
      "[".repeat(64_000),
      "<".repeat(64_000),
      "1:".repeat(32_000),
      `http://${"@".repeat(64_000)}`,
    ];
    const start = performance.now();
    for (const type of types) for (const text of texts) read(type, text);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
