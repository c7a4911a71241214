/** Messages that are sent at the same time go out in one `_bulk`; each has its own verdict. */
import type { BulkOperation, BulkVerdict, ElasticCluster } from "../../elastic/cluster/cluster.ts";
import { TocsinError } from "../../errors.ts";
import { createBatcher, sendHalves } from "../batch.ts";
import { verdictOfFailure } from "../cluster-verdict.ts";
import type { Destination, SendContext, Verdict } from "../destination.ts";
import { showOperation, type AlertOperation } from "./render.ts";
import type { Target } from "./target.ts";

export interface SendParts {
  readonly cluster: ElasticCluster;
  now(): number;
}

/** Far below what a cluster takes at once (100 MB), and enough for many documents. */
const MAX_BYTES = 5_000_000;
const MAX_ITEMS = 500;
const REQUESTS = 2;
/** Of the whole request: it is too large, or something in it cannot be read. */
const TO_SPLIT: readonly unknown[] = [400, 413];

/** Makes the function that sends rendered documents. */
export function createSend(target: Target, parts: SendParts): Destination<AlertOperation>["send"] {
  const send = createBatcher<AlertOperation>({
    maxItems: MAX_ITEMS,
    maxBytes: MAX_BYTES,
    requests: REQUESTS,
    sizeOf: ({ document }) => Buffer.byteLength(document),
    sendAll: (items, context) => sendBulk(items, context, target, parts),
  });
  return (operation, _message, context) => send(operation, context);
}

async function sendBulk(
  items: readonly AlertOperation[],
  context: SendContext,
  target: Target,
  { cluster, now }: SendParts,
): Promise<readonly Verdict[]> {
  const request = items.map((item) => showOperation(target, item).text).join("\n");
  const record = (answer: string) =>
    context.record?.({ request: `POST /_bulk\n\n${request}`, answer });
  try {
    const operations = items.map((item) => operationOf(item, target));
    const verdicts = await cluster.bulk(operations, { once: true, signal: context.signal });
    record(verdicts.map(({ status, error }) => `HTTP ${status} ${error ?? ""}`.trim()).join("\n"));
    return items.map((item, index) => verdictOfItem(item, verdicts[index]));
  } catch (error) {
    record(error instanceof TocsinError ? error.message : "");
    if (items.length > 1 && isToSplit(error))
      return await sendHalves(items, (half) => sendBulk(half, context, target, { cluster, now }));
    return items.map(() => verdictOfFailure(error, now()));
  }
}

function isToSplit(error: unknown): boolean {
  return error instanceof TocsinError && TO_SPLIT.includes(error.data?.["status"]);
}

function operationOf({ kind, id, document }: AlertOperation, { name }: Target): BulkOperation {
  return { kind, index: name, id, document: JSON.parse(document) as Document };
}
type Document = Extract<BulkOperation, { kind: "create" }>["document"];

/**
 * The verdict of one document. A 409 of a `create` says that it is there: an earlier try had arrived.
 * https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk
 */
function verdictOfItem({ kind, id }: AlertOperation, said: BulkVerdict | undefined): Verdict {
  const { status = 0, error = null } = said ?? {};
  if (status === 200 || status === 201 || (status === 409 && kind === "create"))
    return { kind: "delivered", status, reference: id };
  const isBlocked = error?.startsWith("cluster_block_exception") ?? false;
  if (status === 429 || status === 409 || status >= 500 || isBlocked || !said) {
    const reason = status === 429 ? "rate_limited" : "server_error";
    return { kind: "retry", reason, status, error: describe(status, error) };
  }
  return {
    kind: "reject",
    reason: REASONS[status] ?? "rejected_by_peer",
    status,
    error: describe(status, error),
  };
}

const REASONS: Readonly<Record<number, "unauthorized" | "not_found">> = {
  401: "unauthorized",
  403: "unauthorized",
  404: "not_found",
};

const HINTS: Readonly<Record<number, string>> = {
  400: "see the mapping of the index; tocsin doctor destination can install a fitting one",
  403: "give the user or the key the privilege create_doc there, and index for an index",
  404: "create it, or let tocsin doctor destination install its template",
};

function describe(status: number, error: string | null): string {
  const hint = HINTS[status];
  const said = `HTTP ${status}${error === null ? "" : `: ${error}`}`;
  return hint === undefined ? said : `${said} — ${hint}`;
}
