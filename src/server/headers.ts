/** Headers: which of a request's are kept with what it brought, and which every answer carries. */
import type { IncomingHttpHeaders } from "node:http";
import type { ConfiguredSource } from "../app/configuration.ts";

const SECRET_NAME = /auth|cookie|secret|token|signature|password|(^|-)key$|api-?key/i;

/** A request's headers with everything that may be a secret blotted out. */
export function keptHeaders(
  headers: IncomingHttpHeaders,
  source: ConfiguredSource,
): Record<string, string> {
  const own = [source.common.header?.name, source.common.hmac?.header].map((name) =>
    name?.toLowerCase(),
  );
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    const isSecret = own.includes(name) || SECRET_NAME.test(name);
    kept[name] = isSecret ? "<secret>" : String(value);
  }
  return kept;
}

/** For every answer: nothing here is a page, nothing may be framed, cached or guessed at. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
  "cross-origin-resource-policy": "same-origin",
};
