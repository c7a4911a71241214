/**
 * Stop-values: artifacts too common to say that two alerts have to do with each other. They stay
 * artifacts of their alerts; they only link nothing.
 */
import { BlockList, isIP } from "node:net";
import type { ArtifactType } from "../alert/schema.ts";
import { fail } from "../errors.ts";
import {
  COMMON_NETWORKS,
  COMMON_PROGRAMS,
  COMMON_VALUES,
  PLACEHOLDERS,
  SYSTEM_FOLDERS,
} from "./common-values.ts";

/** Values to add, by type. `*` at an end stands for anything; of `ip` a network may stand too. */
export type ExtraStopValues = Readonly<
  Partial<Record<ArtifactType, readonly string[] | undefined>>
>;

export type StopValues = (type: ArtifactType, value: string) => boolean;

type Test = (value: string) => boolean;

/**
 * The built-in stop-values and these. Case does not matter. A program is one by its bare name, or by
 * its path where it is the system's own; a URL is one when its host is. Throws CONFIG_INVALID for a
 * network that is none.
 */
export function compileStopValues(extra: ExtraStopValues = {}): StopValues {
  const placeholders = new Set(PLACEHOLDERS);
  const tests = new Map<ArtifactType, Test>();
  const isCommon = (type: ArtifactType, value: string): boolean => {
    const test = tests.get(type) ?? testOfType(type, extra[type] ?? [], isCommon);
    tests.set(type, test);
    const text = value.trim().toLowerCase();
    return placeholders.has(text) || test(text);
  };
  // What is wrong with the networks is to be said now, not when the first address comes.
  tests.set("ip", testOfType("ip", extra.ip ?? [], isCommon));
  return isCommon;
}

function testOfType(type: ArtifactType, extra: readonly string[], isCommon: StopValues): Test {
  switch (type) {
    case "ip":
      return testNetworks([...COMMON_NETWORKS, ...extra]);
    case "process":
    case "file_name":
    case "file_path":
      return either(isCommonProgram, testTexts(extra));
    case "url":
      return either((url) => hasCommonHost(url, isCommon), testTexts(extra));
    default:
      return testTexts([...(COMMON_VALUES[type] ?? []), ...extra]);
  }
}

function either(one: Test, other: Test): Test {
  return (value) => one(value) || other(value);
}

function testTexts(patterns: readonly string[]): Test {
  const texts = patterns.map((pattern) => pattern.trim().toLowerCase());
  const whole = new Set(texts.filter((text) => !isWildcard(text)));
  const open = texts.filter(isWildcard).map(testWildcard);
  return (value) => whole.has(value) || open.some((test) => test(value));
}

function isWildcard(text: string): boolean {
  return text.startsWith("*") || text.endsWith("*");
}

function testWildcard(pattern: string): Test {
  const text = pattern.replace(/^\*|\*$/g, "");
  if (!pattern.startsWith("*")) return (value) => value.startsWith(text);
  if (!pattern.endsWith("*")) return (value) => value.endsWith(text);
  return (value) => value.includes(text);
}

/** Addresses and networks; the rest are texts (`10.0.*`). */
function testNetworks(rules: readonly string[]): Test {
  const networks = new BlockList();
  for (const rule of rules.filter((text) => text.includes("/"))) addNetwork(networks, rule);
  const isText = testTexts(rules.filter((text) => !text.includes("/")));
  return (value) => {
    const family = isIP(value);
    return isText(value) || (family !== 0 && networks.check(value, family === 6 ? "ipv6" : "ipv4"));
  };
}

function addNetwork(networks: BlockList, rule: string): void {
  const [address = "", bits = "", ...rest] = rule.trim().split("/");
  const family = isIP(address);
  const longest = family === 6 ? 128 : 32;
  if (family === 0 || rest.length > 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > longest) {
    const message = `${rule} is not a network`;
    const hint = "Write it as 10.0.0.0/8 or fd00::/8.";
    throw fail("CONFIG_INVALID", { component: "stop_values", message, hint });
  }
  networks.addSubnet(address, Number(bits), family === 6 ? "ipv6" : "ipv4");
}

function isCommonProgram(value: string): boolean {
  const path = value.replaceAll("\\", "/");
  const end = path.lastIndexOf("/");
  if (end >= 0 && !SYSTEM_FOLDERS.includes(path.slice(0, end))) return false;
  return COMMON_PROGRAMS.includes(path.slice(end + 1));
}

function hasCommonHost(url: string, isCommon: StopValues): boolean {
  if (!URL.canParse(url)) return false;
  const host = new URL(url).hostname.replace(/^\[|\]$/g, "");
  if (isIP(host)) return isCommon("ip", host);
  return host !== "" && (isCommon("domain", host) || isCommon("hostname", host));
}
