import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { signStandardWebhook, verifySignature, type SignatureOptions } from "./signature.ts";

const NOW = Date.UTC(2026, 4, 5, 10, 0, 0);
const SECONDS = NOW / 1000;
const key = Buffer.from("twenty-four bytes of key");
const secret = `whsec_${key.toString("base64")}`;
const body = Buffer.from('{"severity":"high"}');
const bytes = (text: string) => Buffer.from(text);

describe("Standard Webhooks", () => {
  const id = "msg_1";
  const signature = signStandardWebhook({ secret, id, timestamp: SECONDS, body });
  const options = (change: Partial<SignatureOptions["headers"]> = {}): SignatureOptions => ({
    scheme: "standard-webhooks",
    secret,
    headers: { id, timestamp: String(SECONDS), signature, ...change },
    now: NOW,
  });
  const reason = (o: SignatureOptions, b: Uint8Array = body) => {
    const check = verifySignature(o, b);
    return check.ok ? "ok" : check.reason;
  };

  it("signs id.timestamp.body with the decoded secret", () => {
    const wanted = createHmac("sha256", key).update(`msg_1.${SECONDS}.`).update(body);
    expect(signature).toBe(`v1,${wanted.digest("base64")}`);
    expect(reason(options())).toBe("ok");
  });

  it("signs the same whether the body is text or bytes", () => {
    const text = body.toString();
    expect(signStandardWebhook({ secret, id, timestamp: SECONDS, body: text })).toBe(signature);
  });

  it("takes a secret without whsec_ as it is", () => {
    const plain = { secret: "plain", id, timestamp: 1, body };
    const wanted = createHmac("sha256", "plain").update("msg_1.1.").update(body).digest("base64");
    expect(signStandardWebhook(plain)).toBe(`v1,${wanted}`);
  });

  it("accepts any matching signature of a list, and ignores other versions", () => {
    expect(reason(options({ signature: `v1a,AAAA v1,AAAA ${signature}` }))).toBe("ok");
  });

  it.each([
    ["signature_missing", { signature: undefined }],
    ["id_missing", { id: undefined }],
    ["timestamp_missing", { timestamp: undefined }],
    ["signature_malformed", { signature: signature.replace("v1,", "v1a,") }],
    ["signature_malformed", { signature: "v1,!!!!" }],
    ["signature_mismatch", { signature: "v1,AAAA" }],
    ["signature_mismatch", { id: "msg_2" }],
    ["signature_mismatch", { timestamp: String(SECONDS + 1) }],
  ])("refuses with %s", (wanted, change) => {
    expect(reason(options(change))).toBe(wanted);
  });

  it("refuses another body", () => {
    expect(reason(options(), bytes('{"severity":"low"}'))).toBe("signature_mismatch");
  });

  it("refuses a timestamp further than the tolerance in the past or the future", () => {
    expect(reason({ ...options(), now: NOW + 300_000 })).toBe("ok");
    expect(reason({ ...options(), now: NOW + 300_001 })).toBe("timestamp_outside_tolerance");
    expect(reason({ ...options(), now: NOW - 300_001 })).toBe("timestamp_outside_tolerance");
    expect(reason({ ...options(), now: NOW + 2_000, tolerance_ms: 1_000 })).toBe(
      "timestamp_outside_tolerance",
    );
  });

  it("refuses a signed timestamp that is no number of seconds", () => {
    const hmac = createHmac("sha256", key).update("msg_1.1e9.").update(body).digest("base64");
    expect(reason(options({ timestamp: "1e9", signature: `v1,${hmac}` }))).toBe(
      "timestamp_malformed",
    );
  });
});

describe("a plain HMAC", () => {
  const sign = (algorithm: string, encoding: "hex" | "base64", text: string | Buffer = body) =>
    createHmac(algorithm, "s3cret").update(text).digest(encoding);
  const verify = (signature: string | undefined, more: Partial<SignatureOptions> = {}) =>
    verifySignature(
      { scheme: "plain", secret: "s3cret", headers: { signature }, now: NOW, ...more },
      body,
    );

  it.each(["sha1", "sha256", "sha512"] as const)(
    "with %s is accepted as hex and base64",
    (algorithm) => {
      expect(verify(sign(algorithm, "hex"), { algorithm }).ok).toBe(true);
      expect(verify(sign(algorithm, "hex").toUpperCase(), { algorithm }).ok).toBe(true);
      expect(verify(sign(algorithm, "base64"), { algorithm, encoding: "base64" }).ok).toBe(true);
    },
  );

  it("needs its prefix", () => {
    const prefix = "sha256=";
    expect(verify(`sha256=${sign("sha256", "hex")}`, { prefix }).ok).toBe(true);
    expect(verify(sign("sha256", "hex"), { prefix })).toEqual({
      ok: false,
      reason: "signature_malformed",
    });
  });

  it.each([
    [undefined, "signature_missing"],
    ["", "signature_malformed"],
    ["zz", "signature_malformed"],
    ["abcd", "signature_mismatch"],
    [sign("sha256", "hex").slice(2), "signature_mismatch"],
    [sign("sha1", "hex"), "signature_mismatch"],
  ])("%s is refused", (signature, reason) => {
    expect(verify(signature)).toEqual({ ok: false, reason });
  });

  it("covers the timestamp where a tolerance asks for one", () => {
    const signature = sign("sha256", "hex", Buffer.concat([bytes(`${SECONDS}.`), body]));
    const timed = (timestamp: string | undefined, now = NOW) =>
      verify(signature, { headers: { signature, timestamp }, tolerance_ms: 60_000, now });
    expect(timed(String(SECONDS))).toEqual({ ok: true });
    expect(timed(String(SECONDS), NOW + 60_001)).toEqual({
      ok: false,
      reason: "timestamp_outside_tolerance",
    });
    expect(timed(String(SECONDS + 10)).ok).toBe(false);
    expect(timed(undefined).ok).toBe(false);
  });
});
