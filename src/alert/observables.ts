/**
 * The parsers behind typed artifacts: each says what a text is, or why it is not what its field
 * suggested. Nothing here throws and nothing is guessed from a field's name.
 */
import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import type { ArtifactType } from "./schema.ts";

/** What a value turned out to be: a type and its canonical text, or the reason it is neither. */
type Parsed = { readonly type: ArtifactType; readonly value: string } | { readonly wrong: string };

type Parse = (text: string) => Parsed;

const HASHES: Readonly<Record<number, ArtifactType>> = {
  32: "md5",
  40: "sha1",
  64: "sha256",
  128: "sha512",
};

const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** Undoes the usual ways of making an indicator unclickable: `hxxp`, `[.]`, `(.)`, `[:]`, `[@]`. */
function refang(text: string): string {
  if (!/hxxp|\[|\(|\{/i.test(text)) return text;
  return text
    .replace(/^hxxp(s?)(\[?:)/i, "http$1$2")
    .replace(/[[({](?:\.|dot)[\])}]/gi, ".")
    .replace(/\[:(\/\/)?\]/g, ":$1")
    .replace(/[[({](?:@|at)[\])}]/gi, "@");
}

/** An address, with brackets, a port, a zone or an IPv4 mapping (`::ffff:10.0.0.1`) taken off. */
function readIp(text: string): string | null {
  const bare = stripPort(text);
  const version = isIP(bare);
  if (version === 4) return bare;
  if (version === 0) return null;
  const address = bare.split("%")[0] ?? bare;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  // The URL parser writes IPv6 in its canonical form (RFC 5952), between brackets.
  return mapped ?? new URL(`http://[${address}]`).hostname.slice(1, -1);
}

function stripPort(text: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(text);
  if (bracketed) return bracketed[1] ?? text;
  return /^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/.exec(text)?.[1] ?? text;
}

function parseIp(text: string): Parsed {
  const value = readIp(refang(text));
  return value === null ? { wrong: "not an IP address" } : { type: "ip", value };
}

function readDomain(text: string): string | null {
  const bare = refang(text).toLowerCase().replace(/\.$/, "");
  const ascii = /^[\x20-\x7e]*$/.test(bare) ? bare : domainToASCII(bare);
  if (ascii.length === 0 || ascii.length > 253) return null;
  return ascii.split(".").every((label) => LABEL.test(label)) ? ascii : null;
}

function parseDomain(text: string): Parsed {
  const ip = readIp(refang(text));
  if (ip !== null) return { type: "ip", value: ip };
  const value = readDomain(text);
  if (value === null) return { wrong: "not a domain" };
  if (!value.includes(".")) return { wrong: "not a domain: a single label" };
  if (/\.\d+$/.test(value)) return { wrong: "not a domain: numeric top level" };
  return { type: "domain", value };
}

/** Who is at the other end: `source.domain` often holds a bare NetBIOS name, which is a host. */
function parseAddress(text: string): Parsed {
  const value = readDomain(text);
  return value !== null && !value.includes(".") ? parseHost(text) : parseDomain(text);
}

function parseHost(text: string): Parsed {
  const ip = readIp(refang(text));
  if (ip !== null) return { type: "ip", value: ip };
  const value = readDomain(text);
  return value === null ? { wrong: "not a host name" } : { type: "hostname", value };
}

/** Scheme and host are normalised; the rest stays as it came, for `..` and `%2e` are evidence. */
function parseUrl(text: string): Parsed {
  const match = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#\\]*)(.*)$/is.exec(refang(text));
  if (!match) return { wrong: "not a URL: no scheme" };
  const [, scheme = "", authority = "", rest = ""] = match;
  const [, user = "", host = "", port = ""] = /^(.*@)?(.*?)(:\d*)?$/s.exec(authority) ?? [];
  const name = host.startsWith("[") ? host.toLowerCase() : readDomain(host);
  if (name === null || !URL.canParse(`${scheme}${user}${name}${port}`))
    return { wrong: "not a URL" };
  return { type: "url", value: `${scheme.toLowerCase()}${user}${name}${port}${rest}` };
}

function parseEmail(text: string): Parsed {
  const bare = refang(/<([^<>]+)>\s*$/.exec(text)?.[1] ?? text).replace(/^mailto:/i, "");
  const at = bare.lastIndexOf("@");
  const domain = at > 0 ? readDomain(bare.slice(at + 1)) : null;
  if (domain === null || /\s/.test(bare)) return { wrong: "not an e-mail address" };
  return { type: "email", value: `${bare.slice(0, at).toLowerCase()}@${domain}` };
}

function parseHash(text: string): Parsed {
  const digits = text.replace(/^(?:md5|sha-?1|sha-?256|sha-?512)[=:]\s*/i, "");
  const type = HASHES[digits.length];
  if (type === undefined || !/^[0-9a-f]+$/i.test(digits)) return { wrong: "not a hash" };
  return { type, value: digits.toLowerCase() };
}

function parseHashOf(type: ArtifactType): Parse {
  return (text) => {
    const parsed = parseHash(text);
    if ("wrong" in parsed || parsed.type === type) return parsed;
    return { wrong: `not a ${type}: has the length of a ${parsed.type}` };
  };
}

function parsePort(text: string): Parsed {
  const valid = /^\d{1,5}$/.test(text) && Number(text) <= 65_535;
  return valid ? { type: "port", value: String(Number(text)) } : { wrong: "not a port" };
}

function parseMac(text: string): Parsed {
  const digits = text.toLowerCase().replace(/[:.-]/g, "");
  if (!/^[0-9a-f]{12}$/.test(digits)) return { wrong: "not a MAC address" };
  return { type: "mac", value: (digits.match(/../g) ?? []).join(":") };
}

function parseAsn(text: string): Parsed {
  const digits = /^(?:AS)?(\d{1,10})$/i.exec(text)?.[1];
  return digits === undefined
    ? { wrong: "not an AS number" }
    : { type: "asn", value: `AS${Number(digits)}` };
}

function parseMatching(type: ArtifactType, pattern: RegExp, wrong: string): Parse {
  return (text) => (pattern.test(text) ? { type, value: text.toUpperCase() } : { wrong });
}

function keep(type: ArtifactType): Parse {
  return (value) => ({ type, value });
}

/** Types a caller may ask for: the artifact types and three that are decided by the value. */
export type AskedType = ArtifactType | "hash" | "host" | "address";

/** The parser of every type. `hash` decides by length, `host` (ip or hostname) and `address` (ip,
 * domain or single-label hostname) by what parses. */
export const PARSERS: Readonly<Record<AskedType, Parse>> = {
  ip: parseIp,
  domain: parseDomain,
  address: parseAddress,
  hostname: parseHost,
  host: parseHost,
  url: parseUrl,
  email: parseEmail,
  hash: parseHash,
  md5: parseHashOf("md5"),
  sha1: parseHashOf("sha1"),
  sha256: parseHashOf("sha256"),
  sha512: parseHashOf("sha512"),
  sid: parseMatching("sid", /^S-1-\d+(?:-\d+)+$/i, "not a security identifier"),
  cve: parseMatching("cve", /^CVE-\d{4}-\d{4,}$/i, "not a CVE id"),
  port: parsePort,
  mac: parseMac,
  asn: parseAsn,
  account: keep("account"),
  file_name: keep("file_name"),
  file_path: keep("file_path"),
  process: keep("process"),
  command_line: keep("command_line"),
  registry_key: keep("registry_key"),
  user_agent: keep("user_agent"),
  other: keep("other"),
};
