/** Parts of the paths that a cluster is asked at. */
import { fail } from "../../errors.ts";

/** The name or pattern of an index, or several, as a part of a path. Throws REQUEST_INVALID. */
export function encodeIndex(component: string, index: string): string {
  if (isPart(index.trim())) return encodeURIComponent(index.trim());
  throw fail("REQUEST_INVALID", {
    component,
    message: `"${index}" is not an index`,
    hint: "write it like .alerts-security.alerts-default or logs-*",
  });
}

/** The id of a document as a part of a path. Throws REQUEST_INVALID. */
export function encodeId(component: string, id: string): string {
  if (isPart(id)) return encodeURIComponent(id);
  throw fail("REQUEST_INVALID", {
    component,
    message: `"${id}" cannot stand in a path as the id of a document`,
    hint: "give the document another id",
  });
}

/** Nothing, or dots alone, would make another path. */
function isPart(text: string): boolean {
  return !/^\.{0,2}$/.test(text);
}
