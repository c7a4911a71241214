/**
 * Deleting documents that are durable here, in the state in which they were read. What was too long to be
 * read stays: nobody has it but the index.
 */
import type {
  BulkOperation,
  BulkVerdict,
  ElasticCluster,
  ElasticHit,
} from "../../elastic/cluster/cluster.ts";
import { fail, TocsinError } from "../../errors.ts";

/** Deleted already; rewritten since it was read. The latter stays, and is read again. */
const SETTLED = new Set([404, 409]);

/**
 * Throws CLUSTER_REFUSED where the cluster does not allow it, REQUEST_FAILED where it cannot now: the
 * documents that are left are read again.
 */
export async function deleteHits(
  cluster: ElasticCluster,
  read: readonly ElasticHit[],
  signal?: AbortSignal,
): Promise<void> {
  const component = `cluster ${cluster.name}`;
  const hits = read.filter(({ cut }) => !cut);
  const operations = hits.map((hit) => deletionOf(component, hit));
  const verdicts = await cluster
    .bulk(operations, { signal })
    .catch((error: unknown) => rethrow(error, hits));
  for (const [n, { _index }] of hits.entries()) {
    const error = failureOf(component, _index, verdicts[n]);
    if (error) throw error;
  }
}

/** The client names the privilege for any writing; for this one a smaller one suffices. */
function rethrow(error: unknown, hits: readonly ElasticHit[]): never {
  if (!(error instanceof TocsinError) || error.data?.["status"] !== 403) throw error;
  const { component, message, data } = error;
  const indices = [...new Set(hits.map(({ _index }) => _index))].join(",");
  throw fail("CLUSTER_REFUSED", {
    component,
    message,
    hint: hintFor(indices, message),
    data,
    cause: error,
  });
}

function deletionOf(
  component: string,
  { _index, _id, seqNo, primaryTerm }: ElasticHit,
): BulkOperation {
  if (seqNo !== undefined && primaryTerm !== undefined)
    return { kind: "delete", index: _index, id: _id, seqNo, primaryTerm };
  // Deleted without them, a document that was rewritten meanwhile would be gone unread.
  throw fail("REQUEST_FAILED", {
    component,
    message: `reading ${_index}: a document came without its _seq_no and _primary_term`,
    hint: "set consume: keep",
    data: { reason: "unexpected_answer" },
  });
}

function failureOf(
  component: string,
  index: string,
  verdict: BulkVerdict | undefined,
): TocsinError | undefined {
  const { status, error } = verdict ?? { status: 0, error: "the answer has no verdict on it" };
  if (SETTLED.has(status) || (status >= 200 && status < 300)) return undefined;
  const message = `deleting from ${index}: ${error ?? `HTTP ${status}`}`;
  const refused = status >= 400 && status < 500 && status !== 429;
  return fail(refused ? "CLUSTER_REFUSED" : "REQUEST_FAILED", {
    component,
    message,
    hint: refused ? hintFor(index, error ?? "") : "it is tried again; see the cluster's health",
    data: { reason: reasonFor(status, refused), status },
  });
}

function hintFor(index: string, error: string): string {
  if (error.includes("cluster_block_exception"))
    return `lift the block on writing to ${index}, or set consume: keep`;
  return `give the user or the key the privilege delete on ${index}, or set consume: keep`;
}

function reasonFor(status: number, refused: boolean): string {
  if (status === 401 || status === 403) return "unauthorized";
  return refused ? "rejected_by_peer" : "server_error";
}
