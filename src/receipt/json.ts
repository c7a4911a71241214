/** Any value JSON can hold, as `JSON.parse` returns it. */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
export type JsonObject = { [name: string]: JsonValue };

/** True for a JSON object: neither null nor an array nor a scalar. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A member of a value; undefined when it has none of that name, or is no object at all. */
export function memberOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isJsonObject(value) ? value[name] : undefined;
}

/**
 * Sets a member of an object read from untrusted text. A plain assignment to `__proto__` would
 * change the prototype instead of adding a member.
 */
export function setMember(object: JsonObject, name: string, value: JsonValue): void {
  if (name !== "__proto__") {
    object[name] = value;
    return;
  }
  const own = { value, enumerable: true, configurable: true, writable: true };
  Object.defineProperty(object, name, own);
}

/**
 * True when containers are nested more than `limit` deep; a value that is itself a container
 * counts as one. Stops at the limit, so its own recursion is bounded however deep the value is.
 */
export function isDeeperThan(value: JsonValue, limit: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (limit === 0) return true;
  if (Array.isArray(value)) return value.some((item) => isDeeperThan(item, limit - 1));
  for (const name in value) {
    const member = value[name];
    if (typeof member === "object" && isDeeperThan(member, limit - 1)) return true;
  }
  return false;
}
