import { holdsJson, readDocuments } from "./documents.ts";
import type { RejectedPart } from "./documents.ts";
import type { JsonValue } from "./json.ts";
import { DEFAULT_READ_LIMITS } from "./limits.ts";
import type { RepairName } from "./repairs.ts";

/** The items found in a slot of a document, in order. */
export interface ReparsedItems {
  readonly items: readonly JsonValue[];
  readonly repaired: readonly RepairName[];
  /** Texts, or parts of them, that are no JSON. */
  readonly rejected: readonly RejectedPart[];
}

const LIMITS = { events: Number.POSITIVE_INFINITY, depth: DEFAULT_READ_LIMITS.depth };

/**
 * The items of a slot that templates fill in many ways (`hits`, `alerts`, `context_info`): an
 * array, one object, or a string with JSON in it: an array, an object, or objects one after the
 * other, with the same repairs as for a body. A missing slot, null, an empty string and an empty
 * array have no items. Elements that are strings with JSON in them are read too; other scalars
 * are items as they are, and the caller judges them. Never throws.
 */
export function reparse(value: JsonValue | undefined): ReparsedItems {
  if (value === undefined || value === null) return { items: [], repaired: [], rejected: [] };
  if (typeof value === "string") return reparseText(value);
  if (!Array.isArray(value)) return { items: [value], repaired: [], rejected: [] };
  return join(value.map(reparseElement));
}

function reparseText(text: string): ReparsedItems {
  const { documents, repaired, rejected } = readDocuments(text, LIMITS);
  return { items: documents.map((document) => document.value), repaired, rejected };
}

function reparseElement(element: JsonValue): ReparsedItems {
  if (holdsJson(element)) return reparseText(element);
  return { items: [element], repaired: [], rejected: [] };
}

function join(parts: readonly ReparsedItems[]): ReparsedItems {
  return {
    items: parts.flatMap((part) => part.items),
    repaired: [...new Set(parts.flatMap((part) => part.repaired))],
    rejected: parts.flatMap((part) => part.rejected),
  };
}
