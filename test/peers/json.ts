/** Looking at JSON that a peer was sent. */

export type Json = Record<string, unknown>;

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object that a body is, or undefined. */
export function parseObject(body: string): Json | undefined {
  const value = parseJson(body);
  return isObject(value) ? value : undefined;
}

/** The value that a body is, or undefined. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}

/** Whether it has no members but these. */
export function hasOnly(object: Json, known: readonly string[]): boolean {
  return Object.keys(object).every((name) => known.includes(name));
}

/** A text of 1 to `max` UTF-16 units. */
export function isText(value: unknown, max = Number.POSITIVE_INFINITY): value is string {
  return typeof value === "string" && value.length >= 1 && value.length <= max;
}

/** An http or https URL. */
export function isUrl(value: unknown): value is string {
  return typeof value === "string" && /^https?:\/\//.test(value) && URL.canParse(value);
}

/** A list of 1 to `max` entries that pass. */
export function isList<T>(
  value: unknown,
  max: number,
  check: (each: unknown) => each is T,
): value is T[] {
  return Array.isArray(value) && value.length >= 1 && value.length <= max && value.every(check);
}
