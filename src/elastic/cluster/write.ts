/** Storing and deleting documents. */
import { isJsonObject, type JsonObject, type JsonValue } from "../../receipt/json.ts";
import type { Cluster } from "./call.ts";
import { encodeId, encodeIndex } from "./path.ts";
import { quoteSaid } from "../refusal.ts";
import { describeCause, explainRefusal, type Asked } from "./refusal.ts";
import { readWhole } from "./whole.ts";

export interface WriteOptions {
  /** Can be found at once when the call resolves. */
  readonly refresh?: boolean | undefined;
  /** Sent at most once, by one node: whoever asks tries again by itself. */
  readonly once?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type BulkOperation =
  | {
      readonly kind: "create" | "index";
      readonly index: string;
      readonly id?: string | undefined;
      readonly document: JsonObject;
    }
  /** Only the state of the document that was read: one that was rewritten meanwhile stays. */
  | {
      readonly kind: "delete";
      readonly index: string;
      readonly id: string;
      readonly seqNo: number;
      readonly primaryTerm: number;
    };

export interface BulkVerdict {
  readonly status: number;
  /** `type: reason` in the cluster's words; null when it was done. */
  readonly error: string | null;
}

export interface IndexRequest {
  readonly index: string;
  readonly id?: string | undefined;
  readonly document: JsonObject;
}

export interface StoredDocument {
  readonly index: string;
  readonly id: string;
}

/**
 * One verdict for each operation, in their order. When the connection breaks it is sent again, unless
 * a document without an id is among them: that would be there twice. What was done by the first
 * sending is refused by the second then, `create` and `delete` with status 409 or 404.
 */
export async function bulk(
  cluster: Cluster,
  operations: readonly BulkOperation[],
  { refresh = false, once = false, signal }: WriteOptions = {},
): Promise<readonly BulkVerdict[]> {
  if (operations.length === 0) return [];
  const answer = await cluster.call({
    method: "POST",
    path: `/_bulk${refresh ? "?refresh=true" : ""}`,
    lines: operations.flatMap(linesOf),
    once: once || operations.some(({ id }) => id === undefined),
    signal,
  });
  const indices = [...new Set(operations.map(({ index }) => index))].join(",");
  const asked = { doing: `writing to ${indices}`, privilege: `write on ${indices}` };
  const { items } = readWhole(cluster, answer, asked);
  const verdicts = Array.isArray(items) ? items.flatMap((item) => verdictOf(cluster, item)) : [];
  if (verdicts.length === operations.length) return verdicts;
  throw explainRefusal(cluster, answer, asked);
}

function linesOf(operation: BulkOperation): JsonObject[] {
  const { kind, index, id } = operation;
  if (operation.kind !== "delete")
    return [
      { [kind]: { _index: index, ...(id !== undefined && { _id: id }) } },
      operation.document,
    ];
  const { seqNo, primaryTerm } = operation;
  const version = { if_seq_no: seqNo, if_primary_term: primaryTerm };
  return [{ delete: { _index: index, _id: operation.id, ...version } }];
}

/** Of `{"create": {"status": 201, …}}`; none of anything else. */
function verdictOf({ hide }: Cluster, item: JsonValue): BulkVerdict[] {
  const result = isJsonObject(item) ? Object.values(item)[0] : undefined;
  if (!isJsonObject(result) || typeof result["status"] !== "number") return [];
  const { status, error } = result;
  return [{ status, error: isJsonObject(error) ? quoteSaid(describeCause(error), hide) : null }];
}

/** Stores one document; answers where it is. Without an id it is sent once, and never again. */
export async function index(
  cluster: Cluster,
  { index: name, id, document }: IndexRequest,
  { refresh = false, signal }: WriteOptions = {},
): Promise<StoredDocument> {
  const { component } = cluster;
  const place = id === undefined ? "_doc" : `_doc/${encodeId(component, id)}`;
  const answer = await cluster.call({
    method: id === undefined ? "POST" : "PUT",
    path: `/${encodeIndex(component, name)}/${place}${refresh ? "?refresh=true" : ""}`,
    body: document,
    once: id === undefined,
    signal,
  });
  const asked: Asked = { doing: `writing to ${name}`, privilege: `write on ${name}` };
  const { _index, _id } = readWhole(cluster, answer, asked);
  if (typeof _index === "string" && typeof _id === "string") return { index: _index, id: _id };
  throw explainRefusal(cluster, answer, asked);
}
