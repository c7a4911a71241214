/**
 * Renders a template as Kibana's webhook connector does: text in double braces is escaped for JSON,
 * objects are written as JSON, the elements of a list stand one after the other with a comma between
 * them, every key with a dot is also there as nested objects, and what is not known is empty.
 * (elastic/kibana, actions/server/lib/mustache_renderer.ts.)
 */
type Json = unknown;

/** The text that Kibana would send. Knows variables only, which is all that the guides use. */
export function renderKibana(template: string, context: Json): string {
  const variables = expand(context);
  return template
    .replace(/\{\{\{\s*([\w.]+)\s*\}\}\}/g, (_, path: string) => textOf(look(variables, path)))
    .replace(/\{\{\s*([\w.]+)\s*\}\}/g, (_, path: string) =>
      JSON.stringify(textOf(look(variables, path))).slice(1, -1),
    );
}

/**
 * The document that the index connector would store: every text of the template is rendered by itself
 * and nothing is escaped, so what is a text in the template stays one. (The same place.)
 */
export function renderKibanaDocument(template: string, context: Json): Json {
  const variables = expand(context);
  return JSON.parse(template, (_, value: Json) =>
    typeof value === "string"
      ? value.replace(/\{\{\s*([\w.]+)\s*\}\}/g, (__, path: string) =>
          textOf(look(variables, path)),
        )
      : value,
  );
}

function expand(value: Json): Json {
  if (Array.isArray(value)) return value.map(expand);
  if (!isObject(value)) return value;
  const expanded: Record<string, Json> = {};
  for (const [key, child] of Object.entries(value)) expanded[key] = expand(child);
  for (const [key, child] of Object.entries(value)) {
    if (!key.includes(".")) continue;
    const nested = key.split(".").reduceRight((inner: Json, part) => ({ [part]: inner }), child);
    merge(expanded, nested as Record<string, Json>);
  }
  return expanded;
}

function merge(target: Record<string, Json>, source: Record<string, Json>): void {
  for (const [key, value] of Object.entries(source)) {
    const known = target[key];
    if (isObject(known) && isObject(value)) merge(known, value);
    else target[key] = value;
  }
}

function look(value: Json, path: string): Json {
  return path.split(".").reduce((node, part) => (isObject(node) ? node[part] : undefined), value);
}

function textOf(value: Json): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map(textOf).join(",");
  return typeof value === "string" ? value : JSON.stringify(value);
}

function isObject(value: Json): value is Record<string, Json> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
