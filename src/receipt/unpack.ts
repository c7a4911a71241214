import { isUtf8 } from "node:buffer";
import { gunzipSync } from "node:zlib";
import { messageOf } from "../errors.ts";
import { limitExceeded } from "./limits.ts";
import type { ReadLimits } from "./limits.ts";

/** The text of a body, or why it has none. `asSent` when the bytes are that text in UTF-8. */
export type BodyText =
  | { readonly text: string; readonly asSent: boolean; readonly invalidUtf8: boolean }
  | { readonly detail: string };

/**
 * The text of a body as it came over the wire. Gzip is recognised by its magic bytes, since
 * senders announce it on plain bodies and the other way round; a byte-order mark is taken off.
 * Bytes that are no UTF-8 are read in the charset of the content type, else replaced by U+FFFD.
 *
 * @throws LIMIT_EXCEEDED when it is larger than allowed; unpacking stops at the limit.
 */
export function readBodyText(
  wire: Uint8Array,
  limits: ReadLimits,
  contentType: string | undefined,
): BodyText {
  if (wire.length > limits.wireBytes) throw limitExceeded("wireBytes", limits.wireBytes);
  if (wire[0] !== 0x1f || wire[1] !== 0x8b) return decodeText(wire, contentType);
  const unpacked = gunzip(wire, limits.unpackedBytes);
  if (typeof unpacked === "string") return { detail: unpacked };
  const decoded = decodeText(unpacked, contentType);
  return "text" in decoded ? { ...decoded, asSent: false } : decoded;
}

/** The unpacked bytes, or a string saying what is wrong with the packed ones. */
function gunzip(bytes: Uint8Array, limit: number): Uint8Array | string {
  try {
    return gunzipSync(bytes, { maxOutputLength: limit });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ERR_BUFFER_TOO_LARGE") throw limitExceeded("unpackedBytes", limit);
    return `gzip: ${messageOf(error)}`;
  }
}

function decodeText(bytes: Uint8Array, contentType: string | undefined): BodyText {
  const mark = byteOrderMark(bytes);
  if (mark === "utf-16le" || mark === "utf-16be") {
    const text = new TextDecoder(mark).decode(bytes);
    return { text, asSent: false, invalidUtf8: false };
  }
  if (!isUtf8(bytes)) return decodeOther(bytes, contentType);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (mark === undefined) return { text: buffer.toString(), asSent: true, invalidUtf8: false };
  return { text: buffer.toString("utf8", 3), asSent: false, invalidUtf8: false };
}

function byteOrderMark(bytes: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  return bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : undefined;
}

function decodeOther(bytes: Uint8Array, contentType: string | undefined): BodyText {
  const charset = /charset="?(iso-8859-1|latin1|windows-125\d)\b/i.exec(contentType ?? "")?.[1];
  const text = new TextDecoder(charset ?? "utf-8").decode(bytes);
  return { text, asSent: false, invalidUtf8: charset === undefined };
}
