import { createHash } from "node:crypto";
import type { ElasticDocument } from "./document.ts";

/** What Kibana writes as id and index of a row that is no document. */
const NO_DOCUMENT = "esql_query_document";

/**
 * The key of an Elastic document: `kibana.alert.uuid:<uuid>` when it is a detection alert (the uuid
 * is the same however the alert reaches us), else `es:<index>/<id>` of the document, else null.
 * Rows of an ES|QL query carry a placeholder or no index and have no identity of their own.
 */
export function identityOf(document: ElasticDocument): string | null {
  const uuid = document.text("kibana.alert.uuid");
  if (uuid !== null) return `kibana.alert.uuid:${bound(uuid)}`;
  const index = document.text("_index");
  const id = document.text("_id");
  if (index === null || id === null || index === NO_DOCUMENT || id === NO_DOCUMENT) return null;
  return `es:${bound(index)}/${bound(id)}`;
}

/** Elasticsearch allows ids of 512 bytes; what is longer stands in a key by its hash. */
function bound(part: string): string {
  return part.length <= 512 ? part : createHash("sha256").update(part).digest("hex");
}
