/** Who sends to a source? Every way in which a sender can prove that it may. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import type { ConfiguredSource } from "../app/configuration.ts";
import { fail } from "../errors.ts";
import { allows, type Key } from "../keys/key.ts";
import type { Verification } from "../keys/keys.ts";
import { verifySignature } from "../net/signature.ts";

/** Looks a presented key up. */
export type VerifyKey = (presented: string) => Verification;

/** How a sender proved itself: `key:<id>`, `header`, `token`, `signature` or `none`. */
export type Via = string;

/**
 * Checks what can be checked before the body is there. Answers how, or null when only the signature
 * over the body can tell. Throws UNAUTHENTICATED or FORBIDDEN.
 */
export function authenticate(
  source: ConfiguredSource,
  request: FastifyRequest,
  { token, isOpen }: { readonly token: string | undefined; readonly isOpen: boolean },
  verify: VerifyKey,
): Via | null {
  const { header, token: expected, hmac } = source.common;
  if (token !== undefined) {
    if (expected && equals(token, expected.reveal())) return "token";
    // A key in the path is for senders that can set nothing else.
    return viaKey(source, token, verify);
  }
  if (header && equals(headerOf(request, header.name), header.secret.reveal())) return "header";
  const key = presentedKey(request);
  if (key !== null) return viaKey(source, key, verify);
  if (hmac) return null;
  if (isOpen) return "none";
  throw fail("UNAUTHENTICATED", {
    component: `source ${source.name}`,
    message: "no credentials",
    hint: "Send Authorization: Bearer <key>; make a key with: tocsin key create --name NAME --scope ingest",
  });
}

function viaKey(source: ConfiguredSource, presented: string, verify: VerifyKey): Via {
  const key = requireKey(verify(presented), `source ${source.name}`);
  if (allows(key, "ingest", source.name)) return `key:${key.id}`;
  throw fail("FORBIDDEN", {
    component: `source ${source.name}`,
    message: `key ${key.id} may not send to this source`,
    hint: `Make one that may: tocsin key create --name NAME --scope ingest --source ${source.name}`,
  });
}

/** The key, or UNAUTHENTICATED. The answer does not say whether the id or the secret was wrong. */
export function requireKey(verdict: Verification, component: string): Key {
  if (verdict.ok) return verdict.key;
  const told =
    verdict.reason === "expired" || verdict.reason === "revoked" ? verdict.reason : "not valid";
  throw fail("UNAUTHENTICATED", {
    component,
    message: `the key is ${told}`,
    hint: "List keys with: tocsin key list",
  });
}

/** The key of a request: a bearer token, or the password of Basic. */
export function presentedKey(request: FastifyRequest): string | null {
  const value = request.headers.authorization;
  if (!value) return null;
  const [scheme = "", rest = ""] = value.split(/\s+(.*)/s);
  if (scheme.toLowerCase() === "bearer") return rest.trim();
  if (scheme.toLowerCase() !== "basic") return null;
  const decoded = Buffer.from(rest, "base64").toString("utf8");
  return decoded.slice(decoded.indexOf(":") + 1);
}

/** Checks the signature over the body where the source asks for one. Throws UNAUTHENTICATED. */
export function checkSignature(
  source: ConfiguredSource,
  request: FastifyRequest,
  body: Uint8Array,
  now: number,
): void {
  const { hmac } = source.common;
  if (!hmac) return;
  const isStandard = hmac.scheme === "standard-webhooks";
  const verdict = verifySignature(
    {
      scheme: hmac.scheme,
      secret: hmac.secret.reveal(),
      headers: {
        signature: headerOf(request, isStandard ? "webhook-signature" : (hmac.header ?? "")),
        id: headerOf(request, "webhook-id"),
        timestamp: headerOf(
          request,
          isStandard ? "webhook-timestamp" : (hmac.timestamp_header ?? ""),
        ),
      },
      algorithm: hmac.algorithm,
      encoding: hmac.encoding,
      prefix: hmac.prefix,
      tolerance_ms: isStandard || hmac.timestamp_header ? hmac.tolerance : undefined,
      now,
    },
    body,
  );
  if (verdict.ok) return;
  throw fail("UNAUTHENTICATED", {
    component: `source ${source.name}`,
    message: `the signature does not hold: ${verdict.reason}`,
    hint: "Check the secret, the algorithm and the encoding; the bytes on the wire are what is signed.",
  });
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name.toLowerCase()];
  return Array.isArray(value) ? value[0] : value;
}

/** Compares without telling by its time where the difference is; hashing makes the lengths equal. */
function equals(given: string | undefined, expected: string): boolean {
  if (given === undefined) return false;
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
