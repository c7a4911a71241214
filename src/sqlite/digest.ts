import { createHash } from "node:crypto";

/** 16 bytes stand for a text in an index: half the space, and no practical chance of a clash. */
export function digestOf(text: string): Uint8Array {
  return createHash("sha256").update(text).digest().subarray(0, 16);
}
