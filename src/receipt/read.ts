/**
 * The tolerant reader of request bodies. In order, as the senders' habits demand: unpack gzip by
 * its magic bytes, take off a byte-order mark, parse as JSON; else recognise a template error or a
 * form; else read lines, concatenated documents and what can be repaired (`documents.ts`). What
 * cannot be read is handed back as bytes with a reason, never dropped.
 */
import {
  joinDocuments,
  parseStrict,
  readDocuments,
  repairDocuments,
  takeApart,
} from "./documents.ts";
import type { Documents, ReadDocument, RejectedPart } from "./documents.ts";
import { readForm } from "./form.ts";
import type { FormTexts } from "./form.ts";
import { isJsonObject } from "./json.ts";
import { DEFAULT_READ_LIMITS, limitExceeded } from "./limits.ts";
import type { ReadLimits } from "./limits.ts";
import type { RepairName } from "./repairs.ts";
import { readBodyText } from "./unpack.ts";

export type { ReadDocument } from "./documents.ts";

export interface ReadOptions {
  /** Only its charset is used, and only for bytes that are not UTF-8. */
  readonly contentType?: string | undefined;
  readonly limits?: Partial<ReadLimits> | undefined;
}

/** What a body holds. */
export type ReadResult =
  | {
      readonly kind: "documents";
      /** One value each; arrays at the top are taken apart. Not necessarily objects. */
      readonly documents: readonly ReadDocument[];
      readonly rejected: readonly RejectedPart[];
      /** Every repair made anywhere in the body. */
      readonly repaired: readonly RepairName[];
      /** The body is, byte for byte, the JSON text of its one document. */
      readonly plain: boolean;
    }
  | { readonly kind: "empty" }
  | {
      readonly kind: "unreadable";
      readonly reason: "unreadable" | "template_error" | "too_deep";
      readonly detail: string;
    };

/**
 * Reads a request body as it came over the wire. Never throws for what is in the body.
 *
 * @throws LIMIT_EXCEEDED when the body is larger than allowed or holds too many documents.
 */
export function readBody(bytes: Uint8Array, options: ReadOptions = {}): ReadResult {
  const limits = { ...DEFAULT_READ_LIMITS, ...options.limits };
  const body = readBodyText(bytes, limits, options.contentType);
  if ("detail" in body) return { kind: "unreadable", reason: "unreadable", detail: body.detail };
  const value = parseStrict(body.text, limits.depth);
  if (value === undefined) return readOther(body.text, body.invalidUtf8, limits);
  const plain = body.asSent && isJsonObject(value);
  return toResult(takeApart(value, limits), body.invalidUtf8, plain);
}

/** Reads a text that is not JSON. */
function readOther(text: string, invalidUtf8: boolean, limits: ReadLimits): ReadResult {
  const trimmed = text.trim();
  if (trimmed === "") return { kind: "empty" };
  // Kibana posts this text as the body when a template cannot be rendered
  // (elastic/kibana, actions/server/lib/mustache_renderer.ts).
  if (trimmed.startsWith("error rendering mustache template")) {
    return { kind: "unreadable", reason: "template_error", detail: trimmed.slice(0, 500) };
  }
  const form = readForm(trimmed);
  const found = form ? readFields(form, limits) : repairDocuments(text, limits);
  return toResult(found, invalidUtf8, false);
}

function readFields(form: FormTexts, limits: ReadLimits): Documents {
  if (form.texts.length > limits.events) throw limitExceeded("events", limits.events);
  const found = form.texts.map((text) => readDocuments(text, limits));
  const around: RepairName[] = form.ignored ? ["form_fields_ignored"] : [];
  return joinDocuments([...found, { documents: [], rejected: [], repaired: around }], limits);
}

function toResult(found: Documents, invalidUtf8: boolean, plain: boolean): ReadResult {
  const [first] = found.rejected;
  if (found.documents.length === 0 && first !== undefined) {
    return { kind: "unreadable", reason: first.reason, detail: first.detail };
  }
  if (!invalidUtf8) return { kind: "documents", ...found, plain };
  const mark = (repaired: readonly RepairName[]) => [...repaired, "invalid_utf8" as const];
  const documents = found.documents.map((document) => ({
    value: document.value,
    repaired: mark(document.repaired),
  }));
  const { rejected } = found;
  return { kind: "documents", documents, rejected, repaired: mark(found.repaired), plain };
}
