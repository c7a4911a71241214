/** Bodies of tests that come several times. */

/** The body with `{{ n }}` in its texts replaced by a number. */
export function fillBody(body: unknown, n: number): unknown {
  if (typeof body === "string") return body.replace(/\{\{\s*n\s*\}\}/g, String(n));
  if (Array.isArray(body)) return body.map((element) => fillBody(element, n));
  if (typeof body !== "object" || body === null) return body;
  return Object.fromEntries(Object.entries(body).map(([key, value]) => [key, fillBody(value, n)]));
}
