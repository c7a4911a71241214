/**
 * The one accessor for Elastic documents; nothing else reaches into one by hand. The same field
 * comes flat (`"kibana.alert.rule.name"` as one key), nested, mixed, and as `fields` arrays, inside
 * a search hit or bare. Paths are resolved when asked for: a document is never expanded as a whole.
 */

/** Any JSON object; structurally the `JsonObject` of a decoded event. */
export type DocumentSource = Readonly<Record<string, unknown>>;

/**
 * Opens a document. Of a search hit `_source` is asked first, then `fields`, then the hit itself.
 * With `prefix` everything is read below that path (`json` for what an agent's HTTP input wrote).
 */
export function openDocument(raw: DocumentSource, prefix?: string): ElasticDocument {
  const roots = prefix === undefined ? [raw] : collect(raw, prefix).filter(isRecord);
  return new ElasticDocument(roots.flatMap(openHit));
}

function openHit(raw: DocumentSource): DocumentSource[] {
  return [raw["_source"], raw["fields"], raw].filter(isRecord);
}

export class ElasticDocument {
  readonly #roots: readonly DocumentSource[];
  /** The first segments of all keys: most paths asked for are not there, and this says so fast. */
  readonly #heads = new Set<string>();

  constructor(roots: readonly DocumentSource[]) {
    this.#roots = roots;
    for (const root of roots) for (const key of Object.keys(root)) this.#heads.add(headOf(key));
  }

  /**
   * All values at a path, arrays fanned out, nulls left out. Where a dotted key and a nested one
   * disagree the flat one wins. `{keyword: v}`, what Kibana's templates make of a field with a
   * multi-field, counts as `v`.
   */
  values(path: string): unknown[] {
    if (!this.#heads.has(headOf(path))) return [];
    for (const root of this.#roots) {
      const found = collect(root, path);
      if (found.length > 0) return found;
    }
    return [];
  }

  /** The first scalar at a path as trimmed text; null when there is none or it is blank. */
  text(path: string): string | null {
    for (const value of this.values(path)) {
      const text = toText(value);
      if (text !== null) return text;
    }
    return null;
  }

  /** All scalars at a path as trimmed texts, blanks left out. */
  texts(path: string): string[] {
    return this.values(path).flatMap((value) => toText(value) ?? []);
  }

  /** The first number at a path, also when written as text; null when there is none. */
  number(path: string): number | null {
    const text = this.text(path);
    const value = text === null ? Number.NaN : Number(text);
    return Number.isFinite(value) ? value : null;
  }

  /** The text at the first of the paths that has one. */
  first(...paths: readonly string[]): string | null {
    for (const path of paths) {
      const text = this.text(path);
      if (text !== null) return text;
    }
    return null;
  }

  /** Whether there is any value (not null) at a path. */
  has(path: string): boolean {
    return this.values(path).length > 0;
  }

  /** The first object at a path. */
  object(path: string): DocumentSource | null {
    return this.values(path).find(isRecord) ?? null;
  }
}

function headOf(path: string): string {
  const dot = path.indexOf(".");
  return dot < 0 ? path : path.slice(0, dot);
}

function collect(root: unknown, path: string): unknown[] {
  const found: unknown[] = [];
  walk(root, path, found);
  return found;
}

/**
 * Follows a path below a node. The longest prefix that is a key is tried first, so that flat keys
 * win; the first prefix that leads to a value ends the search.
 */
function walk(node: unknown, path: string, found: unknown[]): boolean {
  if (Array.isArray(node)) return walkArray(node, path, found);
  if (!isRecord(node)) return false;
  if (Object.hasOwn(node, path) && take(node[path], found)) return true;
  for (let dot = path.lastIndexOf("."); dot > 0; dot = path.lastIndexOf(".", dot - 1)) {
    const head = path.slice(0, dot);
    if (Object.hasOwn(node, head) && walk(node[head], path.slice(dot + 1), found)) return true;
  }
  return false;
}

function walkArray(items: readonly unknown[], path: string, found: unknown[]): boolean {
  const index = /^(\d{1,6})(?:\.|$)/.exec(path)?.[1];
  if (index !== undefined) {
    const rest = path.slice(index.length + 1);
    return rest === ""
      ? take(items[Number(index)], found)
      : walk(items[Number(index)], rest, found);
  }
  let any = false;
  for (const item of items) any = walk(item, path, found) || any;
  return any;
}

function take(value: unknown, found: unknown[]): boolean {
  if (value === null || value === undefined) return false;
  if (Array.isArray(value)) {
    let any = false;
    for (const item of value) any = take(item, found) || any;
    return any;
  }
  found.push(isRecord(value) ? unwrap(value) : value);
  return true;
}

function unwrap(value: DocumentSource): unknown {
  const keyword = value["keyword"];
  return typeof keyword === "string" && Object.keys(value).length === 1 ? keyword : value;
}

function toText(value: unknown): string | null {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value !== "string") return null;
  // U+0000 ends a text in SQLite.
  const text = (value.includes("\0") ? value.replaceAll("\0", "") : value).trim();
  return text === "" ? null : text;
}

function isRecord(value: unknown): value is DocumentSource {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
