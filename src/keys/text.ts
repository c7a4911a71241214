/**
 * The text of a key: `tcs_<id>_<secret>`. The id has 12 characters of a lower-case alphabet without
 * `_`; the secret is 32 random bytes in base64url (RFC 4648 §5), which may hold `_`, so a text is
 * taken apart at its second `_`.
 */
import { createHash } from "node:crypto";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const ID_LENGTH = 12;
const SECRET_BYTES = 32;
const TEXT = /^tcs_([0-9a-hjkmnp-tv-z]{12})_([A-Za-z0-9_-]{43})$/;

/** Bytes that nobody can guess: `crypto.randomBytes`. */
export type Random = (size: number) => Uint8Array;

export interface KeyText {
  readonly id: string;
  readonly secret: string;
}

/** Draws a new key. */
export function drawKey(random: Random): KeyText {
  const letters = [...random(ID_LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length] ?? "0");
  return { id: letters.join(""), secret: Buffer.from(random(SECRET_BYTES)).toString("base64url") };
}

/** The text of a key, as it is shown once and presented ever after. */
export function formatKey({ id, secret }: KeyText): string {
  return `tcs_${id}_${secret}`;
}

/** Takes the text of a key apart; null when it is not one. */
export function parseKey(text: string): KeyText | null {
  const [, id, secret] = TEXT.exec(text) ?? [];
  return id === undefined || secret === undefined ? null : { id, secret };
}

/**
 * What is stored of a secret. A plain hash is enough: slow hashes protect what people choose, and
 * nobody can search 256 random bits. So a request costs a microsecond instead of a tenth of a second.
 * The text is hashed, not the bytes: base64url has several texts for the same bytes.
 */
export function hashSecret(secret: string): Uint8Array {
  return createHash("sha256").update(secret).digest();
}
