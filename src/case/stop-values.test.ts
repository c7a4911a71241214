import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { ArtifactType } from "../alert/schema.ts";
import { linksOf } from "./related.ts";
import { compileStopValues } from "./stop-values.ts";

const isStopValue = compileStopValues();

describe("what every machine has is a stop-value", () => {
  const common: readonly (readonly [ArtifactType, string])[] = [
    ["ip", "127.0.0.1"],
    ["ip", "127.8.9.1"],
    ["ip", "::1"],
    ["ip", "::"],
    ["ip", "0.0.0.0"],
    ["ip", "255.255.255.255"],
    ["ip", "169.254.3.4"],
    ["ip", "fe80::1"],
    ["ip", "224.0.0.251"],
    ["account", "SYSTEM"],
    ["account", "NT AUTHORITY\\LOCAL SERVICE"],
    ["account", "root"],
    ["account", "ANONYMOUS LOGON"],
    ["account", "-"],
    ["sid", "S-1-5-18"],
    ["sid", "S-1-5-32-544"],
    ["hostname", "localhost"],
    ["domain", "localhost.localdomain"],
    ["domain", "4.3.2.1.in-addr.arpa"],
    ["url", "http://localhost:8080/x"],
    ["url", "https://[::1]/x"],
    ["process", "svchost.exe"],
    ["process", "PowerShell.exe"],
    ["file_path", "C:\\Windows\\System32\\svchost.exe"],
    ["file_path", "/usr/bin/bash"],
    ["port", "443"],
    ["mac", "ff:ff:ff:ff:ff:ff"],
    ["other", "Unknown"],
  ];
  it.each(common)("%s %s", (type, value) => {
    expect(isStopValue(type, value)).toBe(true);
  });

  it.each(["md5", "sha1", "sha256", "sha512"] as const)("%s of the empty file", (type) => {
    expect(isStopValue(type, createHash(type).update("").digest("hex"))).toBe(true);
  });
});

describe("what names one thing is none", () => {
  const telling: readonly (readonly [ArtifactType, string])[] = [
    ["ip", "10.0.0.1"],
    ["ip", "2001:db8::1"],
    ["account", "ada"],
    ["account", "LAB\\system-backup"],
    ["account", "WEB-01$"],
    ["sid", "S-1-5-21-1-2-3-500"],
    ["hostname", "web-1"],
    ["domain", "example.com"],
    ["url", "http://localhost.example.com/x"],
    ["url", "not a url"],
    ["file_path", "C:\\Users\\Public\\svchost.exe"],
    ["file_path", "/tmp/bash"],
    ["file_name", "invoice.exe"],
    ["port", "4444"],
    ["md5", "0123456789abcdef0123456789abcdef"],
  ];
  it.each(telling)("%s %s", (type, value) => {
    expect(isStopValue(type, value)).toBe(false);
  });
});

describe("values of the configuration", () => {
  const withExtra = compileStopValues({
    account: ["svc-backup", "LAB\\scan*", "*-kiosk", "*test*"],
    ip: ["10.1.2.3", "192.0.2.0/24", "2001:db8:1::/48"],
    process: ["agent.exe"],
    domain: ["*.lab.example"],
  });

  it("count whatever their case, with `*` at either end", () => {
    const accounts = ["SVC-Backup", "lab\\Scanner", "hall-kiosk", "mytestuser"];
    expect(accounts.filter((value) => !withExtra("account", value))).toEqual([]);
    const others = ["svc-backup2", "other\\scan", "kiosk-1", "root2"];
    expect(others.filter((value) => withExtra("account", value))).toEqual([]);
  });

  it("are added to the built-in ones, and only for their type", () => {
    expect(withExtra("account", "SYSTEM")).toBe(true);
    expect(withExtra("hostname", "svc-backup")).toBe(false);
    expect(withExtra("process", "agent.exe")).toBe(true);
    expect(withExtra("process", "svchost.exe")).toBe(true);
    expect(withExtra("url", "https://git.lab.example/x")).toBe(true);
  });

  it("may be networks", () => {
    const addresses = ["10.1.2.3", "192.0.2.77", "2001:db8:1::9", "127.0.0.1"];
    expect(addresses.filter((value) => !withExtra("ip", value))).toEqual([]);
    expect(withExtra("ip", "192.0.3.1")).toBe(false);
  });

  it.each(["10.0.0.0/33", "lab/8", "10.0.0.0/", "10.0.0.0/8/8"])("refuse %s", (network) => {
    const invalid = expect.objectContaining({ code: "CONFIG_INVALID" });
    expect(() => compileStopValues({ ip: [network] })).toThrow(invalid);
  });
});

it("links alerts by each artifact once, and by no stop-value", () => {
  const artifacts = [
    { type: "ip", value: "10.0.0.1" },
    { type: "ip", value: "127.0.0.1" },
    { type: "ip", value: "10.0.0.1" },
    { type: "account", value: "SYSTEM" },
  ] as const;
  expect([...linksOf(artifacts, isStopValue)]).toEqual(["ip:10.0.0.1"]);
});
