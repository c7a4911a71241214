/**
 * A cluster in memory for tests of feeds. Every change of a document is a *version* that searches see
 * from a moment on; until then they see the one before. Deleting by number compares with the newest
 * version, seen or not, as an engine does. Ranges are read from the state at their first page.
 */
import type {
  BulkOperation,
  BulkVerdict,
  ElasticCluster,
  ElasticHit,
  RangeRequest,
  SearchRequest,
  SequenceRequest,
} from "../../../elastic/cluster/cluster.ts";
import { fail } from "../../../errors.ts";
import type { JsonObject } from "../../../receipt/json.ts";
import { aggregate, matches, timeOf, type Visible } from "./query.ts";

interface Version extends Omit<Visible, "source"> {
  /** Null when this version is a deletion. */
  readonly source: JsonObject | null;
  readonly visibleAt: number;
}

export interface WriteTarget {
  readonly index?: string;
  readonly id: string;
  /** Milliseconds until searches see it; default none. */
  readonly delay?: number;
  /** The shard it goes to: each has numbers of its own. */
  readonly shard?: number;
}

/** `search`, `page` and `sequence` count requests, `bulk` too. */
export type CallKind = "search" | "page" | "sequence" | "bulk";

export const iso = (time: number) => new Date(time).toISOString();

export class MemoryCluster {
  /** True time, epoch milliseconds; the test turns it. */
  now: number;
  /** Every request, in order. */
  readonly calls: CallKind[] = [];
  /** Called before each request; may throw. */
  beforeCall: (kind: CallKind) => void = () => undefined;
  /** What becomes of a deletion; undefined leaves it to the cluster. */
  verdictOn: (operation: BulkOperation) => BulkVerdict | undefined = () => undefined;
  /** Ranges that were opened and not closed. */
  open = 0;
  readonly #versions: Version[] = [];
  readonly #numbers = new Map<string, number>();

  constructor(now: number) {
    this.now = now;
  }

  /** Writes or rewrites a document. */
  write(target: WriteTarget, source: JsonObject): void {
    this.#put(target, source);
  }

  /** A document that is made now, and that searches see after a while. */
  writeNow(id: string, delay = 0, more: JsonObject = {}): void {
    this.write({ id, delay }, { "@timestamp": iso(this.now), ...more });
  }

  /** A document that says it was made at another time. */
  writeAt(id: string, time: number): void {
    this.write({ id }, { "@timestamp": iso(time) });
  }

  remove(target: WriteTarget): void {
    this.#put(target, null);
  }

  #put({ index = "alerts", id, delay = 0, shard = 0 }: WriteTarget, source: JsonObject | null) {
    const place = `${index}#${shard}`;
    const seqNo = this.#numbers.get(place) ?? 0;
    this.#numbers.set(place, seqNo + 1);
    const visibleAt = this.now + delay;
    this.#versions.push({ index, id, source, seqNo, primaryTerm: 1, visibleAt });
  }

  /** The index as if it had never been. */
  dropIndex(index: string): void {
    for (let n = this.#versions.length - 1; n >= 0; n--)
      if (this.#versions[n]?.index === index) this.#versions.splice(n, 1);
    for (const place of this.#numbers.keys())
      if (place.startsWith(`${index}#`)) this.#numbers.delete(place);
  }

  /** What searches see. */
  visible(pattern = "*"): Visible[] {
    const newest = this.#newest(
      ({ visibleAt, index }) => visibleAt <= this.now && fits(index, pattern),
    );
    return newest.flatMap(({ source, ...each }) => (source ? { ...each, source } : []));
  }

  #newest(of: (version: Version) => boolean): Version[] {
    const newest = new Map<string, Version>();
    for (const version of this.#versions)
      if (of(version)) newest.set(`${version.index}/${version.id}`, version);
    return [...newest.values()];
  }

  /** The calls of a cluster that feeds use. */
  asCluster(): ElasticCluster {
    const calls: Pick<ElasticCluster, "name" | "search" | "readRange" | "readSequence" | "bulk"> = {
      name: "lab",
      search: (request) => this.#search(request),
      readRange: (request) => this.#readRange(request),
      readSequence: (request) => this.#readSequence(request),
      bulk: (operations) => this.#bulk(operations),
    };
    return calls as ElasticCluster;
  }

  async #call(kind: CallKind, signal?: AbortSignal): Promise<void> {
    this.calls.push(kind);
    await Promise.resolve();
    const aborted = { component: "cluster lab", message: "the request was cancelled" };
    if (signal?.aborted) throw fail("REQUEST_FAILED", { ...aborted, data: { reason: "reset" } });
    this.beforeCall(kind);
  }

  async #search({ index, body, signal }: SearchRequest): Promise<JsonObject> {
    await this.#call("search", signal);
    const query = body["query"] as JsonObject;
    const found = this.visible(index).filter((document) => matches(query, document));
    return { aggregations: aggregate(body["aggs"] as JsonObject, found) };
  }

  async *#readRange(request: RangeRequest): AsyncGenerator<readonly ElasticHit[], void, undefined> {
    const { index, since, until, pageSize = 1000, timeField = "@timestamp", signal } = request;
    this.open += 1;
    try {
      let found: Visible[] | undefined;
      for (let start = 0; ; start += pageSize) {
        await this.#call("page", signal);
        found ??= this.visible(index).filter(
          (each) =>
            timeOf(each, timeField) >= since &&
            timeOf(each, timeField) < until &&
            (request.filter ?? []).every((query) => matches(query, each)),
        );
        found.sort((a, b) => timeOf(a, timeField) - timeOf(b, timeField) || compareNames(a, b));
        const page = found.slice(start, start + pageSize);
        if (page.length === 0) return;
        yield page.map((each) => hitOf(each, timeOf(each, timeField), request));
      }
    } finally {
      this.open -= 1;
    }
  }

  async *#readSequence(
    request: SequenceRequest,
  ): AsyncGenerator<readonly ElasticHit[], void, undefined> {
    const { index, after, without, pageSize = 1000, signal } = request;
    let found: Visible[] | undefined;
    for (let start = 0; ; start += pageSize) {
      await this.#call("sequence", signal);
      found ??= this.visible(index).filter(
        (each) =>
          each.source[without] === undefined &&
          each.seqNo > after &&
          (request.filter ?? []).every((query) => matches(query, each)),
      );
      found.sort((a, b) => a.seqNo - b.seqNo || compareNames(a, b));
      const page = found.slice(start, start + pageSize);
      if (page.length === 0) return;
      yield page.map((each) => hitOf(each, Number.NaN, { ...request, versions: true }));
    }
  }

  async #bulk(operations: readonly BulkOperation[]): Promise<readonly BulkVerdict[]> {
    await this.#call("bulk");
    return operations.map((operation) => this.verdictOn(operation) ?? this.#delete(operation));
  }

  #delete(operation: BulkOperation): BulkVerdict {
    if (operation.kind !== "delete") throw new RangeError(`operation ${operation.kind}`);
    const { index, id, seqNo } = operation;
    const [newest] = this.#newest((version) => version.index === index && version.id === id);
    if (!newest?.source || newest.seqNo !== seqNo)
      return { status: 409, error: "version_conflict_engine_exception: required seqNo" };
    this.remove({ index, id });
    return { status: 200, error: null };
  }
}

function hitOf(
  { index, id, source, seqNo, primaryTerm }: Visible,
  time: number,
  { versions, source: wanted }: Pick<RangeRequest, "versions" | "source">,
): ElasticHit {
  const kept = Object.entries(source).filter(([name]) => wanted?.includes(name) ?? true);
  const _source = structuredClone(Object.fromEntries(kept));
  return { _index: index, _id: id, _source, time, ...(versions && { seqNo, primaryTerm }) };
}

function fits(index: string, pattern: string): boolean {
  return pattern
    .split(",")
    .some((part) => (part.endsWith("*") ? index.startsWith(part.slice(0, -1)) : index === part));
}

function compareNames(a: Visible, b: Visible): number {
  const [one, other] = [`${a.index}/${a.id}`, `${b.index}/${b.id}`];
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
