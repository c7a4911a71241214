import type { DocumentSource } from "./document.ts";

/**
 * The hits of an Elasticsearch `_search` response (`{hits:{hits:[…]}}`, or its inner `{hits:[…]}`),
 * null for anything else. Elements are as they came.
 */
export function hitsOf(value: DocumentSource): readonly unknown[] | null {
  const outer = value["hits"];
  if (Array.isArray(outer)) return outer;
  if (typeof outer !== "object" || outer === null || !("hits" in outer)) return null;
  return Array.isArray(outer.hits) ? outer.hits : null;
}
