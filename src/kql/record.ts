/** What a query is asked about. */

/** A document seen by field names with dots. All of it is read-only to queries. */
export interface KqlRecord {
  /** Values of a field, arrays fanned out; numbers, booleans, texts, dates. Empty when absent. */
  values(field: string): readonly unknown[];
  /** All names of fields that have a value, for wildcard names and terms without a field. */
  fields(): readonly string[];
  /** Elements of an array of objects (or the one object) at a field, for nested queries. */
  elements(field: string): readonly KqlRecord[];
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * A plain object as a record. Flat dotted keys, nested keys and arrays look alike: `host.name` is
 * found in `{"host.name": "a"}`, `{host: {name: "a"}}` and `{host: [{name: "a"}]}`. Nulls have no
 * value. Answers are remembered, so many queries over one record read it once; the object must not
 * change meanwhile. Anything but an object is an empty record.
 */
export function recordOf(object: unknown): KqlRecord {
  return new ObjectRecord(isFields(object) ? object : {});
}

class ObjectRecord implements KqlRecord {
  readonly #object: Fields;
  readonly #values = new Map<string, readonly unknown[]>();
  readonly #elements = new Map<string, readonly KqlRecord[]>();
  #fields: readonly string[] | undefined;

  constructor(object: Fields) {
    this.#object = object;
  }

  values(field: string): readonly unknown[] {
    return remember(this.#values, field, () => {
      const found: unknown[] = [];
      visitOwners(this.#object, field, (owner, key) => collectLeaves(ownValue(owner, key), found));
      return found;
    });
  }

  fields(): readonly string[] {
    if (this.#fields) return this.#fields;
    const found = new Set<string>();
    collectNames(this.#object, "", found);
    this.#fields = [...found];
    return this.#fields;
  }

  elements(field: string): readonly KqlRecord[] {
    return remember(this.#elements, field, () => {
      const found: Fields[] = [];
      visitOwners(this.#object, field, (owner, key) => {
        collectObjects(ownValue(owner, key), found);
        collectFlat(owner, `${key}.`, found);
      });
      return found.map(recordOf);
    });
  }
}

function remember<T>(answers: Map<string, T>, field: string, find: () => T): T {
  const known = answers.get(field);
  if (known !== undefined) return known;
  const found = find();
  answers.set(field, found);
  return found;
}

/**
 * Visits every object that may own a value at a path, with the rest of the path as its key, however
 * the names are divided between flat and nested keys.
 */
function visitOwners(
  node: unknown,
  path: string,
  visit: (owner: Fields, key: string) => void,
): void {
  if (Array.isArray(node)) {
    for (const element of node) visitOwners(element, path, visit);
    return;
  }
  if (!isFields(node)) return;
  visit(node, path);
  for (let dot = path.indexOf("."); dot !== -1; dot = path.indexOf(".", dot + 1)) {
    visitOwners(ownValue(node, path.slice(0, dot)), path.slice(dot + 1), visit);
  }
}

/** Never what an object inherits: a field may be called `constructor`. */
function ownValue(owner: Fields, key: string): unknown {
  return Object.hasOwn(owner, key) ? owner[key] : undefined;
}

function collectLeaves(value: unknown, found: unknown[]): void {
  if (Array.isArray(value)) {
    for (const element of value) collectLeaves(element, found);
  } else if (value !== null && value !== undefined && !isFields(value)) {
    found.push(value);
  }
}

function collectObjects(value: unknown, found: Fields[]): void {
  if (Array.isArray(value)) {
    for (const element of value) collectObjects(element, found);
  } else if (isFields(value)) {
    found.push(value);
  }
}

/** Flat keys below a path are one element: `{"host.name": …, "host.os": …}` has one `host`. */
function collectFlat(object: Fields, prefix: string, found: Fields[]): void {
  const below = Object.entries(object).filter(([key]) => key.startsWith(prefix));
  if (below.length === 0) return;
  found.push(Object.fromEntries(below.map(([key, value]) => [key.slice(prefix.length), value])));
}

function collectNames(value: unknown, name: string, found: Set<string>): void {
  if (Array.isArray(value)) {
    for (const element of value) collectNames(element, name, found);
  } else if (isFields(value)) {
    const prefix = name === "" ? "" : `${name}.`;
    for (const [key, member] of Object.entries(value)) collectNames(member, prefix + key, found);
  } else if (value !== null && value !== undefined) {
    found.add(name);
  }
}

function isFields(value: unknown): value is Fields {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date)
  );
}
