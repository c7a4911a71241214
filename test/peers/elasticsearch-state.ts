/** What the fake Elasticsearch holds. */
import { refuse, type Answer, type EngineKind, type View } from "./elasticsearch-search.ts";
import type { Json, StoredDocument } from "./elasticsearch-query.ts";

export interface EngineState {
  readonly kind: EngineKind;
  readonly documents: StoredDocument[];
  /** Indices that are there without a document. */
  readonly indices: Set<string>;
  /** The mapping of every index: types by field. */
  readonly fields: Map<string, string>;
  /** What the credentials may not: `read on siem-alert`, or `monitor` on the cluster. */
  readonly lacking: Set<string>;
  licence: string;
  /** What each point in time holds. */
  readonly open: Map<string, View>;
  opened: number;
  readonly searches: Json[];
  /** The number of each document, given when the engine first saw it. */
  readonly numbers: WeakMap<StoredDocument, number>;
  /** Index templates and lifecycle policies by name, as they were put there. */
  readonly templates: Map<string, Json>;
  readonly policies: Map<string, Json>;
  /** The index in which each data stream keeps its documents. */
  readonly streams: Map<string, string>;
  /** The next number of each index. */
  readonly next: Map<string, number>;
}

/** What is behind names and patterns; a refusal for a name that is not there or may not be read. */
export function select(state: EngineState, index: string): View | Answer {
  const views: View[] = [];
  for (const name of index.split(",")) {
    if (state.lacking.has(`read on ${name}`))
      return refuse(403, "security_exception", `action is unauthorized on indices [${name}]`);
    const view = selectName(state, name);
    if (view.shards === 0 && !name.includes("*"))
      return refuse(404, "index_not_found_exception", `no such index [${name}]`);
    views.push(view);
  }
  const documents = views.flatMap((view) => view.documents);
  return { documents, shards: views.reduce((sum, { shards }) => sum + shards, 0) };
}

function selectName(state: EngineState, name: string): View {
  const pattern = new RegExp(`^${name.replaceAll(".", "\\.").replaceAll("*", ".*")}$`);
  const documents = numbered(state).filter(({ _index }) => pattern.test(_index));
  const names = new Set([...documents.map(({ _index }) => _index), ...state.indices]);
  return { documents, shards: [...names].filter((each) => pattern.test(each)).length };
}

/** All documents with their numbers; one that is replaced is another one, as it is there. */
function numbered(state: EngineState): StoredDocument[] {
  return state.documents.map((document) => ({ ...document, _seq_no: numberOf(state, document) }));
}

/** The number of a document that is there. */
export function numberOf({ numbers, next }: EngineState, document: StoredDocument): number {
  const known = document._seq_no ?? numbers.get(document);
  if (known !== undefined) return known;
  const number = next.get(document._index) ?? 0;
  numbers.set(document, number);
  next.set(document._index, number + 1);
  return number;
}

/** Whether `select` found something. */
export function isView(found: View | Answer): found is View {
  return !Array.isArray(found);
}
