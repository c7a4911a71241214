/**
 * The egress guard: which addresses a configured URL may lead to. Cloud metadata services and
 * link-local addresses hand credentials to whoever can make a server call them, so they are
 * refused unless the operator allows them. Private ranges and loopback are allowed: peers on
 * premises live there.
 *
 * The guard sits inside the name resolution of the connection, so the address that was checked is
 * the address that is connected to, whatever the name resolves to a moment later.
 */
import { lookup as systemLookup, type LookupAddress } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { fail, type TocsinError } from "../errors.ts";

/** Each entry is an address, a CIDR (`10.0.0.0/8`), a host name or `*.suffix`. Deny wins. */
export interface EgressPolicy {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

export interface EgressGuard {
  /** Checks a host as a URL names it. Throws EGRESS_REFUSED; a name may still resolve badly. */
  checkHost(host: string): void;
  /** Name resolution that leaves out refused addresses and fails with EGRESS_REFUSED without one. */
  readonly lookup: LookupFunction;
}

/** Link-local, "this host", and the metadata services of AWS, Alibaba, Azure, Oracle and Google. */
const REFUSED = [
  "0.0.0.0/8",
  "169.254.0.0/16",
  "100.100.100.200",
  "168.63.129.16",
  "192.0.0.192",
  "::/128",
  "fe80::/10",
  "fd00:ec2::254",
  "fd20:ce::254",
  // 169.254.0.0/16 written as IPv4-compatible, NAT64 and 6to4 addresses; BlockList itself knows
  // the IPv4-mapped form.
  "::a9fe:0/112",
  "64:ff9b::a9fe:0/112",
  "2002:a9fe::/32",
  "metadata.google.internal",
  "metadata.goog",
  "instance-data.ec2.internal",
];

/** Whether a text can stand in `allow` or `deny`. */
export function isEgressRule(text: string): boolean {
  return readSubnet(text) !== undefined || /^(\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/i.test(text);
}

/** Builds the guard. `component` is named in errors; `resolve` is the system's unless given. */
export function createEgressGuard(
  policy: EgressPolicy,
  component: string,
  resolve: typeof systemLookup = systemLookup,
): EgressGuard {
  const refusal = createRefusal(policy);
  const refuse = (host: string, address: string | undefined, why: string) =>
    fail("EGRESS_REFUSED", {
      component,
      message: `a connection to ${nameOf(host, address)} is refused: ${why}`,
      hint: "if it is meant, add the address or the host to egress.allow",
      data: { host, address },
    });
  return {
    checkHost(host) {
      const plain = plainHost(host);
      const why = refusal(plain, isIP(plain) ? plain : undefined);
      if (why) throw refuse(plain, undefined, why);
    },
    lookup: guardLookup(resolve, (host, address) => {
      const why = refusal(plainHost(host), address);
      return why ? refuse(host, address, why) : undefined;
    }),
  };
}

function guardLookup(
  resolve: typeof systemLookup,
  check: (host: string, address: string) => TocsinError | undefined,
): LookupFunction {
  return (host, options, callback) => {
    resolve(host, { ...options, all: true }, (error, found: readonly LookupAddress[]) => {
      if (error) return callback(error, []);
      const allowed = found.filter(({ address }) => !check(host, address));
      const [first] = allowed;
      if (!first) return callback(check(host, found[0]?.address ?? "") ?? noAddress(host), []);
      if (options.all) return callback(null, allowed);
      callback(null, first.address, first.family);
    });
  };
}

function noAddress(host: string): NodeJS.ErrnoException {
  return Object.assign(new RangeError(`${host} has no address`), { code: "ENOTFOUND" });
}

/** Answers why a host or its address is refused; undefined when it is not. */
function createRefusal(policy: EgressPolicy) {
  const deny = createMatcher(policy.deny);
  const allow = createMatcher(policy.allow);
  const builtIn = createMatcher(REFUSED);
  return (host: string, address: string | undefined): string | undefined => {
    if (deny(host, address)) return "it is in egress.deny";
    if (allow(host, address)) return undefined;
    return builtIn(host, address) ? "it is link-local or a cloud metadata service" : undefined;
  };
}

function createMatcher(rules: readonly string[]) {
  const addresses = new BlockList();
  const names: string[] = [];
  for (const rule of rules) {
    const subnet = readSubnet(rule);
    if (subnet) addresses.addSubnet(subnet.address, subnet.prefix, subnet.family);
    else names.push(rule.toLowerCase());
  }
  return (host: string, address: string | undefined): boolean =>
    names.some((name) => matchesName(host, name)) ||
    (address !== undefined && addresses.check(address, familyOf(address)));
}

function matchesName(host: string, name: string): boolean {
  return name.startsWith("*.") ? host.endsWith(name.slice(1)) : host === name;
}

function readSubnet(rule: string) {
  const [address = "", bits, ...rest] = rule.split("/");
  const version = isIP(address);
  if (!version || rest.length > 0) return undefined;
  const longest = version === 6 ? 128 : 32;
  const prefix = bits === undefined ? longest : /^\d{1,3}$/.test(bits) ? Number(bits) : Infinity;
  return prefix > longest ? undefined : { address, prefix, family: familyOf(address) };
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

/** The host of a URL without brackets and final dot, in lower case. */
function plainHost(host: string): string {
  return host
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "")
    .toLowerCase();
}

function nameOf(host: string, address: string | undefined): string {
  return address === undefined || address === host ? host : `${host} (${address})`;
}
