/**
 * Public ids. An id is a ULID (https://github.com/ulid/spec): 48 bits of time, then 80 bits that
 * the specification leaves free. Here those are 40 bits of the key's hash and 40 bits of the
 * position in the log, so an id is the same whenever the event is read again, and a position can be
 * read back from it without a lookup.
 */
import { createHash } from "node:crypto";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const NUMBER = /^ALR-(\d{6,15})$/;

/**
 * The 26-character id of the alert opened by the event with this key at this position (0 … 2^40-1),
 * received at `receivedAt` (epoch milliseconds).
 */
export function alertId(receivedAt: number, key: string, position: number): string {
  const hash = createHash("sha256").update(key).digest().readUIntBE(0, 5);
  return encode(receivedAt, 10) + encode(hash, 8) + encode(position, 8);
}

/** The position an id was made for; null when the text is not a ULID. Case does not matter. */
export function positionOfId(id: string): number | null {
  const text = id.toUpperCase();
  if (!ULID.test(text)) return null;
  let position = 0;
  for (const letter of text.slice(18)) position = position * 32 + ALPHABET.indexOf(letter);
  return position;
}

/**
 * What an id says besides the position: when its event came, and which it was. The same for an event
 * that is read again at another place of the log.
 */
export function originOfId(id: string): string {
  return id.slice(0, 18);
}

/** What people say on the phone: `ALR-000123` for position 123. */
export function numberOf(position: number): string {
  return `ALR-${String(position).padStart(6, "0")}`;
}

/** The position behind `ALR-000123`; null when the text is not such a number. */
export function positionOfNumber(text: string): number | null {
  const match = NUMBER.exec(text.trim().toUpperCase());
  return match ? Number(match[1]) : null;
}

function encode(value: number, length: number): string {
  let rest = Math.trunc(value);
  let text = "";
  for (let index = 0; index < length; index += 1) {
    text = (ALPHABET[rest % 32] ?? "0") + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
