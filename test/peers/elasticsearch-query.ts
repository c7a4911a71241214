/** Documents of the fake Elasticsearch, and which of them a query fits. */

export type Json = Record<string, unknown>;

export interface StoredDocument {
  readonly _index: string;
  readonly _id: string;
  readonly _source: Json & { readonly "@timestamp"?: string };
  /** Unless told the next number of its index, when the engine first sees it. */
  readonly _seq_no?: number;
}

type Condition = (document: StoredDocument, clause: Json) => boolean;

const CONDITIONS: Readonly<Record<string, Condition>> = {
  bool: (document, { filter, must_not, should, ...rest }) => {
    const unknown = Object.keys(rest).filter((key) => key !== "minimum_should_match");
    if (unknown.length > 0) throw new RangeError(`unknown in bool: ${unknown.join()}`);
    const holds = (query: Json) => fits(document, query);
    const isLikely = should === undefined || listOf(should).some(holds);
    return isLikely && listOf(filter).every(holds) && !listOf(must_not).some(holds);
  },
  // As on a keyword, which is compared as a whole.
  match: ({ _source }, clause) =>
    Object.entries(clause).every(([field, value]) => valueAt(_source, field) === value),
  exists: ({ _source }, { field }) => valueAt(_source, field as string) !== undefined,
  term: ({ _source }, clause) =>
    Object.entries(clause).every(([field, value]) => valueAt(_source, field) === value),
  terms: ({ _source }, clause) =>
    Object.entries(clause).every(([field, values]) =>
      (values as unknown[]).includes(valueAt(_source, field)),
    ),
  range: (document, clause) =>
    Object.entries(clause).every(([field, limits]) =>
      isWithin(numberAt(document, field), limits as Json),
    ),
};

/** Throws a RangeError for a query that is not known. */
export function fits(document: StoredDocument, query: Json): boolean {
  const [name = "", clause] = Object.entries(query)[0] ?? [];
  const condition = CONDITIONS[name];
  if (!condition || Object.keys(query).length > 1) throw new RangeError(`unknown query ${name}`);
  return condition(document, clause as Json);
}

function listOf(queries: unknown): readonly Json[] {
  return queries === undefined ? [] : ([queries].flat() as Json[]);
}

function isWithin(value: number, { gte, gt, lt, format = "epoch_millis", ...rest }: Json): boolean {
  if (format !== "epoch_millis" || Object.keys(rest).length > 0)
    throw new RangeError(`unknown in range: ${JSON.stringify({ format, ...rest })}`);
  // Of what has no such field nothing is within.
  if (Number.isNaN(value)) return false;
  const [least, above, below] = [gte, gt, lt] as (number | undefined)[];
  if (least !== undefined && value < least) return false;
  if (above !== undefined && value <= above) return false;
  return below === undefined || value < below;
}

/** A number, or a date as epoch milliseconds; NaN without the field. */
export function numberAt({ _source, _seq_no = NaN }: StoredDocument, field: string): number {
  if (field === "_seq_no") return _seq_no;
  const value = valueAt(_source, field);
  return typeof value === "number" ? value : Date.parse(String(value));
}

/** What stands at a path, be it written flat or nested. */
function valueAt(source: Json, path: string): unknown {
  if (path in source) return source[path];
  const [first = "", ...rest] = path.split(".");
  const below = source[first];
  const isObject = typeof below === "object" && below !== null && !Array.isArray(below);
  return isObject && rest.length > 0 ? valueAt(below as Json, rest.join(".")) : undefined;
}
